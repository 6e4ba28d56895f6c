"""What each engine can do: the one place that knows, for specs, commands and reports.

A new engine is a row here, a factory in `neuro_bpdl.engines.registry` and the file with its simulator.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from neuro_bpdl.errors import InvalidInput


@dataclass(frozen=True)
class Capabilities:
    """One engine, by its name on the command line (``compare --backends``).

    Attributes
    ----------
    name, backend, model : str
        Its name, and the two fields of an `EngineSpec` that ask for it.
    arithmetics, precisions, roundings, orders : tuple of str
        Values it has of `EngineSpec.arithmetic`, `EngineSpec.precision` (in float), `EngineSpec.rounding` (its
        first is its default) and `InferenceSpec.order`.
    langevin : bool
        Noise in every inference step.
    batch : bool
        Several images share one update. Without it, one image is presented at a time.
    learns : bool
    labels : bool
        It learns with labels and classifies.
    joint : bool
        It learns images and labels in one network, and is told labels while it draws or fills in.
    counts : bool
        Events per image: messages, synaptic operations, updates.
    clips : bool
        In fixed point it counts the numbers that did not fit.
    exact : bool
        In float it equals theory up to the rounding of float64.
    slow : bool
        So slow that measurements take a few images.
    spikes : bool
        In fixed point messages may be trains of binary spikes (`EngineSpec.code`).
    two_factors : bool
        Synapses may learn from pairs of spikes alone (`EngineSpec.factors`).
    changes : bool
        In fixed point units may send changes only (`EngineSpec.sends`).
    threads : bool
        In fixed point several threads may share a batch (`EngineSpec.threads`).
    """

    name: str
    backend: str
    model: str = "fused"
    arithmetics: tuple[str, ...] = ("float",)
    precisions: tuple[str, ...] = ("float64",)
    roundings: tuple[str, ...] = ("per-synapse", "shared")
    orders: tuple[str, ...] = ("simultaneous",)
    langevin: bool = False
    batch: bool = True
    learns: bool = True
    labels: bool = True
    joint: bool = False
    counts: bool = False
    clips: bool = False
    exact: bool = False
    slow: bool = False
    spikes: bool = False
    two_factors: bool = False
    changes: bool = False
    threads: bool = False

    def require(
        self, argument: str, value: object, allowed: str, what: str, has: Callable[[Capabilities], bool]
    ) -> None:
        """Refuse ``value`` of ``argument`` unless this engine has what it needs.

        Parameters
        ----------
        allowed : str
            What this engine has instead.
        what : str
            The capability in words.
        has : callable
            Whether an engine has it.

        Raises
        ------
        InvalidInput
            Names the engine, the capability and the engines that have it.
        """
        if not has(self):
            others = ", ".join(engine.name for engine in ENGINES.values() if has(engine))
            raise InvalidInput(argument, value, f"{allowed} on the engine {self.name}", f"{what}: {others}")

    def require_joint(self) -> None:
        """Refuse images and labels in one network where they are not learned; as `require`."""
        what = "images and labels in one network"
        self.require("engine", self.name, f"no {what}", what, lambda one: one.joint)

    def require_batch(self, batch: int) -> None:
        """Refuse several images per update where there is one replica; as `require`."""
        self.require("batch", batch, "1", "several images per update", lambda other: batch == 1 or other.batch)


_BOTH, _TYPES = ("float", "fixed"), ("float64", "float32")
ENGINES: dict[str, Capabilities] = {
    engine.name: engine
    for engine in (
        Capabilities("theory", "theory", precisions=_TYPES, orders=("simultaneous", "sequential"), langevin=True,
                     joint=True, exact=True),
        Capabilities("eager", "eager", arithmetics=_BOTH, precisions=_TYPES, joint=True, counts=True, clips=True,
                     exact=True, spikes=True, two_factors=True, changes=True, threads=True),
        Capabilities("lava", "lava", arithmetics=_BOTH, precisions=_TYPES, joint=True, counts=True, clips=True,
                     exact=True, spikes=True, two_factors=True, changes=True),
        # stock LearningDense: one draw for a whole matrix, and no counter of what it clips
        Capabilities("lava-composed", "lava", "composed", arithmetics=_BOTH, roundings=("shared",), batch=False,
                     joint=True, counts=True, slow=True, spikes=True, two_factors=True, changes=True),
        Capabilities("nengo", "nengo", "rate"),
        # a nudge of 2^-8 drowns in spikes
        Capabilities("nengo-poisson", "nengo", "poisson", labels=False, slow=True),
        Capabilities("nengo-regular", "nengo", "regular", labels=False, slow=True),
        Capabilities("nengo-lif", "nengo", "lif", labels=False, slow=True),
    )
}  # fmt: skip


def models_of(backend: str) -> tuple[str, ...]:
    """The models of a backend; the first is its default."""
    return tuple(engine.model for engine in ENGINES.values() if engine.backend == backend)


def capabilities_of(backend: str, model: str) -> Capabilities:
    """The engine that an `EngineSpec` or a `Label` names; a label's empty model is the only one there is.

    Raises
    ------
    InvalidInput
        The backend has no such model.
    """
    for engine in ENGINES.values():
        if engine.backend == backend and engine.model == (model or engine.model):
            return engine
    owners = ", ".join(engine.backend for engine in ENGINES.values() if engine.model == model)
    raise InvalidInput("EngineSpec.model", model, f"{', '.join(models_of(backend))} with the backend {backend}",
                       f"{model}: the backend {owners}")  # fmt: skip
