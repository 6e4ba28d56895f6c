"""V̇ as a branch writes it: in payloads, shifted for φ′, in the multiples that a literal asks for."""

from __future__ import annotations

import numpy as np

from neuro_bpdl.kernels.compiling import njit
from neuro_bpdl.kernels.fixed.curves import MAX_SLOPE_SHIFT, SILENT
from neuro_bpdl.kernels.fixed.rounding import TRACE_DECAY, dither
from neuro_bpdl.kernels.fixed.soma import between
from neuro_bpdl.numbers.widths import SOMA_FRACTION_BITS, TRACE_MAX


@njit(cache=True)
def write(
    soma: np.ndarray, swing: np.ndarray, slope_shifts: np.ndarray, bits: int, selector: tuple[int, int, int, int],
    nudge: int,
) -> tuple[int, int]:  # fmt: skip
    """V̇ = 2^nudge (h − ``swing``, a prediction), in its place, rounded stochastically to multiples of 2^bits.

    Parameters
    ----------
    selector : (seed, number, presentation, first unit)
        Selects the draws.
    nudge : int
        Soma bits behind a payload that V̇ has besides.

    Returns
    -------
    (int, int)
        How many were clipped, and Σ V̇² before rounding.
    """
    clipped, total = 0, 0
    rounding = dither(selector[0], selector[1], selector[2], soma.size, bits + MAX_SLOPE_SHIFT, selector[3])
    drop = np.int32(SOMA_FRACTION_BITS - nudge)
    half = np.int32(np.int32(1) << np.int32(drop - 1))
    for i in range(soma.size):
        moved = np.int32(soma[i] - np.int32(swing[i] << np.int32(SOMA_FRACTION_BITS)))
        value = np.int32(np.int32(moved + half) >> drop)
        total += int(value) * int(value)
        shift = slope_shifts[swing[i]]
        if shift == SILENT:
            swing[i] = 0
            continue
        fraction = np.int32(rounding[i] >> np.int32(MAX_SLOPE_SHIFT - shift))
        wanted = np.int32(np.int32(np.int32(abs(value)) + fraction) >> shift)
        clipped += wanted > TRACE_MAX
        size = np.int32(min(wanted, np.int32(TRACE_MAX)) >> bits << bits)
        swing[i] = np.int32(-size if value < 0 else size)
    return clipped, total


@njit(cache=True)
def rise(rate: np.ndarray, sign: int, bits: int, selector: tuple[int, int, int, int], swing: np.ndarray) -> int:
    """V̇ = ± ``rate``, payloads, rounded stochastically to multiples of 2^bits; returns how many were clipped."""
    clipped = 0
    rounding = dither(selector[0], selector[1], selector[2], rate.size, bits, selector[3])
    for i in range(rate.size):
        wanted = np.int32(rate[i] + rounding[i])
        clipped += wanted > TRACE_MAX
        swing[i] = np.int32(sign * (between(wanted, 0, TRACE_MAX) >> bits << bits))
    return clipped


@njit(cache=True)
def decayed(swing: np.ndarray, draw: float) -> np.ndarray:
    """See `rounding.decayed`; a copy."""
    out = np.empty_like(swing)
    for i in range(swing.size):
        value = TRACE_DECAY * abs(swing[i])
        whole = np.floor(value)
        size = np.int32(whole + (draw < value - whole))
        out[i] = -size if swing[i] < 0 else size
    return out
