"""Stochastic rounding of weights: who draws the random numbers.

*per-synapse*: every synapse has its own draw at every time step, a hash of
(seed, matrix, time step, presynaptic and postsynaptic unit). Order, batch and
number of threads cannot change it.

*shared*: what stock Lava does. One number per time step for a whole matrix,
from a generator whose seed Lava fixes at 2; and another, from the rule's
rng_seed, that rounds the traces y1 and y2 after their decay (τ = 65535).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from neuro_bpdl.kernels.compiling import njit

LAVA_WEIGHT_SEED = 2  # default of lava's ConnVarRandom; LearningDense gives no other
LAVA_RULE_SEED = 1  # rng_seed of our learning rules
SWING_STREAM = 1 << 16  # numbers of the compartments' draws, beyond those of the matrices
TRACE_SEED_OFFSET = 2  # y traces draw from rng_seed + 2
TRACE_DRAWS_PER_STEP = 2
TRACE_TAU = 65535  # of y1 … y3 in Loihi3FLearningRule
TRACE_DECAY = math.exp(-1 / TRACE_TAU)


@dataclass
class Draws:
    """The numbers of one Lava generator by position, cheap when read forwards.

    Attributes
    ----------
    seed : int
    """

    seed: int
    _last: int = field(default=-1, init=False)
    _value: float = field(default=0.0, init=False)
    _rng: np.random.Generator = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._rng = np.random.default_rng(self.seed)

    def at(self, position: int) -> float:
        """Draw number ``position``, counted from 0, in [0, 1)."""
        if position < self._last:
            self._rng, self._last = np.random.default_rng(self.seed), -1
        if position > self._last:
            self._rng.bit_generator.advance(position - self._last - 1)  # type: ignore[attr-defined]
            self._last, self._value = position, float(self._rng.random())
        return self._value


class SharedDraws:
    """Lava's draws of one time step; `Var` names as in lava.magma.core.learning.random."""

    def __init__(self) -> None:
        self._weights, self._traces = Draws(LAVA_WEIGHT_SEED), Draws(LAVA_RULE_SEED + TRACE_SEED_OFFSET)
        self._pre_traces = Draws(LAVA_RULE_SEED)

    def weight(self, time_step: int) -> float:
        """ConnVarRandom: one draw when made, one per learning phase; ``time_step`` counts from 1."""
        return self._weights.at(time_step)

    def trace(self, time_step: int) -> float:
        """TraceRandom's decay draw: one when made, two per time step."""
        return self._traces.at(TRACE_DRAWS_PER_STEP * time_step)

    def pre_trace(self, time_step: int) -> float:
        """The same for the presynaptic traces."""
        return self._pre_traces.at(TRACE_DRAWS_PER_STEP * time_step)


def decayed(swing: np.ndarray, draw: float) -> np.ndarray:
    """y1 − y2 after one step of Lava's decay of y1 and y2, rounded with one ``draw``."""
    value = TRACE_DECAY * np.abs(swing)
    whole = np.floor(value)
    kept: np.ndarray = (whole + (draw < value - whole)).astype(swing.dtype)
    return np.where(swing < 0, -kept, kept)


_MULTIPLIER_1, _MULTIPLIER_2 = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)


@njit(cache=True, inline="always")
def mix64(value: np.uint64) -> np.uint64:
    """SplitMix64's finaliser (Steele, Lea, Flood 2014)."""
    value = (value ^ (value >> np.uint64(30))) * _MULTIPLIER_1
    value = (value ^ (value >> np.uint64(27))) * _MULTIPLIER_2
    return value ^ (value >> np.uint64(31))


@njit(cache=True)
def stream_key(seed: int, matrix: int, time_step: int) -> np.uint64:
    """Key of one matrix at one time step."""
    key = mix64(np.uint64(seed) + _GOLDEN)
    key = mix64(key ^ (np.uint64(matrix) * _GOLDEN))
    return mix64(key + np.uint64(time_step) * _GOLDEN)


@njit(cache=True, inline="always")
def row_key(key: np.uint64, row: int) -> np.uint32:
    """Key of the synapses that leave one presynaptic unit."""
    return np.uint32(mix64(key + np.uint64(row + 1) * _GOLDEN) >> np.uint64(32))


@njit(cache=True, inline="always")
def key_from(key: np.uint32, column: int) -> np.uint32:
    """Key of the same synapses counted from ``column``."""
    return np.uint32(key + np.uint32(np.uint32(column) * np.uint32(0x9E3779B9)))


@njit(cache=True, inline="always")
def draw32(key: np.uint32, column: int) -> np.uint32:
    """32 random bits for one synapse (MurmurHash3's finaliser of a Weyl sequence)."""
    value = key_from(key, column)
    value = np.uint32(value ^ (value >> np.uint32(16)))
    value = np.uint32(value * np.uint32(0x85EBCA6B))
    value = np.uint32(value ^ (value >> np.uint32(13)))
    value = np.uint32(value * np.uint32(0xC2B2AE35))
    return np.uint32(value ^ (value >> np.uint32(16)))


def swing_number(pair: int, downward: bool) -> int:
    """Number of the draws of a branch: on it ends F_k, or with ``downward`` G_k, k = ``pair``."""
    return SWING_STREAM + 2 * pair - downward


def matrix_number(pair: int, downward: bool) -> int:
    """Number of the draws of a matrix."""
    return 2 * pair - (not downward)


@njit(cache=True)
def dither(seed: int, number: int, time_step: int, size: int, bits: int, first: int = 0) -> np.ndarray:
    """One uniform integer of ``bits`` bits for each of ``size`` units, the ``first`` of a branch's and those behind."""
    out = np.empty(size, np.int32)
    key = key_from(row_key(stream_key(seed, number, time_step), 0), first)
    for i in range(size):
        out[i] = np.int32(draw32(key, i) >> np.uint32(32 - bits))
    return out
