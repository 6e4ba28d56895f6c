"""What a hardware rule looks at, and what it finds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from neuro_bpdl.hardware.mapping import Mapping
from neuro_bpdl.hardware.options import MapOptions
from neuro_bpdl.hardware.target import Target
from neuro_bpdl.spec import EngineSpec, InferenceSpec, NetworkSpec, PlasticitySpec, TrainingSpec


@dataclass(frozen=True)
class Violation:
    """One broken limit: which rule, where, what it got, what is allowed, who says so, what would fit.

    ``layer`` is None when the whole network or run is meant.
    """

    rule: str
    layer: int | None
    value: str
    limit: str
    source: str
    change: str

    def __str__(self) -> str:
        place = "network" if self.layer is None else f"layer {self.layer}"
        return f"{self.rule}: {place}: got {self.value}, limit {self.limit} [{self.source}]; {self.change}"


@dataclass(frozen=True)
class Case:
    """What is to be run; parts that are None are not checked. ``mapping`` or ``obstacle`` follows from it."""

    network: NetworkSpec
    target: Target
    inference: InferenceSpec | None = None
    plasticity: PlasticitySpec | None = None
    training: TrainingSpec | None = None
    engine: EngineSpec | None = None
    options: MapOptions = field(default_factory=MapOptions)
    mapping: Mapping | None = None
    obstacle: str = ""

    def broken(self, rule: str, limit_name: str, value: object, limit: object, change: str,
               *, layer: int | None = None) -> list[Violation]:
        """One violation of a number of the target file."""
        return [Violation(rule, layer, str(value), str(limit), self.target.source(limit_name), change)]


Rule = Callable[[Case], list[Violation]]
