"""What the benchmark times: engines, arithmetics, sizes, batches, threads and processes, while they learn."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from neuro_bpdl.spec import EngineSpec

TINY, SMALL, MEDIUM, LARGE = (64, 100, 20), (784, 200, 64), (784, 500, 100), (784, 1000, 100)
DEEP = (784, 500, 200, 100)
SUITES = ("fused", "eager", "threads", "all")


@dataclass(frozen=True)
class Case:
    """One engine on one network.

    Attributes
    ----------
    batch : int
        Replicas that share an update.
    threads : int
        Of BLAS in float, of the engine in fixed point.
    processes : int
        Networks that learn at the same time, each in its own process.
    images : int
        Presented in one timed call.
    """

    sizes: tuple[int, ...]
    backend: str
    arithmetic: str
    model: str = "fused"
    rounding: str = "per-synapse"
    batch: int = 1
    threads: int = 1
    processes: int = 1
    images: int = 200

    @property
    def engine(self) -> EngineSpec:
        """Its engine; floats have 32 bits, as those of the floors have."""
        return EngineSpec(
            backend=self.backend, model=self.model, arithmetic=self.arithmetic, rounding=self.rounding,
            precision="float64" if self.arithmetic == "fixed" else "float32",
            threads=self.threads if self.arithmetic == "fixed" else 1,
        )  # type: ignore[arg-type]  # fmt: skip

    @property
    def name(self) -> str:
        """For a table: engine, sizes and what is not 1."""
        parts = [self.backend, self.model if self.backend == "lava" else "", self.arithmetic]
        parts.append("-".join(map(str, self.sizes)))
        for number, what in ((self.batch, "replicas"), (self.threads, "threads"), (self.processes, "processes")):
            parts.append(f"{number} {what}" if number > 1 else "")
        return " ".join(part for part in parts if part)


@dataclass(frozen=True)
class Timing:
    """What one case reached.

    Attributes
    ----------
    images_per_second, time_steps_per_second, synaptic_operations_per_second : float
        Of all processes together.
    peak_memory_mib : float
        Of the process that ran it and nothing else, or of its largest child: Lava's models run in children.
    blas_floor_ms, memory_floor_ms : float
        Per image: see `neuro_bpdl.bench.floors`; with the case's threads.
    vs_blas : float
        A process's time per image over that of its BLAS floor; 1 is the floor.
    vs_in_order : float
        The same over the floor of products in the program's order.
    """

    case: Case
    images_per_second: float
    time_steps_per_second: float
    synaptic_operations_per_second: float
    peak_memory_mib: float
    blas_floor_ms: float
    memory_floor_ms: float
    vs_blas: float
    vs_in_order: float

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {"name": self.case.name, **asdict(self)}


def suite(name: str) -> list[Case]:
    """The cases of "fused" (what Lava's models cost), "eager" (size, depth, batch), "threads" or "all"."""
    fused = [
        Case(TINY, "lava", "float", images=600),
        Case(TINY, "lava", "float", "composed", images=40),
        Case(SMALL, "lava", "float", images=400),
        Case(SMALL, "lava", "float", "composed", images=10),
        Case(MEDIUM, "lava", "fixed", rounding="shared", images=1000),
        Case(MEDIUM, "lava", "fixed", "composed", "shared", images=1),
    ]
    eager = [
        *(Case(sizes, "eager", kind) for sizes in (TINY, SMALL, MEDIUM, LARGE) for kind in ("float", "fixed")),
        *(Case(DEEP, "eager", kind) for kind in ("float", "fixed")),
        *(Case(MEDIUM, "eager", kind, batch=batch) for kind in ("float", "fixed") for batch in (4, 20)),
    ]
    threads = [
        *(Case(MEDIUM, "eager", kind, batch=20, threads=n) for kind in ("float", "fixed") for n in (1, 2)),
        *(Case(MEDIUM, "eager", kind, processes=n, images=400) for kind in ("float", "fixed") for n in (1, 2)),
    ]
    return {"fused": fused, "eager": eager, "threads": threads, "all": [*fused, *eager, *threads]}[name]
