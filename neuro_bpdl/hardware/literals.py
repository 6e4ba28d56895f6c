"""What a rule's literal becomes on a chip; δ and α are `neuro_bpdl.numbers.steps`."""

from __future__ import annotations

from dataclasses import dataclass

from neuro_bpdl.hardware.target import Target


@dataclass(frozen=True)
class LiteralRange:
    """Positive literals mantissa · 2^exponent, mantissa 1 … ``mantissa_max``."""

    mantissa_max: int
    exponent_min: int
    exponent_max: int

    @property
    def smallest(self) -> float:
        """Smallest positive literal."""
        return 2.0**self.exponent_min

    @property
    def largest(self) -> float:
        """Largest literal."""
        return self.mantissa_max * 2.0**self.exponent_max


def literal_range(target: Target) -> LiteralRange | None:
    """The target's positive literals, or None when unknown."""
    ends = [target.limit(name) for name in ("mantissa_max", "exponent_min", "exponent_max")]
    if ends[0] is None or ends[1] is None or ends[2] is None:
        return None
    return LiteralRange(int(ends[0]), int(ends[1]), int(ends[2]))


def learning_literal(value: float, ranges: LiteralRange) -> tuple[int, int] | None:
    """(mantissa, exponent) of the literal nearest to ``value`` > 0; of equals the smaller mantissa.

    None when the value would round to 0 or lies above the largest literal.
    """
    if value < ranges.smallest / 2 or value > ranges.largest:
        return None
    literals = (
        (abs(mantissa * 2.0**exponent - value), mantissa, exponent)
        for exponent in range(ranges.exponent_min, ranges.exponent_max + 1)
        for mantissa in range(1, ranges.mantissa_max + 1)
    )
    _, mantissa, exponent = min(literals)
    return mantissa, exponent

