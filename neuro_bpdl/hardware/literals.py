"""What a rule's literal becomes on a chip; δ and α are `neuro_bpdl.numbers.steps`."""

from __future__ import annotations

from dataclasses import dataclass

from neuro_bpdl.hardware.target import Target
from neuro_bpdl.kernels.fixed.matrix import learning_matrices, slopes
from neuro_bpdl.spec import NetworkSpec, PlasticitySpec


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



@dataclass(frozen=True)
class MatrixRate:
    """What a matrix is to learn at: the field that says so, and the rate that the literal 1 would give it."""

    matrix: str
    field: str
    rate: float
    per_literal: float


def rates(network: NetworkSpec, plasticity: PlasticitySpec, per_literal: float | None = None) -> list[MatrixRate]:
    """The rates of F_1 … F_L and G_1 … G_L; one ``per_literal`` for all, or what the fixed-point model has for each."""
    up, down = learning_matrices(network, plasticity)
    of_up = "learning_rate" if plasticity.feedforward_rate is None else "feedforward_rate"
    fields = [*[of_up] * len(up), *["learning_rate"] * len(down)]
    wanted = (*plasticity.rates_up(network.depth), *plasticity.rates_down(network.depth))
    rows = zip((*up, *down), fields, wanted, slopes(network, plasticity), strict=True)
    return [
        MatrixRate(matrix.name, field, rate, per_literal or matrix.rate_per_literal(slope))
        for matrix, field, rate, slope in rows
    ]
