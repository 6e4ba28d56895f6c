"""What is left in integers of the event that teaches a label: each matrix's mean change beside theory's.

For a trained run with labels, alone or with images: its training images are presented with their labels, each from the
run's own weights, and the changes are added up, in fixed point and in theory. Printed for every β that the network may
have: the cosine between the two sums, and the ratio of their lengths (rounding makes the first one longer).

    python benchmarks/label_event.py RUN [--images 300]
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.agreement.lessons import ENGINE, summed_lessons
from neuro_bpdl.agreement.measures import cosine
from neuro_bpdl.spec import LabelSpec
from neuro_bpdl.spec.labels import NUDGE_MAX_DEEP
from neuro_bpdl.training.labelled import learned_rows
from neuro_bpdl.training.run_dir import RunDir

Array = NDArray[Any]


def main() -> None:
    """Parse, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run")
    parser.add_argument("--images", type=int, default=300)
    given = parser.parse_args()
    run = RunDir.open(given.run)
    spec, params = run.config.spec, run.checkpoint().params
    rule = spec.plasticity.teaching if spec.joint else spec.plasticity
    rows = learned_rows(spec, run.dataset())[: given.images]
    print(f"{run.config.data.name}, {len(rows)} labels, {ENGINE.arithmetic} {ENGINE.rounding} against theory, "
          f"seed {spec.training.seed}; cosine (length)")  # fmt: skip
    for nudge in range(NUDGE_MAX_DEEP + 1):
        network = params.network.taught.model_copy(update={"labels": LabelSpec(nudge=nudge)})
        summed = summed_lessons(replace(params.taught, network=network), rule, rows)
        shown = ", ".join(f"{name} {cosine(*pair):.3f} ({_longer(*pair):.2f})" for name, pair in summed.items())
        print(f"β = 2^-{nudge}: {shown}", flush=True)


def _longer(found: Array, expected: Array) -> float:
    return float(np.linalg.norm(found) / np.linalg.norm(expected))


if __name__ == "__main__":
    main()
