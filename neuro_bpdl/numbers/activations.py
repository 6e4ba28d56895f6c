"""The compartments' transfer functions φ (and ψ): value, slope and range.

A slope is written as a function of the *output* p = φ(z): a compartment knows
its own rate, not its net input.

Those of straight `Pieces` need shifts, additions and comparisons only, and so
have a form in fixed point. ``pwl-sigmoid`` is the PLAN approximation of the
logistic function (Amin, Curtis & Hayes-Gill 1997) with its outer ends at
4.875 instead of 5, which makes it continuous; ``pwl-softplus`` is softplus in
the same manner.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.errors import InvalidInput

Array = NDArray[Any]
RELU_CEILING = 4.0
SOFTPLUS_CEILING = 8.0


@dataclass(frozen=True)
class Pieces:
    """A continuous, rising curve of straight pieces that starts at 0 and ends at ``high``.

    Attributes
    ----------
    knots : ascending net inputs at which a piece begins; below the first the curve is 0
    slope_bits : the slope of each piece is 2^-slope_bits
    high : float
        Where the last piece ends.
    """

    knots: tuple[float, ...]
    slope_bits: tuple[int, ...]
    high: float

    @property
    def slopes(self) -> Array:
        """Slope of each piece."""
        return 2.0 ** -np.array(self.slope_bits, np.float64)

    @property
    def starts(self) -> Array:
        """The curve at each knot."""
        return np.concatenate(([0.0], np.cumsum(self.slopes[:-1] * np.diff(self.knots))))

    @property
    def end(self) -> float:
        """The net input at which the curve reaches ``high``."""
        return float(self.knots[-1] + (self.high - self.starts[-1]) / self.slopes[-1])

    def value(self, z: Array) -> Array:
        """φ(z)."""
        steeper = np.diff(self.slopes, prepend=0.0)
        terms = (z.dtype.type(s) * np.maximum(z - z.dtype.type(k), 0) for s, k in zip(steeper, self.knots, strict=True))
        return np.clip(sum(terms), 0, z.dtype.type(self.high))

    def slope(self, p: Array) -> Array:
        """φ′ where φ = p; 0 at both ends."""
        steps = np.concatenate(([0.0], self.slopes)).astype(p.dtype)
        inside: Array = steps[np.searchsorted(self.starts.astype(p.dtype), p)]
        return np.where(p < self.high, inside, p.dtype.type(0))

    def inverse(self, p: Array) -> Array:
        """The net input of an output strictly between the ends."""
        return np.interp(p, [*self.starts, self.high], [*self.knots, self.end])


@dataclass(frozen=True)
class TransferFunction:
    """φ, its slope as a function of φ's output, the closed range of φ, and its pieces where it has some."""

    name: str
    value: Callable[[Array], Array]
    slope: Callable[[Array], Array]
    low: float
    high: float
    pieces: Pieces | None = None

    def clip(self, rate: Array, out: Array | None = None) -> Array:
        """Keep a rate inside the range of φ, in ``out`` if given: a soma cannot leave it."""
        return np.clip(rate, self.low, self.high, out=out)

    def __reduce__(self) -> tuple[Callable[[str], TransferFunction], tuple[str]]:
        """Pickled by name: a fitted network can be sent to another process, and code is never unpickled."""
        return transfer, (self.name,)


def _hard_sigmoid(z: Array) -> Array:
    return np.clip(z * 0.25 + 0.5, 0, 1)


def _sigmoid(z: Array) -> Array:
    """(1 + tanh(z/2)) / 2: no overflow for large |z|. In one array, as the others: new memory costs as much as tanh."""
    rate = np.multiply(z, 0.5, out=np.empty_like(z))
    np.tanh(rate, out=rate)
    rate += 1
    rate *= 0.5
    return rate


def _softplus(z: Array) -> Array:
    """max(z, 0) + log(1 + e^−|z|)."""
    soft = np.abs(z, out=np.empty_like(z))
    np.negative(soft, out=soft)
    np.exp(soft, out=soft)
    np.log1p(soft, out=soft)
    soft += np.maximum(z, 0)
    return soft


def _slope_of_sigmoid(p: Array) -> Array:
    """p (1 − p)."""
    slope = np.subtract(1, p, out=np.empty_like(p))
    slope *= p
    return slope


def _slope_of_softplus(p: Array) -> Array:
    """1 − e^−p."""
    slope = np.negative(p, out=np.empty_like(p))
    np.expm1(slope, out=slope)
    return np.negative(slope, out=slope)


def _clipped_relu(z: Array) -> Array:
    return np.clip(z, 0, RELU_CEILING)


def _inside(p: Array, low: float, high: float) -> Array:
    return ((p > low) & (p < high)).astype(p.dtype)


def _of_pieces(name: str, knots: tuple[float, ...], slope_bits: tuple[int, ...], high: float) -> TransferFunction:
    pieces = Pieces(knots, slope_bits, high)
    return TransferFunction(name, pieces.value, pieces.slope, 0.0, high, pieces)


_TABLE = {
    t.name: t
    for t in (
        TransferFunction("hard-sigmoid", _hard_sigmoid, lambda p: 0.25 * _inside(p, 0, 1), 0.0, 1.0,
                         Pieces((-2.0,), (2,), 1.0)),
        TransferFunction("sigmoid", _sigmoid, _slope_of_sigmoid, 0.0, 1.0),
        TransferFunction("softplus", _softplus, _slope_of_softplus, 0.0, np.inf),
        TransferFunction("tanh", np.tanh, lambda p: 1 - p * p, -1.0, 1.0),
        TransferFunction("clipped-relu", _clipped_relu, lambda p: _inside(p, 0, RELU_CEILING), 0.0, RELU_CEILING,
                         Pieces((0.0,), (0,), RELU_CEILING)),
        _of_pieces("pwl-sigmoid", (-4.875, -2.375, -1.0, 1.0, 2.375), (5, 3, 2, 3, 5), 1.0),
        _of_pieces("pwl-softplus", (-4.0, -2.0, -0.5, 1.0), (4, 2, 1, 0), SOFTPLUS_CEILING),
    )
}  # fmt: skip
HARDWARE_ACTIVATIONS = tuple(name for name, function in _TABLE.items() if function.pieces is not None)


def transfer(name: str) -> TransferFunction:
    """The transfer function of a name in `neuro_bpdl.spec.ACTIVATIONS`.

    Raises
    ------
    InvalidInput
        The name is none of them.
    """
    if name not in _TABLE:
        raise InvalidInput("activation", name, ", ".join(_TABLE))
    return _TABLE[name]


def pieces_of(name: str) -> Pieces:
    """The pieces of a hardware activation.

    Raises
    ------
    InvalidInput
        The name is unknown or not in `HARDWARE_ACTIVATIONS`.
    """
    pieces = transfer(name).pieces
    if pieces is None:
        raise InvalidInput("activation", name, f"{' or '.join(HARDWARE_ACTIVATIONS)}: straight pieces")
    return pieces


def inverse(function: TransferFunction, p: Array, inside: float = 0.0) -> Array:
    """The net input at which φ is ``p``, in float64.

    Parameters
    ----------
    inside : float
        Share of the range (of 1, where it has no end) that ``p`` is kept from both ends, where many net inputs or
        none give the same.
    """
    room = inside * (function.high - function.low if np.isfinite(function.high) else 1.0)
    kept = np.clip(np.asarray(p, np.float64), function.low + room, function.high - room)
    if function.pieces is not None:
        return function.pieces.inverse(kept)
    return _INVERSES[function.name](kept)


_INVERSES: dict[str, Callable[[Array], Array]] = {
    "sigmoid": lambda p: np.log(p) - np.log1p(-p),
    "softplus": lambda p: p + np.log(-np.expm1(-p)),
    "tanh": np.arctanh,
}
