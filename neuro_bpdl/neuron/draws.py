"""Random numbers as a neuron document describes them; from numpy alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
_MASK, _GOLDEN = (1 << 64) - 1, 0x9E3779B97F4A7C15
_WEYL = np.uint32(0x9E3779B9)


def philox(seed: int, stream: list[int], presentation: int) -> np.random.Generator:
    """The generator of a population's noise in one presentation."""
    purpose, population = stream
    key = np.array([seed, purpose << 32 | population], np.uint64)
    return np.random.Generator(np.random.Philox(key=key, counter=np.array([0, 0, 0, presentation], np.uint64)))


def _mix(value: int) -> int:
    value = (value ^ value >> 30) * 0xBF58476D1CE4E5B9 & _MASK
    value = (value ^ value >> 27) * 0x94D049BB133111EB & _MASK
    return value ^ value >> 31


def hashed(seed: int, number: int, when: int, rows: Array, columns: Array) -> Array:
    """32 random bits for each pair of ``rows`` (r,) and ``columns`` (c,): (r, c) uint32."""
    key = _mix(_mix(_mix(seed + _GOLDEN & _MASK) ^ number * _GOLDEN & _MASK) + when * _GOLDEN & _MASK)
    keys = np.array([_mix(key + (int(row) + 1) * _GOLDEN & _MASK) >> 32 for row in rows], np.uint32)
    value = keys[:, None] + columns.astype(np.uint32) * _WEYL
    value = (value ^ value >> np.uint32(16)) * np.uint32(0x85EBCA6B)
    value = (value ^ value >> np.uint32(13)) * np.uint32(0xC2B2AE35)
    return value ^ value >> np.uint32(16)


class Sequence:
    """The numbers of PCG64 in [0, 1) by place, from 0; cheap when read forwards."""

    def __init__(self, seed: int) -> None:
        self._seed, self._next, self._value = seed, 0, 0.0
        self._generator = np.random.default_rng(seed)

    def at(self, place: int) -> float:
        """The number at a place."""
        if place < self._next - 1:
            self.__init__(self._seed)  # type: ignore[misc]
        while self._next <= place:
            self._value, self._next = float(self._generator.random()), self._next + 1
        return self._value


class Rounding:
    """What rounds weights and traces at one time step."""

    def __init__(self, randomness: Mapping[str, Any], fraction_bits: int, epoch: int = 1) -> None:
        self._epoch = epoch
        self._seed, self._rounding = randomness["seed"], randomness["rounding"]
        self._bits = fraction_bits
        self._weights, self._traces = (Sequence(self._rounding[name]) for name in ("weight_seed", "trace_seed"))

    def of_synapses(self, number: int, time_step: int, shape: tuple[int, int]) -> Array:
        """Draws of ``fraction_bits`` bits: (pre, post), or (1, 1) where all synapses have one."""
        if self._rounding["kind"] == "shared":
            return np.full((1, 1), int(self._weights.at(time_step // self._epoch) * (1 << self._bits)), np.int64)
        drawn = hashed(self._seed, number, time_step, np.arange(shape[0]), np.arange(shape[1]))
        return (drawn >> np.uint32(32 - self._bits)).astype(np.int64)

    def decayed(self, trace: Array, time_step: int) -> Array:
        """A trace after an epoch of its decay, rounded at every time step by one number."""
        if self._rounding["kind"] != "shared":
            return trace
        draw = self._traces.at(2 * time_step)
        for _ in range(self._epoch):
            value = self._rounding["trace_decay"] * trace
            whole = np.floor(value)
            trace = (whole + (draw < value - whole)).astype(np.int64)
        return trace
