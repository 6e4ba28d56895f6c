"""One number of a target, with its unit, its source and how sure it is."""

from __future__ import annotations

from typing import Literal

import pydantic

from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.hardware.fields import UNITS
from neuro_bpdl.record import Spec

Confidence = Literal["measured", "published", "modelled", "unknown"]


class Entry(Spec, frozen=True):
    """One number of a target: value and unit as the source prints them.

    An entry of confidence "unknown" has no value, and only such an entry.
    """

    value: bool | int | float | None = None
    unit: str
    source: str
    confidence: Confidence

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
        return self

    @property
    def amount(self) -> float | None:
        """The value in base units (bits, joules, seconds, watts, counts); None when unknown."""
        return None if self.value is None else float(self.value) * UNITS[self.unit][1]
