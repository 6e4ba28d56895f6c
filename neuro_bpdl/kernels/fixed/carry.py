"""One time step of the carry: what tags hold beyond half a weight unit goes into the weights."""

from __future__ import annotations

import numpy as np

from neuro_bpdl.kernels.compiling import njit
from neuro_bpdl.kernels.fixed.learning import SPAN, carry_of, in_accumulator
from neuro_bpdl.kernels.fixed.rounding import draw32, row_key, stream_key
from neuro_bpdl.kernels.fixed.soma import between
from neuro_bpdl.numbers.widths import (
    ACCUMULATOR_MAX,
    ACCUMULATOR_MIN,
    CARRY,
    CARRY_THRESHOLD,
    ROUNDING_BITS,
    WEIGHT_MAX,
    WEIGHT_MIN,
)


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
