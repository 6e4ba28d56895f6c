"""One engine while it learns, beside its floors, in the processor's time: for a machine that does other things as well.

    OPENBLAS_NUM_THREADS=1 python benchmarks/cpu_speed.py --arithmetic fixed --batch 20 --threads 2

The case and the images are those of `neuro-bpdl bench`, which a clock times. What counts is the time of the calling
thread, of the shortest of all presentations; where threads share a batch it is the one that has most to do. The floors
are the same products by numpy, each matrix again and again, and in the network's order.
"""

from __future__ import annotations

import argparse
import time

import numpy as np

from neuro_bpdl.bench.cases import Case
from neuro_bpdl.bench.floors import best, blas_seconds, in_order_seconds
from neuro_bpdl.bench.worker import ACTIVE, INFERENCE, PLASTICITY
from neuro_bpdl.kernels.factory import learning_program, make_network
from neuro_bpdl.parameters import initial_parameters
from neuro_bpdl.spec import NetworkSpec

TURN = 5  # presentations in a row, then the floors: each warms the caches that the other has cooled


def milliseconds(case: Case, presentations: int) -> tuple[float, float, float]:
    """Per image: the engine, the floor, the floor in order; they take turns."""
    network = NetworkSpec.of(case.sizes)
    program = learning_program(case.engine, network, INFERENCE.steps)
    kernel = make_network(
        case.engine, initial_parameters(network, 0), INFERENCE, PLASTICITY, program, batch=case.batch, seed=0
    )
    rng, engine, floors = np.random.default_rng(0), [], []
    for k in range(presentations):
        images = rng.random((case.batch, case.sizes[0])) * (rng.random((case.batch, case.sizes[0])) < ACTIVE)
        feed = kernel.to_feed(images)
        engine.append(best(lambda feed=feed, k=k: kernel.present(k, feed), 1, time.thread_time) / case.batch)
        if k % TURN == 0:
            floors.append([floor(program, TURN, 1, time.thread_time) for floor in (blas_seconds, in_order_seconds)])
    floor, in_order = np.min(floors, axis=0)
    return 1e3 * min(engine[2:]), 1e3 * float(floor), 1e3 * float(in_order)  # the first two compile and warm up


def main() -> None:
    """Print one case."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--layers", default="500,100")
    parser.add_argument("--arithmetic", choices=("float", "fixed"), default="fixed")
    parser.add_argument("--batch", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--presentations", type=int, default=60)
    given = parser.parse_args()
    sizes = (784, *map(int, given.layers.split(",")))
    case = Case(sizes, "eager", given.arithmetic, batch=given.batch, threads=given.threads)
    engine, floor, in_order = milliseconds(case, given.presentations)
    print(f"{case.name}: {engine:.3f} ms an image, floor {floor:.3f} ({engine / floor:.2f} times), in the network's "
          f"order {in_order:.3f} ({engine / in_order:.2f} times)")  # fmt: skip


if __name__ == "__main__":
    main()
