"""What a comparison found, with a verdict per row."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.agreement.measures import Largest
from neuro_bpdl.agreement.tolerances import STILL_MOVING, Tolerance
from neuro_bpdl.engines.protocol import Label

Array = NDArray[Any]


@dataclass(frozen=True)
class Check:
    """One row: a quantity, its value, its limit, and whether it holds."""

    quantity: str
    where: str
    value: float
    limit: float
    at_least: bool

    @property
    def holds(self) -> bool:
        """Whether the value is on the right side of the limit; NaN never is."""
        return self.value >= self.limit if self.at_least else self.value <= self.limit

    def __str__(self) -> str:
        return f"{self.quantity} {self.where}: {self.value:.4g}, allowed {'≥' if self.at_least else '≤'} {self.limit:g}"


@dataclass(frozen=True)
class LayerAgreement:
    """A hidden layer at the end of inference, against theory.

    ``dead`` and ``saturated`` count the ``units`` that stay at the low or the
    high end of their range for every image. ``unit`` is the activity that
    differences are judged by (`tolerances.unit_of`).
    """

    layer: int
    r: float
    rmse: float
    largest: Largest
    last_step: float
    units: int
    dead: int
    saturated: int
    unit: float = 1.0

    @property
    def still_moving(self) -> bool:
        """Whether inference stopped before this layer came to rest."""
        return self.last_step > STILL_MOVING


@dataclass
class EngineAgreement:
    """One engine against theory.

    Attributes
    ----------
    layers : list of LayerAgreement, l = 1…L
    terms : dict of term → list of N + 1 floats
        The objective's terms after every inference step, in nats per image.
    term_difference : dict of term → float
        Relative to theory, at the end of inference.
    updates : dict of matrix name → float
        Cosine of the first change of F_l and G_l to theory's.
    h : list of (images, n_l)
        The final state; with labels, that of one pass upwards.
    generated, inpainted : (shown, n_0)
    seconds : float
        Everything this engine was asked to do, its start-up included.
    same_answers : float or None
        With labels: the share of images that this engine and theory give the same one.
    """

    name: str
    label: Label
    tolerance: Tolerance
    layers: list[LayerAgreement]
    terms: dict[str, list[float]]
    term_difference: dict[str, float]
    updates: dict[str, float]
    h: list[Array] = field(repr=False)
    generated: Array = field(repr=False)
    inpainted: Array = field(repr=False)
    seconds: float = 0.0
    same_answers: float | None = None

    def checks(self) -> list[Check]:
        """Every measured quantity that has a tolerance."""
        limits = self.tolerance
        rows = []
        for layer in self.layers:
            least = 1 - (1 - limits.r) * layer.unit
            rows.append(Check("r", f"h_{layer.layer}", layer.r, least, at_least=True))
            rows.append(Check("rmse", f"h_{layer.layer}", layer.rmse, limits.rmse * layer.unit, at_least=False))
        for term, value in self.term_difference.items():
            rows.append(Check("objective", term, value, limits.objective, at_least=False))
        for name, value in self.updates.items():
            rows.append(Check("cosine", f"Δ{name}", value, limits.cosine, at_least=True))
        return rows

    @property
    def holds(self) -> bool:
        """Whether every check holds."""
        return all(check.holds for check in self.checks())

    @property
    def moving(self) -> list[str]:
        """The layers that were still moving at the last step."""
        return [f"h_{layer.layer}" for layer in self.layers if layer.still_moving]

    def to_dict(self) -> dict[str, Any]:
        """For JSON: numbers only, no images."""
        return {
            "engine": self.name, **self.label.to_dict(), "seconds": self.seconds, "holds": self.holds,
            "layers": [{**asdict(layer), "still_moving": layer.still_moving} for layer in self.layers],
            "objective": self.terms, "objective_difference": self.term_difference, "update_cosine": self.updates,
            "checks": [{**asdict(check), "holds": check.holds} for check in self.checks()],
            "tolerance_reason": self.tolerance.reason, "still_moving": self.moving,
            **({} if self.same_answers is None else {"same_answers": self.same_answers}),
        }  # fmt: skip


@dataclass(repr=False)
class Agreement:
    """Every engine against theory on the same images.

    Attributes
    ----------
    images : (images, n_0)
    masked : (shown, n_0)
        What inpainting started from.
    missing : (shown, n_0) bool
    theory : EngineAgreement
        The reference, compared with itself.
    engines : list of EngineAgreement
    """

    images: Array
    masked: Array
    missing: NDArray[np.bool_]
    theory: EngineAgreement
    engines: list[EngineAgreement]

    def __repr__(self) -> str:
        names, missed = ", ".join(engine.name for engine in self.engines), len(self.missed())
        verdict = "every tolerance kept" if not missed else f"{missed} tolerances missed"
        return f"<Agreement of {names} with theory on {len(self.images)} images: {verdict}>"

    @property
    def taught(self) -> bool:
        """Whether this was a network with labels: it answers, and draws nothing."""
        return self.theory.same_answers is not None

    @property
    def holds(self) -> bool:
        """Whether every tolerance is kept by every engine."""
        return all(engine.holds for engine in self.engines)

    def missed(self) -> list[str]:
        """One line for every tolerance that is not kept."""
        return [f"{e.name}: {check}" for e in self.engines for check in e.checks() if not check.holds]

    def moving(self) -> list[str]:
        """One line for every layer of every engine that was still moving at the last step."""
        return [
            f"{engine.name}: h_{layer.layer} still moves {100 * layer.last_step:.1f} % of its path in the last step"
            for engine in (self.theory, *self.engines)
            for layer in engine.layers
            if layer.still_moving
        ]

    def nearest(self) -> list[str]:
        """The engines by their worst rmse of a layer, nearest to theory first."""
        return [e.name for e in sorted(self.engines, key=lambda e: max(layer.rmse for layer in e.layers))]

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "images": len(self.images), "holds": self.holds, "missed": self.missed(), "still_moving": self.moving(),
            "nearest_first": self.nearest(), "theory": self.theory.to_dict(),
            "engines": [engine.to_dict() for engine in self.engines],
        }  # fmt: skip
