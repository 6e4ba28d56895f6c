"""The benchmark's cases: engines, arithmetics and sizes, timed while learning image by image."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from neuro_bpdl.backends.eager import EagerSimulator
from neuro_bpdl.bench.floors import best, blas_seconds, memory_seconds
from neuro_bpdl.errors import SimulationError
from neuro_bpdl.kernels.factory import learning_program
from neuro_bpdl.kernels.warm_up import warm_up
from neuro_bpdl.parameters import initial_parameters
from neuro_bpdl.spec import EngineSpec, InferenceSpec, NetworkSpec, PlasticitySpec

INFERENCE = InferenceSpec(steps=15)
PLASTICITY = PlasticitySpec(learning_rate=0.015)
ACTIVE = 0.25  # pixels that are not black, as in MNIST
SMALL, MEDIUM, LARGE = (784, 200, 64), (784, 500, 100), (784, 1000, 100)
REPEATS = 5
SUITES = ("fused", "eager", "all")


@dataclass(frozen=True)
class Case:
    """One engine on one network; ``images`` are presented in one timed call."""

    sizes: tuple[int, ...]
    backend: str
    arithmetic: str
    model: str = "fused"
    rounding: str = "per-synapse"
    batch: int = 1
    images: int = 100

    @property
    def engine(self) -> EngineSpec:
        """Its engine."""
        return EngineSpec(
            backend=self.backend, model=self.model, arithmetic=self.arithmetic, rounding=self.rounding  # type: ignore[arg-type]
        )

    def __str__(self) -> str:
        parts = [self.backend, self.model if self.backend == "lava" else "", self.arithmetic]
        return " ".join(part for part in parts if part) + f" {'-'.join(map(str, self.sizes))}, batch {self.batch}"


@dataclass(frozen=True)
class Timing:
    """What one case reached. ``vs_blas``: time per image over that of the BLAS floor; 1 is the floor."""

    case: Case
    images_per_second: float
    time_steps_per_second: float
    synaptic_operations_per_second: float
    peak_memory_mib: float
    blas_floor_ms: float
    memory_floor_ms: float
    vs_blas: float

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


def suite(name: str) -> list[Case]:
    """The cases of "fused" (what Lava's models cost), "eager" (size, depth and batch) or "all"."""
    fused = [
        Case(SMALL, "lava", "float", images=200),
        Case(SMALL, "lava", "float", "composed", images=2),
        Case(MEDIUM, "lava", "fixed", rounding="shared", images=200),
        Case(MEDIUM, "lava", "fixed", "composed", "shared", images=1),
    ]
    eager = [
        *(Case(sizes, "eager", kind) for sizes in ((64, 100, 20), SMALL, MEDIUM, LARGE) for kind in ("float", "fixed")),
        Case((784, 500, 200, 100), "eager", "fixed"),
        *(Case(MEDIUM, "eager", kind, batch=batch, images=80) for kind in ("float", "fixed") for batch in (4, 20)),
    ]
    return {"fused": fused, "eager": eager, "all": [*fused, *eager]}[name]


def run_suite(name: str, progress: Callable[[str], None] = lambda line: None) -> dict[str, Any]:
    """Time every case of a suite.

    Returns
    -------
    dict
        ``compile_seconds``, ``cases`` (a Timing each) and ``ratios``: fused
        over composed, in time steps per second, per arithmetic.
    """
    compiled = warm_up()
    progress(f"numba: {compiled:.1f} s to compile, or to load what it had compiled before")
    timings = []
    for case in suite(name):
        timings.append(measure(case))
        progress(f"{case}: {timings[-1].images_per_second:.4g} images/s, {timings[-1].vs_blas:.2f} x the BLAS floor")
    return {
        "suite": name,
        "compile_seconds": compiled,
        "cases": [timing.to_dict() for timing in timings],
        "ratios": ratios(timings),
    }


def ratios(timings: Sequence[Timing]) -> dict[str, float]:
    """Fused over composed, in time steps per second, per network and arithmetic that has both."""
    speed = {
        (t.case.sizes, t.case.arithmetic, t.case.model): t.time_steps_per_second
        for t in timings
        if t.case.backend == "lava"
    }
    return {
        f"fused / composed, {arithmetic} {'-'.join(map(str, sizes))}": steps / speed[sizes, arithmetic, "composed"]
        for (sizes, arithmetic, model), steps in speed.items()
        if model == "fused" and (sizes, arithmetic, "composed") in speed
    }


def measure(case: Case) -> Timing:
    """Time a case with learning. Lava's start-up is taken out by a second, longer run."""
    program = learning_program(case.engine, len(case.sizes) - 1, INFERENCE.steps)
    simulator = _simulator(case)
    seconds = _seconds_per_image(simulator, case)
    blas = blas_seconds(case.sizes, program)
    counts = simulator.counts
    operations = 0.0 if counts is None else counts.synaptic_operations
    return Timing(
        case,
        images_per_second=1 / seconds,
        time_steps_per_second=len(program) / seconds,
        synaptic_operations_per_second=operations / seconds,
        peak_memory_mib=_peak_memory_mib(),
        blas_floor_ms=1e3 * blas,
        memory_floor_ms=1e3 * memory_seconds(case.sizes, program, 2 if case.arithmetic == "fixed" else 8),
        vs_blas=seconds / blas,
    )


def _simulator(case: Case) -> Any:
    make: Any = EagerSimulator
    if case.backend == "lava":
        from neuro_bpdl.backends.lava.simulator import LavaSimulator

        make = LavaSimulator
    params = initial_parameters(NetworkSpec.of(case.sizes), seed=0)
    return make(params, INFERENCE, PLASTICITY, case.engine, batch=case.batch, seed=0)


def _seconds_per_image(simulator: Any, case: Case) -> float:
    rng = np.random.default_rng(0)
    total = 3 * case.images
    images = rng.random((total, case.sizes[0])) * (rng.random((total, case.sizes[0])) < ACTIVE)
    if case.backend == "eager":  # nothing to start: as the floor, the shortest of several
        return best(lambda: simulator.learn(images, np.arange(case.images), 0), REPEATS) / case.images
    short, long = (_timed(simulator, images, n * case.images) for n in (1, 3))
    if long <= short:
        raise SimulationError(
            f"{case}: {3 * case.images} images took {long:.3g} s, {case.images} took {short:.3g} s; the machine is too "
            "busy to time this: run it on an idle one"
        )
    return (long - short) / (2 * case.images)


def _timed(simulator: Any, images: np.ndarray, n: int) -> float:
    start = time.perf_counter()
    simulator.learn(images, np.arange(n), 0)
    return time.perf_counter() - start


def _peak_memory_mib() -> float:
    """Of this process so far, or of its largest child: Lava's models run in children."""
    peaks = [resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return max(peaks) / 1024
