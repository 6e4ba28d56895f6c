"""Inference cycles of one replica in one compiled call: what `LayerKernel` does at REFLECT and UPDATE, without Python.

Only for clamped programs, and only for cycles that another one follows: the
last one sends what the program wants next, which the state machine knows.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from neuro_bpdl.kernels.events import DOWN, UP
from neuro_bpdl.kernels.integer import currents, move, predict
from neuro_bpdl.kernels.schedule import Phase, Program
from neuro_bpdl.kernels.widths import SOMA_FRACTION_BITS


def cycles_ahead(program: Program) -> tuple[int, ...]:
    """[position]: how many (REFLECT, UPDATE) pairs start there that another pair follows; 0 when not clamped."""
    phases = [step.phase for step in program.steps]
    ahead = [0] * (len(phases) + 2)
    for position in range(len(phases) - 2, -1, -1):
        pair = phases[position : position + 2] == [Phase.REFLECT, Phase.UPDATE]
        followed = phases[position + 2 : position + 4] == [Phase.REFLECT, Phase.UPDATE]
        if program.clamped and pair and followed:
            ahead[position] = 1 + ahead[position + 2]
    return tuple(ahead[: len(phases)])


@njit(cache=True, inline="always")
def _broadcast(rate: np.ndarray, bits: int, payload: np.ndarray, always_on: int) -> int:
    """Fill ``payload`` with rates, or with states of so many fraction bits rounded; returns the messages sent."""
    half = np.int32((1 << bits) >> 1)
    sent = np.int32(1)
    for i in range(rate.size):
        payload[i] = np.int32(np.int32(rate[i] + half) >> np.int32(bits))
        sent = np.int32(sent + np.int32(payload[i] != 0))
    payload[rate.size] = always_on
    return int(sent)


@njit(cache=True)
def run_cycles(
    times: int,
    up: tuple[np.ndarray, ...],
    down: tuple[np.ndarray, ...],
    soma: tuple[np.ndarray, ...],
    basal: tuple[np.ndarray, ...],
    apical: tuple[np.ndarray, ...],
    from_below: tuple[np.ndarray, ...],
    from_above: tuple[np.ndarray, ...],
    maps: np.ndarray,
    delta: tuple[int, int],
    alpha: np.ndarray,
    messages: np.ndarray,
    clipped: np.ndarray,
) -> None:
    """``times`` cycles, everything changed in place.

    Parameters
    ----------
    up, down : L weight matrices each, (pre + 1, post) int16
    soma, basal, apical, from_below, from_above : L + 1 arrays (n_l,) int32
        The layers' states and rates; the currents that arrive at them.
    maps : (L + 1, 5) int64
        Per layer: offset and shift of the basal compartment, of the apical
        compartment, and the always-on payload.
    delta : (mantissa, shift)
        δ.
    alpha : (L, 2) int64
        Mantissa and shift of α of layers 1…L.
    messages : (L + 1, 4), clipped : (L + 1,)
        Counters.
    """
    depth, widest = len(up), 0
    for layer in range(depth + 1):
        widest = max(widest, soma[layer].size + 1)
    active, scratch, rates = np.empty(widest, np.int32), np.empty(widest, np.int32), np.empty(widest, np.int32)
    for _ in range(times):
        for layer in range(depth + 1):
            if layer > 1:
                predict(from_below[layer], maps[layer, 0], maps[layer, 1], basal[layer])
            if layer < depth:
                predict(from_above[layer], maps[layer, 2], maps[layer, 3], apical[layer])
        for layer in range(depth):
            payload = scratch[: apical[layer].size + 1]
            messages[layer, UP] += _broadcast(apical[layer], 0, payload, maps[layer, 4])
            currents(up[layer], payload, active, from_below[layer + 1])
        for layer in range(1, depth + 1):
            reflected, pull = rates[: soma[layer].size], (alpha[layer - 1, 0], alpha[layer - 1, 1])
            predict(from_below[layer], maps[layer, 0], maps[layer, 1], reflected)
            clipped[layer] += move(soma[layer], basal[layer], reflected, apical[layer], delta, pull)
        for layer in range(1, depth + 1):
            payload = scratch[: soma[layer].size + 1]
            sent = _broadcast(soma[layer], SOMA_FRACTION_BITS, payload, maps[layer, 4])
            messages[layer, DOWN] += sent
            currents(down[layer - 1], payload, active, from_above[layer - 1])
            if layer < depth:
                messages[layer, UP] += sent
                currents(up[layer], payload, active, from_below[layer + 1])
