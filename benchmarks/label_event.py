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

from neuro_bpdl.kernels.factory import learning_program, make_network
from neuro_bpdl.parameters import Parameters
from neuro_bpdl.spec import EngineSpec, InferenceSpec, LabelSpec, PlasticitySpec
from neuro_bpdl.spec.labels import NUDGE_MAX_DEEP
from neuro_bpdl.theory.teaching import teach
from neuro_bpdl.training.labelled import learned_rows
from neuro_bpdl.training.run_dir import RunDir

Array = NDArray[Any]
ENGINE = EngineSpec(arithmetic="fixed")


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
    print(f"{run.config.data.name}, {len(rows)} labels, {ENGINE.arithmetic} per-synapse against theory, "
          f"seed {spec.training.seed}; cosine (length)")  # fmt: skip
    for nudge in range(NUDGE_MAX_DEEP + 1):
        network = params.network.taught.model_copy(update={"labels": LabelSpec(nudge=nudge)})
        found = _compared(replace(params.taught, network=network), rule, rows)
        shown = ", ".join(f"{name} {cosine:.3f} ({length:.2f})" for name, (cosine, length) in found.items())
        print(f"β = 2^-{nudge}: {shown}", flush=True)


def _compared(params: Parameters, rule: PlasticitySpec, rows: Array) -> dict[str, tuple[float, float]]:
    """By matrix: the cosine between the two summed changes, and their lengths' ratio."""
    program, pixels = learning_program(ENGINE, params.network, 1), params.network.sizes[0]
    kernel = make_network(ENGINE, params, InferenceSpec(), rule, program, batch=1, seed=0)
    begin, memory = kernel.to_parameters(params), kernel.memory.copy()
    sums: list[list[Array]] = [[np.zeros_like(part) for part in _taught(begin)] for _ in range(2)]
    for k in range(len(rows)):
        row, wanted = rows[k : k + 1], begin.copy()
        kernel.memory[:] = memory
        kernel.present(k, kernel.to_feed(row))
        teach(wanted, row[:, :pixels], row[:, pixels:], rule)
        for total, learned in zip(sums, (kernel.to_parameters(params), wanted), strict=True):
            for part, a, b in zip(total, _taught(learned), _taught(begin), strict=True):
                np.add(part, a - b, out=part)
    depth = params.network.depth
    names = [*(f"F_{layer}" for layer in range(1, depth + 1)), *(f"G_{layer}" for layer in range(2, depth + 1))]
    return {name: _alike(*pair) for name, pair in zip(names, zip(*sums, strict=True), strict=True)}


def _taught(params: Parameters) -> list[Array]:
    """F_1 … F_L, G_2 … G_L."""
    return [*params.F, *params.G[1:]]


def _alike(found: Array, expected: Array) -> tuple[float, float]:
    lengths = np.linalg.norm(found), np.linalg.norm(expected)
    return float((found * expected).sum() / lengths[0] / lengths[1]), float(lengths[0] / lengths[1])


if __name__ == "__main__":
    main()
