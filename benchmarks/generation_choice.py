"""Which way of GENERATE is best, judged on validation images: steps, δ, α and rounds, mean over runs (seeds).

For every setting the mean over RUNs of the Parzen nats of their validation images, and of a classifier's confidence;
every run on the engine it was trained with. Test images are not read.

    python benchmarks/generation_choice.py RUN [RUN ...] [--samples 1000] [--steps 1] [--delta 0.1,0.2]
        [--alpha 0.1,0.2,0.3] [--rounds 1,2,3,4]
"""

from __future__ import annotations

import argparse
from itertools import product

import numpy as np

from neuro_bpdl.generation.judging import judge_of
from neuro_bpdl.generation.samples import generate
from neuro_bpdl.theory.parzen import parzen
from neuro_bpdl.training.run_dir import RunDir


def main() -> None:
    """Parse, draw, judge, print the best first."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", nargs="+")
    parser.add_argument("--samples", type=int, default=1000)
    for name, default in (("steps", "1"), ("delta", "0.1,0.2"), ("alpha", "0.1,0.2,0.3"), ("rounds", "1,2,3,4")):
        parser.add_argument(f"--{name}", default=default)
    given = parser.parse_args()
    runs = [RunDir.open(path) for path in given.runs]
    judges = [judge_of(run, run.dataset()) for run in runs]
    rows = []
    for steps, delta, alpha, rounds in product(
        map(int, given.steps.split(",")), map(float, given.delta.split(",")),
        map(float, given.alpha.split(",")), map(int, given.rounds.split(",")),
    ):  # fmt: skip
        nats, sure = [], []
        for run, judge in zip(runs, judges, strict=True):
            inference = run.config.spec.inference.model_copy(update={"steps": steps, "delta": delta, "alpha": alpha})
            drawn = generate(run, given.samples, rounds=rounds, inference=inference)
            images = drawn.generated.reshape(given.samples, -1)
            nats.append(parzen(images, judge.validation, judge.validation).mean)
            sure.append(float(judge.classifier.predict_proba(images).max(axis=1).mean()))
        rows.append((float(np.mean(nats)), float(np.mean(sure)), steps, delta, alpha, rounds, nats))
        print(".", end="", flush=True)
    print(f"\n{drawn.label} and {len(runs) - 1} runs more, {drawn.data}, {given.samples} samples, validation images")
    for mean, confidence, steps, delta, alpha, rounds, nats in sorted(rows, reverse=True):
        print(f"N = {steps}, δ = {delta:g}, α = {alpha:g}, {rounds} rounds: {mean:.1f} nats "
              f"({' / '.join(f'{one:.1f}' for one in nats)}), confidence {confidence:.3f}")  # fmt: skip


if __name__ == "__main__":
    main()
