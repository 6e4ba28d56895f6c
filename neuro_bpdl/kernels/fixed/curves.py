"""Activations in fixed point: which payload a net input gives, and how far its V̇ is shifted for φ′.

A chip forms these curves by comparisons, shifts and additions, since the
slopes of their pieces are powers of two. Here each is a table of what comes
out, indexed by the net input in steps of the steepest piece: one step, one
payload.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.numbers.activations import Pieces, pieces_of
from neuro_bpdl.numbers.widths import PAYLOAD_MAX

Array = NDArray[Any]
SILENT = -1  # instead of a shift, where φ′ is 0: the compartment writes no V̇


def steepest(activation: str) -> int:
    """m of the largest slope, 2^-m."""
    return min(pieces_of(activation).slope_bits)


def origin(activation: str, high: float) -> int:
    """The index of a net input of 0, in half steps; ``high`` is the activity of the largest payload."""
    pieces = pieces_of(activation)
    return round(-2 * pieces.knots[0] * _steps(pieces, high))


@cache
def payloads(activation: str, high: float) -> Array:
    """(T,) int32, the payload of every net input from where the curve leaves 0 to where it ends."""
    pieces = pieces_of(activation)
    zero, steps = origin(activation, high) / 2, _steps(pieces, high)
    net = (np.arange(int(np.ceil(zero + pieces.end * steps)) + 1) - zero) / steps
    return np.rint(pieces.value(net) * PAYLOAD_MAX / high).astype(np.int32)


@cache
def slope_shifts(activation: str, high: float) -> Array:
    """(128,) int32, log2 of the steepest slope over φ′ where the payload is 0 … 127; `SILENT` where φ′ is 0."""
    pieces = pieces_of(activation)
    slope = pieces.slope(np.arange(PAYLOAD_MAX + 1) * high / PAYLOAD_MAX)
    shifts = -np.log2(np.where(slope > 0, slope, 1.0)) - steepest(activation)
    return np.where(slope > 0, shifts, SILENT).astype(np.int32)


def _steps(pieces: Pieces, high: float) -> float:
    """Index steps for a net input of 1."""
    return 2.0 ** -min(pieces.slope_bits) * PAYLOAD_MAX / high


MAX_SLOPE_SHIFT = 4  # of `slope_shifts`: bits that a dither needs beyond those of the literal
