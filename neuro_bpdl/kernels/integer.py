"""Compiled integer loops: currents, the learning rule and the carry, without work for silent units.

A plastic matrix is one array (2, pre + 1, post) int16, the weights and their
tags; the synapses of one presynaptic unit are contiguous.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from neuro_bpdl.kernels.rounding import draw32, row_key, stream_key
from neuro_bpdl.kernels.widths import (
    ACCUMULATOR_MAX,
    ACCUMULATOR_MIN,
    CARRY,
    CARRY_THRESHOLD,
    PRODUCT_SHIFT,
    ROUNDING_BITS,
    SOMA_FRACTION_BITS,
    SOMA_MAX,
    TAG_MAX,
    TAG_MIN,
    WEIGHT_MAX,
    WEIGHT_MIN,
)

SPAN = 1 << ROUNDING_BITS
PER_SYNAPSE = -1  # instead of one draw, 0 … 127, for the whole matrix


@njit(cache=True)
def currents(weights: np.ndarray, payload: np.ndarray, active: np.ndarray, out: np.ndarray) -> None:
    """out = Σ_pre weights[pre] · payload[pre], four active presynaptic units at a time.

    Parameters
    ----------
    weights : (pre, post) int16
    payload : (pre,) int32, a unit with payload 0 is silent
    active : (pre,) int32, scratch
    out : (post,) int32
    """
    count = 0
    for i in range(payload.size):
        if payload[i] != 0:
            active[count] = i
            count += 1
    out[:] = 0
    whole = count - count % 4
    for k in range(0, whole, 4):
        i, j, m, n = active[k], active[k + 1], active[k + 2], active[k + 3]
        p, q, r, s = payload[i], payload[j], payload[m], payload[n]
        a, b, c, d = weights[i], weights[j], weights[m], weights[n]
        for o in range(out.size):
            out[o] += np.int32(np.int32(a[o]) * p + np.int32(b[o]) * q + np.int32(c[o]) * r + np.int32(d[o]) * s)
    for k in range(whole, count):
        row, p = weights[active[k]], payload[active[k]]
        for o in range(out.size):
            out[o] += np.int32(np.int32(row[o]) * p)


@njit(cache=True)
def currents_of_all(weights: np.ndarray, payloads: np.ndarray, out: np.ndarray) -> None:
    """`currents` of every replica: payloads (batch, pre), out (batch, post)."""
    active = np.empty(payloads.shape[1], np.int32)
    for replica in range(payloads.shape[0]):
        currents(weights, payloads[replica], active, out[replica])


@njit(cache=True, inline="always")
def trace_of(payload: int) -> int:
    """x1 = payload / 2, halves to the even neighbour, as numpy rounds in Lava's engine."""
    return (payload + ((payload >> 1) & 1)) >> 1


@njit(cache=True, inline="always")
def between(value: np.int32, low: int, high: int) -> np.int32:
    """Saturated."""
    return np.int32(min(max(value, np.int32(low)), np.int32(high)))


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
    key, shift, saturated = stream_key(seed, number, time_step), np.int32(left_shift), 0
    batch, tags = payloads.shape[0], matrix[1]
    span, totals = np.int64(SPAN * batch), np.empty(swings.shape[1], np.int64)
    for i in range(payloads.shape[1]):
        row, synapse = tags[i], row_key(key, i)
        totals[:] = 0
        for replica in range(batch):
            gain = np.int32(trace_of(payloads[replica, i]) * mantissa)
            if gain != 0:
                for j in range(totals.size):
                    totals[j] += scaled(np.int32(gain * swings[replica, j]), shift)
        for j in range(totals.size):
            bits = np.int64(draw32(synapse, j)) if draw < 0 else np.int64(draw) << (32 - ROUNDING_BITS)
            total = (np.int64(row[j]) << ROUNDING_BITS) * batch + totals[j]
            total = min(max(total, ACCUMULATOR_MIN * batch), ACCUMULATOR_MAX * batch)
            tag = np.int32((total + span - 1 - ((bits * span) >> 32)) // span)
            fit = between(tag, TAG_MIN, TAG_MAX)
            saturated += fit != tag
            row[j] = np.int16(fit)
    return saturated


@njit(cache=True)
def carry(
    matrix: np.ndarray, pending: np.ndarray, draw: int, seed: int, number: int, time_step: int
) -> tuple[bool, int]:
    """One time step of the carry: dw = ½u sgn(t+32) + ½u sgn(t−32), dt = −32u sgn(t−32) − 32u sgn(t+32).

    Parameters
    ----------
    matrix : (2, pre, post) int16, changed in place
    pending : (pre,) bool
        Presynaptic units whose synapses may have something to carry; updated.

    Returns
    -------
    (bool, int)
        Whether a tag is left to be carried; weights that saturated.
    """
    key, left, lost = stream_key(seed, number, time_step), False, np.zeros(1, np.int64)
    for i in range(pending.size):
        if pending[i]:
            pending[i] = carry_row(matrix[0, i], matrix[1, i], draw, row_key(key, i), lost)
            left = left or pending[i]
    return left, lost[0]


@njit(cache=True)
def carry_row(weights: np.ndarray, tags: np.ndarray, draw: int, key: np.uint32, lost: np.ndarray) -> bool:
    """One time step of the carry of one row; counts saturated weights in ``lost[0]``, returns whether more is left."""
    reach, on_threshold = _reach(tags)
    if reach < CARRY_THRESHOLD:
        return False
    if on_threshold:
        lost[0] += _carry_halves(weights, tags, draw, key)
    lost[0] += _carry_units(weights, tags)
    return reach >= CARRY + CARRY_THRESHOLD


@njit(cache=True)
def _reach(tags: np.ndarray) -> tuple[int, bool]:
    """The largest |tag|, and whether a tag is on the threshold, where only half a unit is carried."""
    reach, halves = np.int32(0), np.int32(0)
    for j in range(tags.size):
        size = np.int32(abs(np.int32(tags[j])))
        reach = max(reach, size)
        halves = np.int32(halves | np.int32(size == np.int32(CARRY_THRESHOLD)))
    return int(reach), halves != 0


@njit(cache=True)
def _carry_units(weights: np.ndarray, tags: np.ndarray) -> np.int32:
    lost = np.int32(0)
    for j in range(tags.size):
        tag = np.int32(tags[j])
        units = np.int32(np.int32(tag > np.int32(CARRY_THRESHOLD)) - np.int32(tag < np.int32(-CARRY_THRESHOLD)))
        weight = np.int32(np.int32(weights[j]) + units)
        fit = between(weight, WEIGHT_MIN, WEIGHT_MAX)
        lost = np.int32(lost + np.int32(fit != weight))
        weights[j] = np.int16(fit)
        tags[j] = np.int16(tag - np.int32(units * np.int32(CARRY)))
    return lost


@njit(cache=True)
def _carry_halves(weights: np.ndarray, tags: np.ndarray, draw: int, key: np.uint32) -> int:
    """Half a unit for every tag on the threshold, rounded stochastically."""
    saturated = 0
    for j in range(tags.size):
        if abs(np.int32(tags[j])) != CARRY_THRESHOLD:
            continue
        half = np.int32(SPAN // 2 if tags[j] > 0 else -(SPAN // 2))
        bits = draw32(key, j) if draw < 0 else np.uint32(np.uint32(draw) << np.uint32(32 - ROUNDING_BITS))
        total = between(np.int32(in_accumulator(weights[j]) + half), ACCUMULATOR_MIN, ACCUMULATOR_MAX)
        weight = np.int32((total + carry_of(bits)) >> ROUNDING_BITS)
        fit = between(weight, WEIGHT_MIN, WEIGHT_MAX)
        saturated += fit != weight
        weights[j], tags[j] = np.int16(fit), np.int16(0)
    return saturated


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


@njit(cache=True, inline="always")
def move(
    soma: np.ndarray,
    basal: np.ndarray,
    reflected: np.ndarray,
    apical: np.ndarray,
    delta: tuple[int, int],
    alpha: tuple[int, int],
) -> int:
    """h += δ(p − q) + α(r − h), clipped, in place; δ and α as (mantissa, shift). Returns how many were clipped."""
    d, ds, a, shift_a = np.int32(delta[0]), np.int32(delta[1]), np.int32(alpha[0]), np.int32(alpha[1])
    half_d, half_a = np.int32((1 << delta[1]) >> 1), np.int32((1 << alpha[1]) >> 1)
    bits, clipped = np.int32(SOMA_FRACTION_BITS), np.int32(0)
    for i in range(soma.size):
        up = stepped(np.int32(np.int32(basal[i] - reflected[i]) << bits), d, half_d, ds)
        down = stepped(np.int32(np.int32(apical[i] << bits) - soma[i]), a, half_a, shift_a)
        total = np.int32(soma[i] + up + down)
        kept = between(total, 0, SOMA_MAX)
        clipped = np.int32(clipped + np.int32(kept != total))
        soma[i] = kept
    return int(clipped)


@njit(cache=True)
def rates_of(current: np.ndarray, offset: int, shift: int, table: np.ndarray) -> np.ndarray:
    """`predict` of (batch, n)."""
    rates = np.empty(current.shape, np.int32)
    for replica in range(current.shape[0]):
        predict(current[replica], offset, shift, table, rates[replica])
    return rates


@njit(cache=True)
def moved(
    soma: np.ndarray,
    basal: np.ndarray,
    reflected: np.ndarray,
    apical: np.ndarray,
    delta: tuple[int, int],
    alpha: tuple[int, int],
) -> tuple[np.ndarray, int]:
    """`move` of (batch, n), into a new array."""
    out, clipped = soma.copy(), 0
    for replica in range(soma.shape[0]):
        clipped += move(out[replica], basal[replica], reflected[replica], apical[replica], delta, alpha)
    return out, clipped
