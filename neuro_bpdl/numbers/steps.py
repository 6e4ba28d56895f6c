"""δ and α in fixed point: a mantissa of 4 bits and a shift, and a soma that has room for them."""

from __future__ import annotations

from dataclasses import dataclass

from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.numbers import widths


@dataclass(frozen=True)
class Step:
    """δ or α as mantissa · 2^-shift."""

    mantissa: int
    shift: int

    @property
    def value(self) -> float:
        """What the integers stand for."""
        return self.mantissa * 2.0**-self.shift

    @property
    def pair(self) -> tuple[int, int]:
        """(mantissa, shift)."""
        return self.mantissa, self.shift


SMALLEST = 2.0**-widths.SOMA_FRACTION_BITS


def computed_step(value: float) -> float:
    """A step that a program computed for itself, as fixed point can have it: 0 instead of one too small to move."""
    return value if value >= SMALLEST / 2 else 0.0


def quantized_step(name: str, value: float) -> Step:
    """The nearest mantissa · 2^-shift with a mantissa of at most 4 bits.

    Raises
    ------
    InvalidInput
        A positive ``value`` that moves a soma by less than half its last bit
        when the difference is one payload.
    """
    if value == 0:
        return Step(0, 0)
    if value < SMALLEST / 2:
        raise InvalidInput(name, value, f"0 or at least {SMALLEST:.3g} in fixed point", f"use {SMALLEST:.3g} or 0")
    steps = [
        Step(mantissa, shift)
        for shift in range(widths.STEP_SHIFT_MAX + 1)
        for mantissa in range(1, 2**widths.STEP_MANTISSA_BITS)
    ]
    return min(steps, key=lambda step: (abs(step.value - value), step.mantissa))


def check_soma_width(delta: float, alpha: float, fraction_bits: int = widths.SOMA_FRACTION_BITS) -> None:
    """Refuse settings under which h + δ(p − q) + α(r − h) needs more than the soma's 24 bits.

    Raises
    ------
    InvalidInput
    """
    limit = 2 ** (widths.SOMA_BITS - 1) - 1
    reach = (widths.PAYLOAD_MAX << fraction_bits) * (1 + delta + alpha)
    if reach > limit:
        fits = fraction_bits
        while (widths.PAYLOAD_MAX << fits) * (1 + delta + alpha) > limit:
            fits -= 1
        raise InvalidInput(
            "soma state", f"{reach:.0f}", f"at most {limit} ({widths.SOMA_BITS} bits)", f"use {fits} fraction bits"
        )
