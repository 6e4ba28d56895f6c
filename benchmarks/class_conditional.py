"""Are images of a class taken for that class by a classifier that has seen only real images?

Draws images of every label from a run of the recipe joint, as they come from p(h_L|y) and after its rounds of GENERATE
with the label clamped, and counts those that five nearest neighbours among the run's training images (on 50 principal
components) take for the class that was asked for. A line for each prior.

    python benchmarks/class_conditional.py RUN [--images 30] [--priors mixture,gaussian] [--seed 0]
"""

from __future__ import annotations

import argparse

import numpy as np

from neuro_bpdl.generation.judging import judge_of
from neuro_bpdl.generation.samples import generate
from neuro_bpdl.training.run_dir import RunDir


def main() -> None:
    """Parse, draw, count, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run")
    parser.add_argument("--images", type=int, default=30, help="of each class")
    parser.add_argument("--priors", default="mixture,gaussian")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    run = RunDir.open(given.run)
    dataset = run.dataset()
    judge = judge_of(run, dataset)
    real = (judge.labels_of(dataset.test) == dataset.labels("test")).mean()
    for prior in given.priors.split(","):
        known: dict[str, list[bool]] = {"directed": [], "GENERATE": []}
        for label in range(run.config.spec.classes):
            drawn = generate(run, given.images, label=label, prior=prior, seed=given.seed + label)  # type: ignore[arg-type]
            for name, images in (("directed", drawn.directed), ("GENERATE", drawn.generated)):
                flat = images.reshape(given.images, -1).astype(np.float32)
                known[name] += (judge.labels_of(flat) == label).tolist()
        shares = ", ".join(f"{name} {100 * np.mean(found):.0f} %" for name, found in known.items())
        print(f"{run.config.data.name}, {prior} prior, {drawn.rounds} rounds, {drawn.label}: {shares} "
              f"of {len(known['directed'])} images; {100 * real:.1f} % of real test images", flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
