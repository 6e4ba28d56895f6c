"""Two factors: V̇ as postsynaptic spikes around every presynaptic one, and the pair rule that learns from them.

Where no neuron can write V̇ for its synapses, the branch tells it in spikes of
its own: before a presynaptic spike where the voltage falls, after it where it
rises. The rule is the one that every spike-timing engine has,

    dt = c y0 x1 − c x0 y1,

potentiation where a postsynaptic spike follows a presynaptic one, depression
where it comes first. A neuron that fired at its predicted rate before and at
its inferred rate after would do the same: spikes that both trains share cancel
in the rule, so that only those are sent in which they differ, with probability
|V̇|/127 each. LEARN takes 3 W + 1 time steps: one of silence, then for every
presynaptic spike one before it, its own, and one after it.

A trace is 127 at its spike and 1 of it is left one time step later; what is
left after two is 1 in 127. Lava rounds that with its shared draws; where
synapses have draws of their own nothing is left after two.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.description.program import PAIR_MOMENTS, PAIR_SILENT, PAIR_SPIKE
from neuro_bpdl.kernels.compiling import njit
from neuro_bpdl.kernels.fixed.carry import carry
from neuro_bpdl.kernels.fixed.learning import PER_SYNAPSE
from neuro_bpdl.kernels.fixed.rounding import draw32, row_key, stream_key
from neuro_bpdl.kernels.fixed.spiking import ALWAYS, fires, learn_from_spikes, spikes
from neuro_bpdl.numbers.widths import PAIR_IMPULSE, PAIR_TAU, TRACE_MAX

Array = NDArray[Any]
PAIR_STREAM = 1 << 21  # numbers of the branches' draws, beyond those of the populations' spikes
BEFORE, SPIKE, AFTER = PAIR_SPIKE - 1, PAIR_SPIKE, PAIR_SPIKE + 1  # moments around a presynaptic spike
SURVIVES = math.exp(-1 / PAIR_TAU)


@njit(cache=True, inline="always")
def moment_of(step: int) -> tuple[int, int]:
    """(number of the presynaptic spike, moment) at time step ``step`` of LEARN; both -1 in its silence."""
    if step < PAIR_SILENT:
        return -1, -1
    return (step - PAIR_SILENT) // PAIR_MOMENTS, (step - PAIR_SILENT) % PAIR_MOMENTS


@njit(cache=True)
def fire(swing: np.ndarray, moment: int, selector: tuple[int, int, int], out: np.ndarray) -> int:
    """Postsynaptic spikes, 0 or 1, of one moment; returns how many.

    Parameters
    ----------
    swing : (post,) int32
    selector : (seed, number of the branch's matrix, time step of the moment BEFORE)
        Selects the draws, which all moments of one presynaptic spike share.
    """
    key, sent = row_key(stream_key(selector[0], PAIR_STREAM + selector[1], selector[2]), 0), 0
    sign = -1 if moment == BEFORE else (1 if moment == AFTER else 0)
    for j in range(swing.size):
        size = sign * swing[j]
        out[j] = size > 0 and (np.uint64(draw32(key, j)) * np.uint64(TRACE_MAX)) >> np.uint64(32) < np.uint64(size)
        sent += out[j]
    return sent


@njit(cache=True)
def learn_pairs(
    matrix: np.ndarray, payload: np.ndarray, swing: np.ndarray, pending: np.ndarray, rule: tuple[int, int],
    train: tuple[int, int, int, int], spiking: tuple[int, int, int, int], time_step: int,
    matrix_draws: tuple[int, int, int], lost: np.ndarray,
) -> int:  # fmt: skip
    """LEARN of a whole message, synapses with draws of their own; arguments and result as of `spiking.learn_train`."""
    n, window, sent = payload.size - 1, train[0], 0
    seed, number, first = matrix_draws
    spike, post = np.zeros(n + 1, np.int32), np.zeros(swing.size, np.int32)
    for step in range(PAIR_SILENT + PAIR_MOMENTS * window):
        slot, moment = moment_of(step)
        clock = first + step
        if step:
            lost[1] += carry(matrix, pending, PER_SYNAPSE, seed, number, clock)[1]
        if moment == SPIKE:
            spikes(payload[:n], train, spiking, time_step, slot, spike[:n])
            spike[n] = fires(payload[n], ALWAYS, slot, window, 1)
            sent += int(np.count_nonzero(spike))
        if moment < SPIKE:
            continue
        around = BEFORE if moment == SPIKE else AFTER
        if fire(swing, around, (seed, number, clock - moment), post):
            if moment == SPIKE:
                post = -post
            lost[0] += learn_from_spikes(matrix, spike, post, rule, PER_SYNAPSE, (seed, number, clock))
        for i in range(n + 1):
            pending[i] = pending[i] or spike[i] != 0
    return sent


@dataclass
class Traces:
    """x1 and y1 of one connection, as its learning engine keeps them.

    Attributes
    ----------
    x, y : (pre,), (post,) int32
    """

    x: Array
    y: Array

    @classmethod
    def of(cls, pre: int, post: int) -> Traces:
        """At rest."""
        return cls(np.zeros(pre, np.int32), np.zeros(post, np.int32))

    def advance(self, pre: Array, post: Array, draws: tuple[float, float] | None) -> None:
        """One time step: decay, rounded with two ``draws`` or not at all; then this time step's spikes."""
        for trace, spike, draw in ((self.x, pre, 0), (self.y, post, 1)):
            trace[:] = _left(trace, None if draws is None else draws[draw])
            trace[:] = np.minimum(trace + PAIR_IMPULSE * (spike != 0), TRACE_MAX)


def _left(trace: Array, draw: float | None) -> Array:
    """What a time step leaves of a trace."""
    if draw is None:
        return (trace == PAIR_IMPULSE).astype(np.int32)
    value = SURVIVES * trace
    whole = np.floor(value)
    return (whole + (draw < value - whole)).astype(np.int32)


def learn_at(
    matrix: Array, traces: Traces, pre: Array, post: Array, rule: tuple[int, int], draw: int,
    selector: tuple[int, ...],
) -> int:  # fmt: skip
    """The rule at one time step whose spikes the traces already have; returns how many tags saturated."""
    lost, one = 0, np.int32
    for size in np.unique(traces.x[traces.x > 0]) if post.any() else ():
        rows = (traces.x == size).astype(one)
        lost += learn_from_spikes(matrix, rows, post.astype(one) * one(size), rule, draw, selector)
    if pre.any() and traces.y.any():
        lost += learn_from_spikes(matrix, (pre != 0).astype(one), -traces.y, rule, draw, selector)
    return lost
