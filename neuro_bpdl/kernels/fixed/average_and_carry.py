"""`learn_and_carry` of several replicas: their mean change, rounded once, and the whole carry after it in one pass.

The numbers are those of `learning.learn_averaged` and of `carry.carry`. Where
no replica's product is cut, what replicas add to a row of synapses is a sum of
products of 16-bit numbers, and 32 bits hold it.
"""

from __future__ import annotations

import numpy as np

from neuro_bpdl.kernels.compiling import njit
from neuro_bpdl.kernels.fixed.currents import currents
from neuro_bpdl.kernels.fixed.learn_and_carry import ROOM, impulses_of, keys_of, settle
from neuro_bpdl.kernels.fixed.learning import SPAN, average_row, in_accumulator, trace_of
from neuro_bpdl.kernels.fixed.rounding import draw32, row_key
from neuro_bpdl.kernels.fixed.soma import between
from neuro_bpdl.numbers.widths import ACCUMULATOR_MAX, ACCUMULATOR_MIN, ROUNDING_BITS, TAG_MAX, TAG_MIN

MOST = 2**14  # replicas: whose sums float32 divides to the whole
SHIFT, ABOVE = np.int32(ROUNDING_BITS), np.int32(2 * TAG_MAX)  # what makes any tag positive


@njit(cache=True)
def average_and_carry(
    matrix: np.ndarray,
    payloads: np.ndarray,
    swings: np.ndarray,
    rule: tuple[int, int],
    draws: np.ndarray,
    selector: tuple[int, int, int],
    rows: tuple[int, int],
    wide: np.ndarray,
    lost: np.ndarray,
) -> None:
    """One LEARN of all replicas and the CARRY_STEPS time steps after it.

    Parameters
    ----------
    matrix : (2, pre, post) int16
        Weights and tags, all tags at rest; changed in place.
    payloads : (batch, pre) int32
    swings : (batch, post) int32
        y1 − y2.
    rows : (first, end)
        The presynaptic units whose synapses learn here.
    wide : (pre, post) float32
        What is to hold the weights besides; no rows where nothing is.
    rule, draws, selector, lost :
        As of `learn_and_carry`.
    """
    batch, post = swings.shape
    keys = keys_of(selector, draws.size)
    flat, largest = impulses_of(swings.ravel(), rule)
    impulses = flat.reshape((batch, post))
    if draws[0] >= 0 or batch > MOST:
        largest = ROOM + 1
    traces, active, totals = np.empty(batch, np.int32), np.empty(batch, np.int32), np.empty(post, np.int32)
    noise, scratch, sums = np.empty(post, np.int16), np.empty(post, np.int16), np.empty(post, np.int64)
    for i in range(rows[0], rows[1]):
        loudest = _traces_of(payloads, i, traces)
        if loudest == 0:
            continue
        key = row_key(keys[0], i)
        if loudest * largest <= ROOM:
            currents(impulses, traces, active, totals)
            lost[0] += _add_mean(matrix[1, i], totals, batch, key)
        else:
            lost[0] += average_row(matrix[1, i], traces, swings, rule, draws[0], key, sums)
        lost[1] += settle(matrix[0, i], matrix[1, i], keys, i, draws, noise, scratch)
        if wide.shape[0]:
            wide[i] = matrix[0, i]


@njit(cache=True)
def _traces_of(payloads: np.ndarray, unit: int, out: np.ndarray) -> int:
    """x1 of a unit in every replica; returns the largest."""
    loudest = 0
    for replica in range(out.size):
        out[replica] = trace_of(payloads[replica, unit])
        loudest = max(loudest, out[replica])
    return loudest


@njit(cache=True, error_model="numpy")  # no look at a divisor of 0: it would end the SIMD lanes
def _add_mean(tags: np.ndarray, totals: np.ndarray, batch: int, key: np.uint32) -> np.int32:
    """tag += total / batch / 128, rounded up where the draw is below the fraction; returns how many saturated.

    Rounding down halves in two: bits are dropped first, then floats divide
    whole numbers so small that no quotient is rounded to the next whole one.
    """
    lost, replicas, divisor, span = np.int32(0), np.int32(batch), np.float32(batch), np.uint64(SPAN * batch)
    low, high, last = np.int32(ACCUMULATOR_MIN * batch), np.int32(ACCUMULATOR_MAX * batch), np.int32(SPAN * batch - 1)
    for j in range(tags.size):
        total = between(np.int32(np.int32(in_accumulator(tags[j]) * replicas) + totals[j]), low, high)
        draw = np.int32((np.uint64(draw32(key, j)) * span) >> np.uint64(32))
        units = np.int32(np.int32(total + np.int32(last - draw)) >> SHIFT)
        tag = np.int32(np.int32(np.float32(np.int32(units + np.int32(ABOVE * replicas))) / divisor) - ABOVE)
        fit = between(tag, TAG_MIN, TAG_MAX)
        lost = np.int32(lost + np.int32(fit != tag))
        tags[j] = np.int16(fit)
    return lost
