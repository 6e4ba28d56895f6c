"""The learning rate as Lava's learning engine can express it, exactly.

A literal is m · 2^e with e = −7 … 8; Lava allows m = 1 … 7. The engine scales a
product of two traces by 1/8, the trace x1 is half the payload, and y1, y2
count V̇ in payload units, so

    rate = m · 2^e / 8 · (127 / 2h_pre) · (127 / h_post) · 2^−(u+6)

with h the activity that the largest payload stands for and 2^−(u+6) what one
unit of the tag stands for. Where V̇ comes times φ′ it is shifted by φ′ over its
largest value; that value itself divides the rate here.

That 1/8 drops 3 bits of every product m · x1 · y, always downwards: a drift of
every synapse that learning cannot undo where x1 is small. V̇ is therefore
written in multiples of 8/gcd(m, 8), rounded stochastically, which leaves
nothing to drop. Mantissas 4 and 6 need the smallest multiples, 2 and 4; others
are used only where the exponent has ended.

Where messages are spikes the rule is m · 2^e · x0 · y at every one of them. The
engine does not scale a single trace, so nothing is dropped and

    rate = m · 2^e · (127 / h_post) · 2^−(u+6) / a

with a the activity that one spike stands for. Where V̇ is told in spikes, the
rule is m · 2^e · (y0 · x1 − x0 · y1) with traces of 1 at a pair, V̇ is a
probability out of 127, and the rate 127 times smaller.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.numbers import widths

FINE_MANTISSAS = (4, 6)
# Carries one weight unit out of the tag where it is beyond the threshold. The
# order matters: with it no product saturates the accumulator on the way.
_T, _HALF = widths.CARRY_THRESHOLD, widths.CARRY_BITS - 1
WEIGHT_RULE = f"2^-1*u0*sgn(t+{_T})+2^-1*u0*sgn(t-{_T})"
TAG_CARRY = f"-2^{_HALF}*u0*sgn(t-{_T})-2^{_HALF}*u0*sgn(t+{_T})"


@dataclass(frozen=True)
class Literal:
    """m · 2^e in a rule; ``spikes`` where it is applied at every spike of a train, ``paired`` where V̇ is spikes too.

    Attributes
    ----------
    requested, rate : float
        The learning rate that was asked for and the one that this gives.
    """

    mantissa: int
    exponent: int
    requested: float
    rate: float
    spikes: bool = False
    paired: bool = False

    @property
    def rule(self) -> str:
        """S_pre · V̇ as a sum of products, in Lava's grammar."""
        literal = f"2^{self.exponent}" if self.mantissa == 1 else f"{self.mantissa}*2^{self.exponent}"
        if self.paired:
            return f"{literal}*y0*x1-{literal}*x0*y1"
        pre = "x0" if self.spikes else "x0*x1"
        return f"{literal}*{pre}*y1-{literal}*{pre}*y2"

    @property
    def tag_rule(self) -> str:
        """dt: S_pre · V̇ into the tag, what is carried out of it."""
        return f"{TAG_CARRY}+{self.rule}"

    @property
    def swing_bits(self) -> int:
        """V̇ is written in multiples of 2^swing_bits payloads."""
        return 0 if self.spikes else _swing_bits(self.mantissa)

    @property
    def left_shift(self) -> int:
        """Bits by which the engine shifts a product up in the accumulator."""
        return self.exponent - widths.LITERAL_EXPONENT_MIN

    def __str__(self) -> str:
        return f"learning rate {self.rate:.4g} for {self.requested:.4g} ({self.mantissa}*2^{self.exponent})"


def literal(
    name: str, rate: float, *, unit_exponent: int, high_pre: float = 1.0, high_post: float = 1.0, slope: float = 1.0,
    spike: float = 0.0, paired: bool = False,
) -> Literal:
    """The literal whose learning rate is nearest to ``rate``, in ratio.

    Parameters
    ----------
    name : str
        The matrix, for the error.
    unit_exponent : int
        u: a weight of 1 stands for 2^-u.
    high_pre, high_post : float
        Activity of the largest payload of the two layers.
    slope : float
        The largest φ′ where the rule has it.
    spike : float
        Activity that one spike stands for; 0 where payloads are graded.
    paired : bool
        V̇ is told in spikes.

    Raises
    ------
    InvalidInput
        The rate is more than a factor √2 below the smallest that a literal
        gives, or above the largest that a tag can hold.
    """
    scale = rate_per_literal(
        unit_exponent=unit_exponent, high_pre=high_pre, high_post=high_post, slope=slope, spike=spike, paired=paired
    )
    values = _values(bool(spike))
    smallest, largest = values[0][0] * scale, values[-1][0] * scale
    if not smallest / 2**0.5 <= rate <= largest * 2**0.5:
        nearest = smallest if rate < smallest else largest
        raise InvalidInput(
            f"learning rate of {name}", rate, f"{smallest:.3g} to {largest:.3g} in fixed point", f"use {nearest:.3g}"
        )
    value, mantissa, exponent = min(values, key=lambda v: (_ratio(v[0] * scale, rate), v[1]))
    return Literal(mantissa, exponent, rate, value * scale, bool(spike), paired)


def smallest_rate(*, spike: float = 0.0, **scales: Any) -> float:
    """The smallest learning rate that a literal gives; arguments as `literal`'s."""
    return _values(bool(spike))[0][0] * rate_per_literal(spike=spike, **scales)


def rate_per_literal(
    *, unit_exponent: int, high_pre: float = 1.0, high_post: float = 1.0, slope: float = 1.0, spike: float = 0.0,
    paired: bool = False,
) -> float:
    """The learning rate of the literal 1; arguments as `literal`'s."""
    if spike:
        swing = 1 if paired else widths.PAYLOAD_MAX  # what the largest V̇ counts
        return swing / high_post * 2.0 ** -(unit_exponent + widths.CARRY_BITS) / spike / slope
    traces = widths.PAYLOAD_MAX / (2 * high_pre) * widths.PAYLOAD_MAX / high_post
    return traces * 2.0 ** -(widths.PRODUCT_SHIFT + unit_exponent + widths.CARRY_BITS) / slope


def _ratio(a: float, b: float) -> float:
    return max(a / b, b / a)


def _swing_bits(mantissa: int) -> int:
    return widths.PRODUCT_SHIFT - ((mantissa & -mantissa).bit_length() - 1)


@lru_cache(maxsize=2)
def _values(spikes: bool = False) -> list[tuple[float, int, int]]:
    """All (m · 2^e, m, e), ascending, with which the smallest V̇ does not yet saturate a tag.

    At a spike that V̇ is 1, and every mantissa is as good as another.
    """
    if spikes:
        exponents = range(widths.LITERAL_EXPONENT_MIN, widths.LITERAL_EXPONENT_MAX + 1)
        mantissas = range(2 ** (widths.LITERAL_MANTISSA_BITS - 1) - 1, 0, -1)
        found = {m * 2.0**e: (m * 2.0**e, m, e) for e in exponents for m in mantissas}
        return sorted(value for value in found.values() if value[0] <= widths.TAG_MAX)
    lowest = widths.LITERAL_EXPONENT_MIN
    pairs = [(m, lowest) for m in range(1, FINE_MANTISSAS[0])]
    pairs += [(m, e) for e in range(lowest, widths.LITERAL_EXPONENT_MAX + 1) for m in FINE_MANTISSAS]
    full_trace = (widths.PAYLOAD_MAX + 1) // 2
    return [
        (m * 2.0**e, m, e)
        for m, e in pairs
        if m * 2.0**e * full_trace * 2 ** _swing_bits(m) / 2**widths.PRODUCT_SHIFT <= widths.TAG_MAX
    ]
