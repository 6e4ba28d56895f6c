"""LEARN of several replicas for the synapses of one presynaptic unit: their mean change, rounded once.

The numbers are those of `learning.learn_averaged`. Where no replica's product
is cut, what replicas add to a row of synapses is a sum of products of 16-bit
numbers, and 32 bits hold it.
"""

from __future__ import annotations

import numpy as np

from neuro_bpdl.kernels.compiling import njit
from neuro_bpdl.kernels.fixed.currents import currents
from neuro_bpdl.kernels.fixed.learning import SPAN, average_row, in_accumulator, trace_of
from neuro_bpdl.kernels.fixed.rounding import draw32
from neuro_bpdl.kernels.fixed.soma import between
from neuro_bpdl.numbers.widths import ACCUMULATOR_MAX, ACCUMULATOR_MIN, ROUNDING_BITS, TAG_MAX, TAG_MIN

MOST = 2**14  # replicas: whose sums float32 divides to the whole
SHIFT, ABOVE = np.int32(ROUNDING_BITS), np.int32(2 * TAG_MAX)  # what makes any tag positive


@njit(cache=True)
def average(
    tags: np.ndarray, traces: np.ndarray, swings: np.ndarray, impulses: np.ndarray, exact: bool,
    rule: tuple[int, int], draw: int, key: np.uint32, totals: np.ndarray,
) -> int:  # fmt: skip
    """The tags of one presynaptic unit with ``traces`` (batch,); returns how many saturated.

    Parameters
    ----------
    swings : (batch, post) int32
    impulses : (batch, post) int16
        What a trace of 1 adds to the accumulators.
    exact : bool
        Whether no product of a trace and an impulse is cut.
    totals : (post,) int64
        Scratch.
    """
    if not exact or draw >= 0 or traces.size > MOST:
        return average_row(tags, traces, swings, rule, draw, key, totals)
    sums, active = np.empty(tags.size, np.int32), np.empty(traces.size, np.int32)
    currents(impulses, traces, active, sums)
    return int(_add_mean(tags, sums, traces.size, key))


@njit(cache=True)
def traces_of(payloads: np.ndarray, unit: int, out: np.ndarray) -> int:
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
