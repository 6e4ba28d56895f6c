"""LEARN and the whole carry after it in one pass over the synapses.

While the network rests nobody sees a weight between two steps of the carry,
so a row of synapses is read once: its tags learn, what they hold beyond half a
weight unit goes into the weights. The numbers are those of `learning.learn`
and of `carry.carry` at the CARRY_STEPS time steps after it, draws included.

A tag t is carried ⌊(t + 32)/64⌋ times, whatever the order; one that ends on
the threshold, ±32, is rounded up or down by a draw of the time step at which
it gets there. 16-bit numbers are meant: twice as many fit into a register.
"""

from __future__ import annotations

import numpy as np

from neuro_bpdl.kernels.compiling import njit
from neuro_bpdl.kernels.fixed.averaging import average, traces_of
from neuro_bpdl.kernels.fixed.learning import SPAN, learn_row
from neuro_bpdl.kernels.fixed.rounding import draw32, key_from, row_key, stream_key
from neuro_bpdl.numbers.widths import (
    ACCUMULATOR_MAX,
    CARRY,
    CARRY_BITS,
    CARRY_THRESHOLD,
    PRODUCT_SHIFT,
    ROUNDING_BITS,
    WEIGHT_MAX,
    WEIGHT_MIN,
)

CHUNK = 4096  # synapses at a time: they and their draws stay in the nearest cache, and their counters in 16 bits
ROOM = ACCUMULATOR_MAX - (CARRY_THRESHOLD + 1) * SPAN  # what a product may add to a tag at rest without saturating
DRAW_MAX, DRAW_SHIFT = np.int16(SPAN - 1), np.uint32(32 - ROUNDING_BITS)
FRACTION, TOP_BIT = np.int16(ROUNDING_BITS), np.int16(ROUNDING_BITS - 1)
UNIT_BITS, UNIT_MASK, THRESHOLD = np.int16(CARRY_BITS), np.int16(CARRY - 1), np.int16(CARRY_THRESHOLD)
LOWEST, HIGHEST, NONE, ONE = np.int16(WEIGHT_MIN), np.int16(WEIGHT_MAX), np.int16(0), np.int16(1)


@njit(cache=True)
def learn_and_carry(
    matrix: np.ndarray,
    payload: np.ndarray,
    swing: np.ndarray,
    rule: tuple[int, int],
    draws: np.ndarray,
    selector: tuple[int, int, int],
    lost: np.ndarray,
) -> None:
    """One LEARN of a whole matrix and the CARRY_STEPS time steps after it.

    Parameters
    ----------
    matrix : (2, pre, post) int16
        Weights and tags, all tags at rest; changed in place.
    payload : (pre,) int32
    swing : (post,) int32
        y1 − y2.
    rule : (mantissa, left shift)
        The literal.
    draws : (1 + CARRY_STEPS,) int64
        Per time step: one draw 0 … 127 for the matrix, or PER_SYNAPSE.
    selector : (seed, number, time step)
        Selects the draws of the synapses; the time step is LEARN's.
    lost : (2,) int64
        Counts saturated tags and weights.
    """
    payloads, swings = payload.reshape((1, payload.size)), swing.reshape((1, swing.size))
    wide = np.empty((0, 0), np.float32)
    average_and_carry(matrix, payloads, swings, rule, draws, selector, (0, payload.size), wide, lost)


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
    """`learn_and_carry` of some presynaptic units' synapses; with several replicas their mean change, rounded once.

    Parameters
    ----------
    payloads : (batch, pre) int32
    swings : (batch, post) int32
    rows : (first, end)
        The presynaptic units whose synapses learn here.
    wide : (pre, post) float32
        What is to hold the weights besides; no rows where nothing is.
    matrix, rule, draws, selector, lost :
        As of `learn_and_carry`.
    """
    keys = np.empty(draws.size, np.uint64)
    for step in range(keys.size):
        keys[step] = stream_key(selector[0], selector[1], selector[2] + step)
    first, end = _span_of(swings)
    for start in range(first, end, CHUNK):
        stop = min(start + CHUNK, end)
        some = swings[:, start:stop].copy()
        _learn_columns(matrix, (start, stop), rows, payloads, some, rule, draws, keys, wide, lost)


@njit(cache=True)
def _span_of(swings: np.ndarray) -> tuple[int, int]:
    """From the first V̇ of any replica to behind the last one: no other synapse learns."""
    first, end = swings.shape[1], 0
    for replica in range(swings.shape[0]):
        start, stop = 0, swings.shape[1]
        while start < stop and swings[replica, start] == 0:
            start += 1
        while stop > start and swings[replica, stop - 1] == 0:
            stop -= 1
        if start < stop:
            first, end = min(first, start), max(end, stop)
    return first, end


@njit(cache=True)
def _learn_columns(
    matrix: np.ndarray,
    columns: tuple[int, int],
    rows: tuple[int, int],
    payloads: np.ndarray,
    swings: np.ndarray,
    rule: tuple[int, int],
    draws: np.ndarray,
    keys: np.ndarray,
    wide: np.ndarray,
    lost: np.ndarray,
) -> None:
    impulses, largest = _impulses(swings, rule)
    (start, stop), (batch, n) = columns, swings.shape
    noise, scratch, traces = np.empty(n, np.int16), np.empty(n, np.int16), np.empty(batch, np.int32)
    totals = np.empty(n if batch > 1 else 0, np.int64)
    for i in range(rows[0], rows[1]):
        trace = traces_of(payloads, i, traces)
        if trace == 0:
            continue
        weights, tags = matrix[0, i][start:stop], matrix[1, i][start:stop]
        key = key_from(row_key(keys[0], i), start)
        if batch > 1:
            exact = trace * largest <= ROOM
            lost[0] += average(tags, traces, swings, impulses, exact, rule, draws[0], key, totals)
        elif trace * largest <= ROOM:
            _draw(draws[0], key, noise)
            _learn(tags, impulses[0], np.int16(trace), noise)
        else:
            lost[0] += learn_row(tags, swings[0], np.int32(trace * rule[0]), np.int32(rule[1]), draws[0], key)
        _draw(draws[1], key_from(row_key(keys[1], i), start), noise)
        reach = _largest(tags)
        for step in range(2, keys.size):
            if reach >= CARRY_THRESHOLD + CARRY * (step - 1):
                _draw(draws[step], key_from(row_key(keys[step], i), start), scratch)
                _replace_late(noise, tags, np.int16(CARRY_THRESHOLD + CARRY * (step - 1)), scratch)
        lost[1] += _carry(weights, tags, noise)
        if wide.shape[0]:
            wide[i, start:stop] = weights


@njit(cache=True)
def _impulses(swings: np.ndarray, rule: tuple[int, int]) -> tuple[np.ndarray, int]:
    """What a trace of 1 adds to the accumulators, and its largest size: beyond ROOM when a product would lose bits."""
    flat, out, largest = swings.ravel(), np.empty(swings.size, np.int16), 0
    for j in range(flat.size):
        product = flat[j] * rule[0]
        value = (product >> PRODUCT_SHIFT) << rule[1]
        whole = product & ((1 << PRODUCT_SHIFT) - 1) == 0
        largest = max(largest, abs(value) if whole else ROOM + 1)
        out[j] = np.int16(value)
    return out.reshape(swings.shape), largest


@njit(cache=True)
def _draw(shared: int, key: np.uint32, out: np.ndarray) -> None:
    """One draw 0 … 127 for each synapse of a row."""
    if shared >= 0:
        out[:] = shared
        return
    for j in range(out.size):
        out[j] = np.int16(draw32(key, j) >> DRAW_SHIFT)


@njit(cache=True)
def _learn(tags: np.ndarray, impulse: np.ndarray, trace: np.int16, draws: np.ndarray) -> None:
    """tag += trace · impulse / 128, rounded up where the draw is below the fraction."""
    for j in range(tags.size):
        total = np.int16(np.int16(tags[j] << FRACTION) + np.int16(impulse[j] * trace))
        tags[j] = np.int16(np.int16(total + np.int16(DRAW_MAX - draws[j])) >> FRACTION)


@njit(cache=True)
def _largest(tags: np.ndarray) -> int:
    reach = NONE
    for j in range(tags.size):
        reach = max(reach, np.int16(abs(tags[j])))
    return int(reach)


@njit(cache=True)
def _replace_late(draws: np.ndarray, tags: np.ndarray, size: np.int16, later: np.ndarray) -> None:
    """Tags of ``size`` come to the threshold later: they have a later draw."""
    for j in range(tags.size):
        draw, instead = draws[j], later[j]
        draws[j] = instead if np.int16(abs(tags[j])) == size else draw


@njit(cache=True)
def _carry(weights: np.ndarray, tags: np.ndarray, draws: np.ndarray) -> int:
    """All units of every tag into its weight; returns how often a weight saturated.

    One draw in two rounds a half down. Below the smallest weight the
    accumulator saturates before, and rounds back but for one draw.
    """
    lost = NONE
    for j in range(tags.size):
        tag, down = tags[j], np.int16(draws[j] >> TOP_BIT)
        units = np.int16(np.int16(np.int16(tag + THRESHOLD) - down) >> UNIT_BITS)
        half = np.int16(np.int16(tag & UNIT_MASK) == THRESHOLD)
        weight = np.int16(weights[j] + units)
        fit = max(LOWEST, min(weight, HIGHEST))
        spared = np.int16(np.int16(half & down) & np.int16((weight < LOWEST) & (draws[j] != DRAW_MAX)))
        lost = np.int16(lost + np.int16(np.int16(abs(np.int16(weight - fit))) - spared))
        weights[j] = fit
        tags[j] = NONE if half == ONE else np.int16(tag - np.int16(units << UNIT_BITS))
    return int(lost)
