"""The compartments' transfer functions φ (and ψ): value, slope and range.

A slope is written as a function of the *output* p = φ(z): a compartment knows
its own rate, not its net input.
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


@dataclass(frozen=True)
class TransferFunction:
    """φ, its slope as a function of φ's output, and the closed range of φ."""

    name: str
    value: Callable[[Array], Array]
    slope: Callable[[Array], Array]
    low: float
    high: float

    def clip(self, rate: Array) -> Array:
        """Keep a rate inside the range of φ: a soma cannot leave it."""
        return np.clip(rate, self.low, self.high)


def _hard_sigmoid(z: Array) -> Array:
    return np.clip(z * 0.25 + 0.5, 0, 1)


def _sigmoid(z: Array) -> Array:
    return 0.5 * (1 + np.tanh(0.5 * z))  # no overflow for large |z|


def _softplus(z: Array) -> Array:
    return np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z)))


def _clipped_relu(z: Array) -> Array:
    return np.clip(z, 0, RELU_CEILING)


def _inside(p: Array, low: float, high: float) -> Array:
    return ((p > low) & (p < high)).astype(p.dtype)


_TABLE = {
    t.name: t
    for t in (
        TransferFunction("hard-sigmoid", _hard_sigmoid, lambda p: 0.25 * _inside(p, 0, 1), 0.0, 1.0),
        TransferFunction("sigmoid", _sigmoid, lambda p: p * (1 - p), 0.0, 1.0),
        TransferFunction("softplus", _softplus, lambda p: -np.expm1(-p), 0.0, np.inf),
        TransferFunction("tanh", np.tanh, lambda p: 1 - p * p, -1.0, 1.0),
        TransferFunction("clipped-relu", _clipped_relu, lambda p: _inside(p, 0, RELU_CEILING), 0.0, RELU_CEILING),
    )
}


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
