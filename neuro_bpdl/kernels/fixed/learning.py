"""One LEARN step of a matrix in Lava's accumulator and rounding, a presynaptic unit at a time.

A plastic matrix is one array (2, pre + 1, post) int16, the weights and their
tags; the synapses of one presynaptic unit are contiguous.
"""

from __future__ import annotations

import numpy as np

from neuro_bpdl.kernels.compiling import njit
from neuro_bpdl.kernels.fixed.rounding import draw32, row_key, stream_key
from neuro_bpdl.kernels.fixed.soma import between
from neuro_bpdl.numbers.widths import (
    ACCUMULATOR_MAX,
    ACCUMULATOR_MIN,
    PRODUCT_SHIFT,
    ROUNDING_BITS,
    TAG_MAX,
    TAG_MIN,
)

SPAN = 1 << ROUNDING_BITS
PER_SYNAPSE = -1  # instead of one draw, 0 … 127, for the whole matrix


@njit(cache=True, inline="always")
def trace_of(payload: int) -> int:
    """x1 = payload / 2, halves to the even neighbour, as numpy rounds in Lava's engine."""
    return (payload + ((payload >> 1) & 1)) >> 1


@njit(cache=True, inline="always")
def in_accumulator(value: np.int16) -> np.int32:
    """A weight or tag with its rounding bits behind it."""
    return np.int32(np.int32(value) << np.int32(ROUNDING_BITS))


@njit(cache=True, inline="always")
def scaled(product: np.int32, left_shift: np.int32) -> np.int32:
    """A product in the accumulator: scaled by 1/8 · 2^(e+7) and saturated, as Lava does."""
    shifted = np.int32(np.int32(product >> np.int32(PRODUCT_SHIFT)) << left_shift)
    return between(shifted, ACCUMULATOR_MIN, ACCUMULATOR_MAX)


@njit(cache=True, inline="always")
def carry_of(draw: np.uint32) -> np.int32:
    """Rounds a fraction f up where the first 7 bits of ``draw`` are below f: adding 127 − d carries there."""
    return np.int32(SPAN - 1) - np.int32(draw >> np.uint32(32 - ROUNDING_BITS))


@njit(cache=True)
def learn(
    matrix: np.ndarray,
    payload: np.ndarray,
    swing: np.ndarray,
    mantissa: int,
    left_shift: int,
    draw: int,
    seed: int,
    number: int,
    time_step: int,
) -> int:
    """dt = m·2^e x0 x1 y1 − m·2^e x0 x1 y2 in Lava's accumulator, with every tag carried before.

    Parameters
    ----------
    matrix : (2, pre, post) int16, tags changed in place
    payload : (pre,) int32
    swing : (post,) int32, y1 − y2
    left_shift : int
        e + 7.
    draw : int
        0 … 127 for the whole matrix, or PER_SYNAPSE.
    seed, number, time_step : int
        Select the draws of the synapses; ``number`` is the matrix's.

    Returns
    -------
    int
        Tags that saturated.
    """
    key, shift, saturated = stream_key(seed, number, time_step), np.int32(left_shift), 0
    for i in range(payload.size):
        gain = np.int32(trace_of(payload[i]) * mantissa)
        if gain == 0:
            continue
        saturated += learn_row(matrix[1, i], swing, gain, shift, draw, row_key(key, i))
    return saturated


@njit(cache=True)
def learn_row(tags: np.ndarray, swing: np.ndarray, gain: np.int32, shift: np.int32, draw: int, key: np.uint32) -> int:
    """`learn` for the synapses of one presynaptic unit, whose m · x1 is ``gain``."""
    if draw < 0:
        return int(_learn_row(tags, swing, gain, shift, key))
    return int(_learn_row_shared(tags, swing, gain, shift, np.int32(SPAN - 1 - draw)))


@njit(cache=True)
def _learn_row(tags: np.ndarray, swing: np.ndarray, gain: np.int32, shift: np.int32, key: np.uint32) -> np.int32:
    lost = np.int32(0)
    for j in range(swing.size):
        total = np.int32(in_accumulator(tags[j]) + scaled(np.int32(gain * swing[j]), shift))
        kept = between(total, ACCUMULATOR_MIN, ACCUMULATOR_MAX)
        tag = np.int32(np.int32(kept + carry_of(draw32(key, j))) >> np.int32(ROUNDING_BITS))
        fit = between(tag, TAG_MIN, TAG_MAX)
        lost = np.int32(lost + np.int32((fit != tag) | (kept != total)))
        tags[j] = np.int16(fit)
    return lost


@njit(cache=True)
def _learn_row_shared(
    tags: np.ndarray, swing: np.ndarray, gain: np.int32, shift: np.int32, carry: np.int32
) -> np.int32:
    lost = np.int32(0)
    for j in range(swing.size):
        total = np.int32(in_accumulator(tags[j]) + scaled(np.int32(gain * swing[j]), shift))
        kept = between(total, ACCUMULATOR_MIN, ACCUMULATOR_MAX)
        tag = np.int32(np.int32(kept + carry) >> np.int32(ROUNDING_BITS))
        fit = between(tag, TAG_MIN, TAG_MAX)
        lost = np.int32(lost + np.int32((fit != tag) | (kept != total)))
        tags[j] = np.int16(fit)
    return lost


@njit(cache=True)
def learn_averaged(
    matrix: np.ndarray,
    payloads: np.ndarray,
    swings: np.ndarray,
    mantissa: int,
    left_shift: int,
    draw: int,
    seed: int,
    number: int,
    time_step: int,
) -> int:
    """`learn` with the mean change of replicas, rounded once: payloads (batch, pre), swings (batch, post).

    No chip does this.
    """
    key, saturated = stream_key(seed, number, time_step), 0
    traces, totals = np.empty(payloads.shape[0], np.int32), np.empty(swings.shape[1], np.int64)
    for i in range(payloads.shape[1]):
        for replica in range(traces.size):
            traces[replica] = trace_of(payloads[replica, i])
        saturated += average_row(matrix[1, i], traces, swings, (mantissa, left_shift), draw, row_key(key, i), totals)
    return saturated


@njit(cache=True)
def average_row(
    tags: np.ndarray, traces: np.ndarray, swings: np.ndarray, rule: tuple[int, int], draw: int, key: np.uint32,
    totals: np.ndarray,
) -> int:  # fmt: skip
    """`learn_averaged` for the synapses of one presynaptic unit with ``traces`` (batch,); ``totals`` is scratch."""
    batch, saturated, shift = traces.size, 0, np.int32(rule[1])
    span = np.int64(SPAN * batch)
    totals[:] = 0
    for replica in range(batch):
        gain = np.int32(traces[replica] * rule[0])
        if gain != 0:
            for j in range(totals.size):
                totals[j] += scaled(np.int32(gain * swings[replica, j]), shift)
    for j in range(totals.size):
        bits = np.int64(draw32(key, j)) if draw < 0 else np.int64(draw) << (32 - ROUNDING_BITS)
        total = (np.int64(tags[j]) << ROUNDING_BITS) * batch + totals[j]
        total = min(max(total, ACCUMULATOR_MIN * batch), ACCUMULATOR_MAX * batch)
        tag = np.int32((total + span - 1 - ((bits * span) >> 32)) // span)
        fit = between(tag, TAG_MIN, TAG_MAX)
        saturated += fit != tag
        tags[j] = np.int16(fit)
    return saturated
