"""This package's fixed point: called (shared draws, or one per synapse), or as one process of Lava (fused).

The package has no free-standing layer of this kind: the loop (layer.py) is the benchmark's, its arithmetic is the
package's and, with shared draws, stock Lava's to the bit.
"""

from __future__ import annotations

import resource
import sys
import time
from importlib.metadata import version
from typing import Any

import numpy as np

LEAST = 1.0  # seconds: shorter runs are repeated, and their mean is taken


def main(data: str, out: str, seed: int, variant: str) -> None:
    """Build, run, save."""
    began = time.perf_counter()
    found = in_lava(data, began) if variant == "fused" else called(data, began, variant == "shared", seed)
    kind = {"fused": "Lava fused, shared draws", "shared": "called, shared draws"}.get(variant, "called, own draws")
    np.savez(out, about=f"neuro-bpdl {version('neuro-bpdl')}, fixed point, {kind}", **found)


def called(data: str, began: float, shared: bool, seed: int) -> dict[str, Any]:
    """The loop alone."""
    from layer import draws, run

    with np.load(data) as file:
        d = dict(file)
    drawn = draws(len(d["spikes"]))
    run({**d, "spikes": d["spikes"][:2]}, drawn, shared=shared, seed=seed)  # compiles, or loads what was compiled
    build, began, cpu, times = time.perf_counter() - began, time.perf_counter(), time.process_time(), 0
    while times == 0 or time.perf_counter() - began < LEAST:
        weights, fired = run(d, drawn, shared=shared, seed=seed)
        times += 1
    seconds, cpu = (time.perf_counter() - began) / times, (time.process_time() - cpu) / times
    return {"build": build, "seconds": seconds, "cpu": cpu, "weights": weights, "fired": fired}


def in_lava(data: str, began: float) -> dict[str, Any]:
    """The loop in one Lava process."""
    from fused import Fused, fused_config

    from neuro_bpdl.engines.lava.shared import SharedArray
    from neuro_bpdl.engines.lava.supervisor import LavaRun

    with np.load(data) as file:
        d = dict(file)
    weights, fired = SharedArray(d["weights"].shape, np.int16), SharedArray(1, np.int64)
    process = Fused(data=d, weights=weights, fired=fired)
    with LavaRun(process, fused_config(), timeout=600) as run:
        build, began = time.perf_counter() - began, time.perf_counter()
        run.steps(len(d["spikes"]))
        seconds = time.perf_counter() - began
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return {"build": build, "seconds": seconds, "cpu": used.ru_utime + used.ru_stime, "weights": weights.array.copy(),
            "fired": int(fired.array[0])}  # fmt: skip


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4])
