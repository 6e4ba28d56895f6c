"""An activation as a sum of Heaviside steps: the only stateless way in which NIR's nodes can saturate.

Every NIR graph of Affine, Linear, Scale and Threshold nodes computes one
affine function plus a piecewise constant one. A clipped or sigmoid curve,
whose slope depends on where it is, is therefore out of its reach; a staircase
with the curve's ends and as many steps as wanted is not.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.numbers.activations import HARDWARE_ACTIVATIONS, pieces_of, transfer

Array = NDArray[Any]
MAX_LEVELS = 1023
PAYLOAD_LEVELS = 127  # rates on a chip have 7 bits


@dataclass(frozen=True)
class Staircase:
    """φ(z) ≈ low + step · Σ_k H(z − thresholds[k]), with H(0) = 0.

    Attributes
    ----------
    low, step : float
        The rate below all thresholds, and the height of one step.
    thresholds : (K,)
        Ascending.
    error : float
        Largest distance from φ, over all z.
    """

    low: float
    step: float
    thresholds: Array
    error: float


def staircase(activation: str, levels: int = PAYLOAD_LEVELS) -> Staircase:
    """The staircase of ``levels`` equal steps that is nowhere further than half a step from φ.

    Raises
    ------
    InvalidInput
        Unknown activation, an unbounded one (softplus), or ``levels`` outside
        1 … 1023.
    """
    curve = transfer(activation)
    if activation not in _INVERSES:
        raise InvalidInput(
            "activation", activation, " | ".join(_INVERSES),
            "NIR has no node for an unbounded curve: train with clipped-relu to export",
        )
    if not 1 <= levels <= MAX_LEVELS:
        raise InvalidInput("levels", levels, f"1 to {MAX_LEVELS} steps per activation")
    step = (curve.high - curve.low) / levels
    middles = curve.low + step * (np.arange(levels) + 0.5)
    return Staircase(curve.low, step, _INVERSES[activation](middles), error=step / 2)


# φ⁻¹ on the open range; the middle of a step never touches an end.
_INVERSES: dict[str, Callable[[Array], Array]] = {
    **{name: pieces_of(name).inverse for name in HARDWARE_ACTIVATIONS},
    "sigmoid": lambda p: np.log(p) - np.log1p(-p),
    "tanh": np.arctanh,
}
