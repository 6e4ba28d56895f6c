"""One number of a target, with its unit, its source and how sure it is."""

from __future__ import annotations

from typing import Literal

import pydantic
from pydantic import Field

from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.hardware.fields import UNITS
from neuro_bpdl.spec.base import Spec

Confidence = Literal["measured", "published", "fitted", "scaled", "derived", "modelled", "unknown"]
BANDED = ("scaled",)  # grades that are nothing without a band


class Entry(Spec, frozen=True):
    """One number of a target: value and unit as the source prints them.

    An entry of confidence "unknown" has no value, and only such an entry.
    ``low`` and ``high`` are the ends of its band, in the same unit; a scaled
    number must have one. ``quote`` is a few words of the source.
    """

    value: bool | int | float | None = None
    unit: str
    source: str
    confidence: Confidence
    low: float | None = None
    high: float | None = None
    quote: str = Field(default="", max_length=160)

    @pydantic.model_validator(mode="after")
    def _consistent(self) -> Entry:
        if self.unit not in UNITS:
            raise InvalidInput("Entry.unit", self.unit, f"one of {', '.join(UNITS)}")
        if not self.source.strip():
            raise InvalidInput("Entry.source", self.source, "a source", "say where the number comes from")
        if self.confidence == "unknown" and self.value is not None:
            raise InvalidInput("Entry.value", self.value, "no value when confidence is 'unknown'",
                               "remove the value, or name its source and confidence")
        if self.confidence != "unknown" and self.value is None:
            raise InvalidInput("Entry.value", None, f"a value when confidence is '{self.confidence}'",
                               "give the value, or say confidence = 'unknown'")
        self._check_band()
        return self

    def _check_band(self) -> None:
        if (self.low is None) != (self.high is None) or (self.low is None and self.confidence in BANDED):
            raise InvalidInput("Entry.low", self.low, "low and high together; a scaled number has both",
                               "give both ends of the band")
        if self.low is not None and self.high is not None and (
            self.value is None or not self.low <= self.value <= self.high
        ):
            raise InvalidInput("Entry.low", self.low, f"a band around the value {self.value}")

    @property
    def band(self) -> tuple[float, float] | None:
        """Ends of the band in base units; the value twice without one, None when unknown."""
        if self.amount is None:
            return None
        ends = (self.value, self.value) if self.low is None or self.high is None else (self.low, self.high)
        return tuple(float(end or 0) * UNITS[self.unit][1] for end in ends)  # type: ignore[return-value]

    @property
    def amount(self) -> float | None:
        """The value in base units (bits, joules, seconds, watts, counts); None when unknown."""
        return None if self.value is None else float(self.value) * UNITS[self.unit][1]
