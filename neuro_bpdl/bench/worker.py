"""One case in a process of its own: ``python -m neuro_bpdl.bench.worker``, a Case as JSON on stdin, numbers on stdout.

Its own process, because memory has a peak and BLAS a number of threads per process.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from typing import Any

import numpy as np

from neuro_bpdl.bench.cases import Case
from neuro_bpdl.bench.floors import blas_seconds, in_order_seconds, memory_seconds
from neuro_bpdl.engines.eager import EagerSimulator
from neuro_bpdl.errors import SimulationError
from neuro_bpdl.kernels.factory import learning_program
from neuro_bpdl.parameters import initial_parameters
from neuro_bpdl.spec import InferenceSpec, NetworkSpec, PlasticitySpec

INFERENCE = InferenceSpec(steps=15)
PLASTICITY = PlasticitySpec(learning_rate=0.015)
ACTIVE = 0.25  # pixels that are not black, as in MNIST
WINDOW = 10  # images: long enough for a clock, short enough to fall between two interruptions
READY, GO = "ready", "go"


def measure(case: Case, started: Any = lambda: None) -> dict[str, float]:
    """Time a case with learning.

    Parameters
    ----------
    started : callable
        Called when everything is compiled and set up, before the clock starts.

    Returns
    -------
    dict
        Seconds, synaptic operations and time steps per image, the floors in
        seconds per image, and the peak of memory in MiB.
    """
    program = learning_program(case.engine, NetworkSpec.of(case.sizes), INFERENCE.steps)
    simulator = _simulator(case)
    rng = np.random.default_rng(0)
    images = rng.random((3 * case.images, case.sizes[0])) * (rng.random((3 * case.images, case.sizes[0])) < ACTIVE)
    if case.backend == "eager":
        simulator.learn(images, np.arange(2 * case.batch), 0)
        started()
        before = blas_seconds(program, window=WINDOW)
        seconds = _eager_seconds(simulator, case, images)
        blas = min(before, blas_seconds(program, window=WINDOW))
    else:
        simulator.learn(images, np.arange(1), 0)  # compiles and imports what later runs inherit
        started()
        seconds, blas = _lava_seconds(simulator, case, images), blas_seconds(program, window=WINDOW)
    peaks = [resource.getrusage(who).ru_maxrss / 1024 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return {
        "seconds": seconds,
        "operations": simulator.counts.synaptic_operations,
        "time_steps": len(program),
        "blas": blas,
        "in_order": in_order_seconds(program, window=WINDOW),
        "peak_mib": max(peaks),  # before the memory floor, which takes its own
        "memory": memory_seconds(program, 2 if case.arithmetic == "fixed" else 4),
    }


def _simulator(case: Case) -> Any:
    make: Any = EagerSimulator
    if case.backend == "lava":
        from neuro_bpdl.engines.lava.simulator import LavaSimulator

        make = LavaSimulator
    params = initial_parameters(NetworkSpec.of(case.sizes), seed=0)
    return make(params, INFERENCE, PLASTICITY, case.engine, batch=case.batch, seed=0)


def _eager_seconds(simulator: Any, case: Case, images: np.ndarray) -> float:
    """Per image: the shortest window of a run; the mean where several processes share the machine."""
    marks = [(0, time.perf_counter())]
    order = np.arange(case.images // case.batch * case.batch)
    simulator.learn(images, order, 2, lambda done: marks.append((done, time.perf_counter())))
    images_done, when = np.array(marks).T
    apart = max(1, WINDOW // case.batch) if case.processes == 1 else len(marks) - 1
    return float(((when[apart:] - when[:-apart]) / (images_done[apart:] - images_done[:-apart])).min())


def _lava_seconds(simulator: Any, case: Case, images: np.ndarray) -> float:
    """Per image: a second, longer run takes out Lava's start-up."""
    short, long = (_timed(simulator, images, n * case.images) for n in (1, 3))
    if long <= short:
        raise SimulationError(
            f"{case.name}: {3 * case.images} images took {long:.3g} s, {case.images} took {short:.3g} s; the machine "
            "is too busy to time this: run it on an idle one"
        )
    return (long - short) / (2 * case.images)


def _timed(simulator: Any, images: np.ndarray, n: int) -> float:
    start = time.perf_counter()
    simulator.learn(images, np.arange(n), 0)
    return time.perf_counter() - start


def _wait() -> None:
    print(READY, flush=True)
    sys.stdin.readline()


def main() -> None:
    """Measure the case on stdin, after a line that says go."""
    fields = json.loads(sys.stdin.readline())
    print(json.dumps(measure(Case(**{**fields, "sizes": tuple(fields["sizes"])}), _wait)), flush=True)


if __name__ == "__main__":
    main()
