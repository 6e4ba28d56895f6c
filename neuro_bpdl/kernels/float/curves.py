"""φ and its slope in compiled loops, where φ is straight pieces: to the bit what `numbers.activations` says.

Sigmoid, softplus and tanh are numpy's: another library's have other last bits.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.kernels.compiling import njit
from neuro_bpdl.numbers.activations import Pieces

Array = NDArray[Any]
ROOM = 6  # for pieces
# A curve's numbers: its range, how many pieces, then knots, changes of slope, starts and slopes.
LOW, HIGH, COUNT, KNOTS = range(4)
CHANGES, STARTS, SLOPES, LENGTH = (KNOTS + k * ROOM for k in (1, 2, 3, 4))


def curve(pieces: Pieces, dtype: Any) -> Array:
    """The numbers of a curve, (LENGTH,)."""
    numbers, count = np.zeros(LENGTH, dtype), len(pieces.knots)
    numbers[:KNOTS] = 0, pieces.high, count
    columns = (pieces.knots, np.diff(pieces.slopes, prepend=0.0), pieces.starts, pieces.slopes)
    for start, column in zip((KNOTS, CHANGES, STARTS, SLOPES), columns, strict=True):
        numbers[start : start + count] = column
    return numbers


@njit(cache=True)
def rates(curve: Array, z: Array, out: Array) -> None:
    """out = φ(z); both (n,), never the same memory."""
    none = curve.dtype.type(0)
    for k in range(int(curve[COUNT])):
        knot, change = curve[KNOTS + k], curve[CHANGES + k]
        for i in range(z.size):
            beyond = z[i] - knot
            rise = change * (none if beyond < none else beyond)
            out[i] = rise if k == 0 else out[i] + rise
    keep(out, curve, out)


@njit(cache=True)
def keep(values: Array, curve: Array, out: Array) -> None:
    """Values inside the range of φ; NaN stays NaN."""
    low, high = curve[LOW], curve[HIGH]
    for i in range(values.size):
        value = values[i]
        value = low if value < low else value
        out[i] = high if value > high else value


@njit(cache=True)
def slopes(curve: Array, p: Array, out: Array) -> None:
    """out *= φ′ where φ = p."""
    none = curve.dtype.type(0)
    for i in range(p.size):
        slope = none
        for k in range(int(curve[COUNT])):
            slope = curve[SLOPES + k] if curve[STARTS + k] < p[i] else slope
        out[i] *= slope if p[i] < curve[HIGH] else none
