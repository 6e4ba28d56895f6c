"""A presentation of the theory engine beside the products of matrices in it: how much is not BLAS.

    OPENBLAS_NUM_THREADS=1 python benchmarks/theory_speed.py --repeats 60

Recipe `generative` (784-1000-100, float32, minibatches of 100) on random images of which a quarter of the pixels is not
black, seed 0. Presentation and bare products take turns, in the processor's time (others on the machine cost less of it
than of a clock's), and the shortest of each counts.
"""

from __future__ import annotations

import argparse
import time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.bench.floors import best
from neuro_bpdl.parameters import Parameters, initial_parameters
from neuro_bpdl.recipes import read_recipe
from neuro_bpdl.spec import RunSpec
from neuro_bpdl.theory.learning import present

Array = NDArray[Any]
Product = tuple[Array, Array]


def products(params: Parameters, h: list[Array], steps: int) -> list[Product]:
    """The factors of every product of one presentation, in its order (Algorithm 2, then Eq 1)."""
    layers = range(1, params.network.depth + 1)
    up = [(h[layer - 1], params.F[layer - 1].T) for layer in layers]
    down = [(h[layer], params.G[layer - 1].T) for layer in layers]
    # f_1(x) of a clamped image stays; each step reflects every layer, and brings what the others are told from below.
    step = [*down, *up, *up[1:]]
    changes = [pair for layer in layers for pair in ((h[layer].T, h[layer - 1]), (h[layer - 1].T, h[layer]))]
    return [*up, *steps * step, *up, *down, *changes]


def measure(spec: RunSpec, pixels: int, repeats: int) -> tuple[float, float]:
    """Seconds of the processor for a presentation, and for its products alone."""
    rng, batch = np.random.default_rng(0), spec.training.batch or 1
    params = initial_parameters(spec.network(pixels), spec.training.seed).astype(np.float32)
    h = [rng.random((batch, n), dtype=np.float32) for n in params.network.sizes]
    h[0] *= rng.random(h[0].shape) < 0.25
    work = products(params, h, spec.inference.steps)
    learned, alone = [], []
    for presentation in range(repeats):
        learned.append(best(lambda k=presentation: present(
            params, h[0], spec.inference, spec.plasticity, seed=spec.training.seed, presentation=k
        ), 1, time.process_time))  # fmt: skip
        alone.append(best(lambda: [a @ b for a, b in work], 1, time.process_time))
    return min(learned), min(alone)


def main() -> None:
    """Print the ratio."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=60)
    spec = RunSpec(**read_recipe("generative").fields)
    learned, alone = measure(spec, 784, parser.parse_args().repeats)
    images = (spec.training.batch or 1) / learned
    print(f"theory, float32, 784-1000-100, batch {spec.training.batch}, seed 0: {images:,.0f} images/s; a presentation "
          f"{1e3 * learned:.1f} ms, its products alone {1e3 * alone:.1f} ms, ratio {learned / alone:.2f}")  # fmt: skip


if __name__ == "__main__":
    main()
