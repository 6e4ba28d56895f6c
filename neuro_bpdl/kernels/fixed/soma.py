"""Integer arithmetic of a compartment: from a current to a payload, a step of the soma."""

from __future__ import annotations

import numpy as np

from neuro_bpdl.kernels.compiling import njit
from neuro_bpdl.numbers.widths import SOMA_FRACTION_BITS


@njit(cache=True, inline="always")
def between(value: np.int32, low: int, high: int) -> np.int32:
    """Saturated."""
    return np.int32(min(max(value, np.int32(low)), np.int32(high)))


@njit(cache=True, inline="always")
def predict(current: np.ndarray, offset: int, shift: int, table: np.ndarray, rate: np.ndarray) -> None:
    """rate = table[(A + offset) >> shift], the index kept inside the table."""
    last = table.size - 1
    for i in range(rate.size):
        rate[i] = table[between(np.int32(np.int32(current[i] + np.int32(offset)) >> np.int32(shift)), 0, last)]


@njit(cache=True, inline="always")
def stepped(difference: np.int32, mantissa: np.int32, half: np.int32, shift: np.int32) -> np.int32:
    """difference · mantissa · 2^-shift, ties away from zero."""
    size = np.int32(np.int32(np.int32(abs(difference)) * mantissa + half) >> shift)
    return np.int32(-size if difference < 0 else size)


@njit(cache=True)
def rates_of(current: np.ndarray, offset: int, shift: int, table: np.ndarray) -> np.ndarray:
    """`predict` of (batch, n)."""
    rates = np.empty(current.shape, np.int32)
    for replica in range(current.shape[0]):
        predict(current[replica], offset, shift, table, rates[replica])
    return rates


@njit(cache=True)
def stepped_all(difference: np.ndarray, mantissa: int, shift: int) -> np.ndarray:
    """`stepped` of every number of (batch, n) int32."""
    out, half = np.empty_like(difference), np.int32((1 << shift) >> 1)
    for replica in range(out.shape[0]):
        for i in range(out.shape[1]):
            out[replica, i] = stepped(difference[replica, i], np.int32(mantissa), half, np.int32(shift))
    return out


@njit(cache=True, inline="always")
def score(held: np.ndarray, reflected: np.ndarray, mantissa: int, shift: int, drive: np.ndarray) -> None:
    """drive += δ (p − q), rounded, in a soma state's units."""
    m, half, s, bits = np.int32(mantissa), np.int32((1 << shift) >> 1), np.int32(shift), np.int32(SOMA_FRACTION_BITS)
    for i in range(drive.size):
        drive[i] += stepped(np.int32(np.int32(held[i] - reflected[i]) << bits), m, half, s)


@njit(cache=True, inline="always")
def pull(held: np.ndarray, soma: np.ndarray, mantissa: int, shift: int, drive: np.ndarray) -> None:
    """drive += α (r − h), rounded."""
    m, half, s, bits = np.int32(mantissa), np.int32((1 << shift) >> 1), np.int32(shift), np.int32(SOMA_FRACTION_BITS)
    for i in range(drive.size):
        drive[i] += stepped(np.int32(np.int32(held[i] << bits) - soma[i]), m, half, s)
