"""The layer in this package's fixed point: LearningDense's arithmetic, event by event, in one compiled loop.

Weights have 8 bits, traces 7; products, accumulator and rounding are the package's. With ``shared`` draws all of it,
LIF included, is what stock Lava's fixed-point models compute, to the bit; else every synapse draws for itself. A step
touches the synapses of neurons that fired, and no other: the rest would add 0.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from neuro_bpdl.kernels.compiling import njit
from neuro_bpdl.kernels.fixed.learning import SPAN, carry_of, in_accumulator
from neuro_bpdl.kernels.fixed.rounding import SharedDraws, draw32, row_key, stream_key
from neuro_bpdl.numbers.widths import ACCUMULATOR_MAX, ROUNDING_BITS, TRACE_MAX, WEIGHT_MAX

IMPULSE, LEFT_SHIFT = (16, 20), 3  # of x and y; the rule's literal is 2^-4, of an accumulator with 7 bits behind it
DECAY_BITS, CURRENT_SHIFT = 12, 6  # of Lava's LIF


def draws(steps: int) -> np.ndarray:
    """(steps, 3): what Lava draws in a step for the weights, for x and for y."""
    shared = SharedDraws()
    return np.array([(shared.weight(t), shared.pre_trace(t), shared.trace(t)) for t in range(1, steps + 1)])


def run(data: Any, drawn: np.ndarray, *, shared: bool, seed: int = 0) -> tuple[np.ndarray, int]:
    """Weights (pre, post) after all steps, and how many spikes there were."""
    weights, tau = data["weights"].astype(np.int16), float(data["tau"])
    survives, leak = math.exp(-1 / tau), 2**DECAY_BITS - round(2**DECAY_BITS * (1 - math.exp(-1 / tau)))
    threshold = int(data["threshold"]) << CURRENT_SHIFT
    fired = steps_of(weights, data["spikes"], drawn, (shared, seed, leak, threshold), survives)
    return weights, int(fired)


@njit(cache=True)
def steps_of(
    weights: np.ndarray, spikes: np.ndarray, drawn: np.ndarray, settings: tuple[bool, int, int, int], survives: float
) -> int:  # fmt: skip
    """All steps; weights (pre, post) int16 are changed in place. Returns the postsynaptic spikes."""
    shared, seed, leak, threshold = settings
    pre, post = weights.shape
    x, y = np.zeros(pre, np.int32), np.zeros(post, np.int32)
    v, current, gain = np.zeros(post, np.int64), np.zeros(post, np.int32), np.empty(post, np.int32)
    fired, total = np.empty(post, np.int64), 0
    for t in range(spikes.shape[0]):
        count = integrate(v, current, leak, threshold, fired)
        gather(weights, spikes[t], current)
        decay(x, drawn[t, 1], survives)
        decay(y, drawn[t, 2], survives)
        for i in range(pre):
            x[i] = min(x[i] + IMPULSE[0] * spikes[t, i], TRACE_MAX)
        for k in range(count):
            y[fired[k]] = min(y[fired[k]] + IMPULSE[1], TRACE_MAX)
        draw = np.int32(drawn[t, 0] * SPAN) if shared else np.int32(-1)
        learn(weights, spikes[t], x, y, fired[:count], draw, stream_key(seed, 0, t), gain)
        total += count
    return total


@njit(cache=True)
def integrate(v: np.ndarray, current: np.ndarray, leak: int, threshold: int, fired: np.ndarray) -> int:
    """Lava's LIF without a current's own decay; who fires goes to ``fired``, and how many do is returned."""
    count = 0
    for j in range(v.size):
        v[j] = ((v[j] * leak) >> DECAY_BITS) + (np.int64(current[j]) << CURRENT_SHIFT)  # excitatory: never below 0
        if v[j] > threshold:
            v[j], fired[count] = 0, j
            count += 1
    return count


@njit(cache=True)
def gather(weights: np.ndarray, spikes: np.ndarray, current: np.ndarray) -> None:
    """What arrives in the next step."""
    current[:] = 0
    for i in range(spikes.size):
        if spikes[i]:
            row = weights[i]
            for j in range(current.size):
                current[j] += np.int32(row[j])


@njit(cache=True)
def decay(trace: np.ndarray, draw: float, survives: float) -> None:
    """A step of a trace's decay, rounded with one draw, as Lava does."""
    for i in range(trace.size):
        value = survives * trace[i]
        whole = math.floor(value)
        trace[i] = np.int32(whole) + np.int32(draw < value - whole)


@njit(cache=True)
def learn(
    weights: np.ndarray, spikes: np.ndarray, x: np.ndarray, y: np.ndarray, fired: np.ndarray, draw: np.int32,
    key: np.uint64, gain: np.ndarray,
) -> None:  # fmt: skip
    """dw = 2^-4 y0 x1 − 2^-4 x0 y1 of one step; ``gain`` is scratch."""
    gain[:] = 0
    for i in range(x.size):
        synapse = row_key(key, i)
        if spikes[i]:
            for k in range(fired.size):
                gain[fired[k]] = x[i]
            if draw < 0:
                learn_row(weights[i], gain, y, synapse)
            else:
                learn_row_shared(weights[i], gain, y, np.int32(SPAN - 1 - draw))
        elif draw < 0 < x[i]:
            for k in range(fired.size):
                j = fired[k]
                weights[i, j] = changed(weights[i, j], x[i], np.int32(0), carry_of(draw32(synapse, j)))
        elif x[i] > 0:
            more = np.int32(np.int32((x[i] << LEFT_SHIFT) + SPAN - 1 - draw) >> np.int32(ROUNDING_BITS))
            for k in range(fired.size if more else 0):  # weights are whole: one draw adds the same to each, often 0
                weights[i, fired[k]] = np.int16(min(np.int32(weights[i, fired[k]]) + more, np.int32(WEIGHT_MAX)))


@njit(cache=True)
def learn_row(row: np.ndarray, gain: np.ndarray, y: np.ndarray, synapse: np.uint32) -> None:
    """`changed` for all synapses of a presynaptic neuron, each with its own draw."""
    for j in range(row.size):
        row[j] = changed(row[j], gain[j], y[j], carry_of(draw32(synapse, j)))


@njit(cache=True)
def learn_row_shared(row: np.ndarray, gain: np.ndarray, y: np.ndarray, up: np.int32) -> None:
    """The same with one draw for all."""
    for j in range(row.size):
        row[j] = changed(row[j], gain[j], y[j], up)


@njit(cache=True, inline="always")
def changed(weight: np.int16, gain: np.int32, loss: np.int32, up: np.int32) -> np.int16:
    """A weight after its two terms, rounded stochastically and held in 8 bits; Lava's sum saturates between them."""
    total = min(np.int32(in_accumulator(weight) + np.int32(gain << LEFT_SHIFT)), np.int32(ACCUMULATOR_MAX))
    total = max(np.int32(total - np.int32(loss << LEFT_SHIFT)), np.int32(0))
    return np.int16(min(np.int32(np.int32(total + up) >> np.int32(ROUNDING_BITS)), np.int32(WEIGHT_MAX)))
