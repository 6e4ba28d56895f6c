"""Does stock Lava learn what the fixed-point engine learns, at full size? A spot check, to the bit.

Takes the network of the plan "fixed" from DIR (trains it when it is not there),
lets it learn a few more images on Lava's composed model, which is stock
LearningDense between layer processes, and on the eager engine with the same
rounding, and compares every weight, bias and variance; then what both infer.

    python benchmarks/composed_check.py --out DIR [--images 4] [--seed 0]

DIR is that of ``neuro-bpdl reproduce``. Needs Lava.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

import numpy as np

from neuro_bpdl.engines.registry import make_simulator
from neuro_bpdl.experiments.networks import Trained
from neuro_bpdl.experiments.registry import Bench
from neuro_bpdl.experiments.settings import full
from neuro_bpdl.parameters import Parameters
from neuro_bpdl.spec import EngineSpec

ENGINES = {
    "eager": EngineSpec(backend="eager", arithmetic="fixed", rounding="shared"),
    "Lava composed": EngineSpec(backend="lava", model="composed", arithmetic="fixed", rounding="shared"),
}


def main() -> None:
    """Read the command line, run both, say where they differ."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--images", type=int, default=4)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    settings = full(given.seed)
    bench = Bench(settings, given.out / "full")
    network = bench.network(settings.plan("fixed"))
    found = {name: learned(network, engine, bench.validation[: given.images]) for name, engine in ENGINES.items()}
    (a, top_a), (b, top_b) = found.values()
    differ = sum(int((x != y).sum()) for x, y in zip(arrays(a), arrays(b), strict=True))
    moved = sum(int((x != y).sum()) for x, y in zip(arrays(a), arrays(network.params), strict=True))
    sizes = "-".join(map(str, network.params.network.sizes))
    print(f"{sizes}, fixed point, seed {given.seed}, {given.images} validation images of mnist: {moved} numbers "
          f"learned something, {differ} differ between eager and Lava composed; "
          f"inferred tops differ in {int((top_a != top_b).sum())} of {top_a.size}")  # fmt: skip
    raise SystemExit(int(differ > 0 or bool((top_a != top_b).any())))


def learned(network: Trained, engine: EngineSpec, images: np.ndarray) -> tuple[Parameters, np.ndarray]:
    """Parameters after learning the images on an engine, and the tops that it then infers."""
    run, began = network.plan.run, time.perf_counter()
    settings = {"batch": 1, "seed": run.training.seed}
    simulator = make_simulator(engine, network.params, run.inference, run.plasticity, **settings)
    simulator.learn(images, np.arange(len(images)), 0)
    tops = simulator.infer(images).h[-1]
    params = simulator.parameters()
    print(f"{engine.backend}: {time.perf_counter() - began:.1f} s", flush=True)
    return params, np.asarray(tops)


def arrays(params: Parameters) -> list[Any]:
    """Everything that learning changes."""
    return [*params.F, *params.b, *params.G, *params.c, params.variance]


if __name__ == "__main__":
    main()
