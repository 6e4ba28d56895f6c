"""A whole learning presentation of one replica in one compiled call: what the state machine does, without Python.

Phase for phase `LayerKernel` on every layer and `FixedNetwork.project`,
`.learn` and the carry between them. Only for `training_program`; everything
else goes through the state machine, and so does what somebody records.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from neuro_bpdl.kernels.curves import MAX_SLOPE_SHIFT, SILENT
from neuro_bpdl.kernels.events import DOWN, LEARN_DOWN, LEARN_UP, UP
from neuro_bpdl.kernels.float_layer import BERNOULLI_DRAWS
from neuro_bpdl.kernels.integer import currents, move, predict
from neuro_bpdl.kernels.plasticity import learn_and_carry
from neuro_bpdl.kernels.rounding import SWING_STREAM, TRACE_DECAY, dither
from neuro_bpdl.kernels.widths import SOMA_FRACTION_BITS, SOMA_MAX, TRACE_MAX

HALF = 1 << (SOMA_FRACTION_BITS - 1)
SOMA, SWING, TAGS = range(3)  # columns of the counter of what was clipped, of events.SATURATIONS; weights follow tags


class Plan(NamedTuple):
    """The integers of a network that stay. Layer l is units ``edges[l]`` to ``edges[l + 1]`` of N.

    Attributes
    ----------
    edges : (L + 2,) int64
    maps : (L + 1, 5) int64
        Offset and shift of the basal compartment, of the apical one, and the
        always-on payload.
    payloads : (L + 1, T) int32
        Tables of `curves.payloads`, the shorter ones with their last payload to the end.
    slope_shifts : (L + 1, 128) int32
        See `curves.slope_shifts`; 0 without φ′.
    delta : (mantissa, shift)
    alpha : (L, 2) int64
        Mantissa and shift, of layers 1…L.
    rules : (2, L, 3) int64
        Of F and of G: mantissa and left shift of the literal, bits of V̇.
    lowest : (L + 1,) int64
        Soma state below which corruption does not go.
    spread : (L + 1,) float32
        Standard deviation of the corruption, as a soma state.
    top_scale : float
        The top's soma state for an activity of 1.
    """

    edges: np.ndarray
    maps: np.ndarray
    payloads: np.ndarray
    slope_shifts: np.ndarray
    delta: tuple[int, int]
    alpha: np.ndarray
    rules: np.ndarray
    lowest: np.ndarray
    spread: np.ndarray
    top_scale: float


class State(NamedTuple):
    """What a presentation changes beside the weights.

    Attributes
    ----------
    soma, basal, apical, noisy : (N,) int32
        h, p, r and h̃.
    from_below, from_above : (N,) int32
        Currents that arrive; after LEARN, V̇ of the two compartments.
    messages : (L + 1, 4) int64
    clipped : (L + 1, 4) int64
        Counters: see `neuro_bpdl.kernels.events`.
    squares : (L + 1,) int64
        Σ V̇² of the apical compartments.
    """

    soma: np.ndarray
    basal: np.ndarray
    apical: np.ndarray
    noisy: np.ndarray
    from_below: np.ndarray
    from_above: np.ndarray
    messages: np.ndarray
    clipped: np.ndarray
    squares: np.ndarray


class Noise(NamedTuple):
    """What is random in a presentation.

    Attributes
    ----------
    normal : (N,) float64
    uniform : (3, n_L) float64
        For Bernoulli corruption of the top; (3, 0) where it is Gaussian.
    shared : (1 + CARRY_STEPS,) int64
        One draw for all synapses from LEARN on, or PER_SYNAPSE.
    trace : float
        Rounds the decay of V̇ where draws are shared.
    seed : int
    presentation : int
    """

    normal: np.ndarray
    uniform: np.ndarray
    shared: np.ndarray
    trace: float
    seed: int
    presentation: int


@njit(cache=True)
def present(
    feed: np.ndarray,
    cycles: int,
    time_step: int,
    up: tuple[np.ndarray, ...],
    down: tuple[np.ndarray, ...],
    plan: Plan,
    state: State,
    noise: Noise,
) -> None:
    """LOAD, SETTLE, cycles, CORRUPT, LEARN and REST; everything changed in place.

    Parameters
    ----------
    feed : (n_0,) int32
        Payloads.
    time_step : int
        LEARN's, from the start of training.
    up, down : L matrices each, (2, pre + 1, post) int16
        Weights and tags, all tags at rest.
    """
    depth = len(up)
    payload, active = np.empty(state.soma.size + 1, np.int32), np.empty(state.soma.size + 1, np.int32)
    for i in range(feed.size):
        state.soma[i] = feed[i] << SOMA_FRACTION_BITS
    for layer in range(1, depth + 1):
        _send_states(layer - 1, True, False, up, down, plan, state, payload, active)
        _predict_basal(layer, plan, state, state.basal)
        for i in range(plan.edges[layer], plan.edges[layer + 1]):
            state.soma[i] = state.basal[i] << SOMA_FRACTION_BITS
    for _ in range(cycles):
        for layer in range(1, depth + 1):
            _send_states(layer, layer < depth, True, up, down, plan, state, payload, active)
        _reflect(up, plan, state, payload, active)
        _update(plan, state, payload)
    _corrupt(up, down, plan, state, noise, payload, active)
    _write_swings(plan, state, noise)
    _learn(time_step, up, down, plan, state, noise, payload)


@njit(cache=True, inline="always")
def _layer(values: np.ndarray, plan: Plan, layer: int) -> np.ndarray:
    return values[plan.edges[layer] : plan.edges[layer + 1]]


@njit(cache=True, inline="always")
def _fill(payload: np.ndarray, value: np.ndarray, bits: int, always_on: int) -> tuple[np.ndarray, int]:
    """The payload of rates, or of states with so many fraction bits; and the messages that it sends."""
    half, sent = np.int32((1 << bits) >> 1), np.int32(1)
    for i in range(value.size):
        payload[i] = np.int32(np.int32(value[i] + half) >> np.int32(bits))
        sent = np.int32(sent + np.int32(payload[i] != 0))
    payload[value.size] = always_on
    return payload[: value.size + 1], int(sent)


@njit(cache=True, inline="always")
def _fill_traced(payload: np.ndarray, noisy: np.ndarray, always_on: int) -> np.ndarray:
    """What traces have of corrupted payloads: no sign."""
    for i in range(noisy.size):
        payload[i] = max(noisy[i], np.int32(0))
    payload[noisy.size] = always_on
    return payload[: noisy.size + 1]


@njit(cache=True)
def _send_states(
    layer: int,
    upward: bool,
    downward: bool,
    up: tuple[np.ndarray, ...],
    down: tuple[np.ndarray, ...],
    plan: Plan,
    state: State,
    payload: np.ndarray,
    active: np.ndarray,
) -> None:
    sent, count = _fill(payload, _layer(state.soma, plan, layer), SOMA_FRACTION_BITS, plan.maps[layer, 4])
    if downward:
        state.messages[layer, DOWN] += count
        currents(down[layer - 1][0], sent, active, _layer(state.from_above, plan, layer - 1))
    if upward:
        state.messages[layer, UP] += count
        currents(up[layer][0], sent, active, _layer(state.from_below, plan, layer + 1))


@njit(cache=True)
def _predict_basal(layer: int, plan: Plan, state: State, out: np.ndarray) -> None:
    current = _layer(state.from_below, plan, layer)
    predict(current, plan.maps[layer, 0], plan.maps[layer, 1], plan.payloads[layer], _layer(out, plan, layer))


@njit(cache=True)
def _predict_apical(layer: int, plan: Plan, state: State, out: np.ndarray) -> None:
    current = _layer(state.from_above, plan, layer)
    predict(current, plan.maps[layer, 2], plan.maps[layer, 3], plan.payloads[layer], _layer(out, plan, layer))


@njit(cache=True)
def _reflect(
    up: tuple[np.ndarray, ...], plan: Plan, state: State, payload: np.ndarray, active: np.ndarray
) -> None:
    """REFLECT: layer 1 keeps its basal prediction of an image that stays."""
    for layer in range(2, len(up) + 1):
        _predict_basal(layer, plan, state, state.basal)
    for layer in range(len(up)):
        _predict_apical(layer, plan, state, state.apical)
        sent, count = _fill(payload, _layer(state.apical, plan, layer), 0, plan.maps[layer, 4])
        state.messages[layer, UP] += count
        currents(up[layer][0], sent, active, _layer(state.from_below, plan, layer + 1))


@njit(cache=True)
def _update(plan: Plan, state: State, scratch: np.ndarray) -> None:
    """UPDATE."""
    for layer in range(1, plan.edges.size - 1):
        _predict_basal(layer, plan, state, scratch)
        alpha = (plan.alpha[layer - 1, 0], plan.alpha[layer - 1, 1])
        state.clipped[layer, SOMA] += move(
            _layer(state.soma, plan, layer),
            _layer(state.basal, plan, layer),
            _layer(scratch, plan, layer),
            _layer(state.apical, plan, layer),
            plan.delta,
            alpha,
        )


@njit(cache=True)
def _corrupt(
    up: tuple[np.ndarray, ...],
    down: tuple[np.ndarray, ...],
    plan: Plan,
    state: State,
    noise: Noise,
    payload: np.ndarray,
    active: np.ndarray,
) -> None:
    """CORRUPT, and the messages of LEARN, which repeat those of CORRUPT but for negative ones."""
    depth = len(up)
    for layer in range(depth + 1):
        noisy = _layer(state.noisy, plan, layer)
        if layer == depth and noise.uniform.size:
            _bernoulli(_layer(state.soma, plan, layer), noise.uniform, plan.top_scale, noisy)
        else:
            gauss = _layer(noise.normal, plan, layer)
            _gaussian(_layer(state.soma, plan, layer), gauss, plan.spread[layer], plan.lowest[layer], noisy)
        sent, count = _fill(payload, noisy, 0, plan.maps[layer, 4])
        learned = 1 + int((noisy > 0).sum())
        if layer < depth:
            state.messages[layer, UP] += count + learned
            state.messages[layer, LEARN_UP] += learned
            currents(up[layer][0], sent, active, _layer(state.from_below, plan, layer + 1))
        if layer > 0:
            state.messages[layer, DOWN] += count + learned
            state.messages[layer, LEARN_DOWN] += learned
            currents(down[layer - 1][0], sent, active, _layer(state.from_above, plan, layer - 1))


@njit(cache=True)
def _gaussian(soma: np.ndarray, normal: np.ndarray, spread: np.float32, lowest: int, out: np.ndarray) -> None:
    for i in range(soma.size):
        moved = float(soma[i]) + float(np.rint(np.float32(normal[i]) * spread))
        kept = np.int32(min(max(moved, float(lowest)), float(SOMA_MAX)))
        out[i] = np.int32(np.int32(kept + np.int32(HALF)) >> np.int32(SOMA_FRACTION_BITS))


@njit(cache=True)
def _bernoulli(soma: np.ndarray, uniform: np.ndarray, scale: float, out: np.ndarray) -> None:
    for i in range(soma.size):
        count = 0
        for draw in range(BERNOULLI_DRAWS):
            count += uniform[draw, i] < soma[i] / scale
        out[i] = (np.int32(np.rint(count / BERNOULLI_DRAWS * scale)) + HALF) >> SOMA_FRACTION_BITS


@njit(cache=True)
def _write_swings(plan: Plan, state: State, noise: Noise) -> None:
    """V̇ of every compartment in place of the current that predicted it."""
    for layer in range(plan.edges.size - 1):
        soma = _layer(state.soma, plan, layer)
        if layer > 0:
            current, bits = _layer(state.from_below, plan, layer), plan.rules[0, layer - 1, 2]
            _predict_basal(layer, plan, state, state.from_below)
            clipped, _ = _write(soma, current, 2 * layer, bits, plan.slope_shifts[layer], noise)
            state.clipped[layer, SWING] += clipped
        if layer < plan.edges.size - 2:
            current, bits = _layer(state.from_above, plan, layer), plan.rules[1, layer, 2]
            _predict_apical(layer, plan, state, state.from_above)
            shifts = plan.slope_shifts[layer]
            clipped, state.squares[layer] = _write(soma, current, 2 * layer + 1, bits, shifts, noise)
            state.clipped[layer, SWING] += clipped


@njit(cache=True)
def _write(
    soma: np.ndarray, swing: np.ndarray, number: int, bits: int, slope_shifts: np.ndarray, noise: Noise
) -> tuple[int, int]:
    """V̇ = h − ``swing`` (a prediction), in its place, shifted for φ′, in multiples of 2^bits.

    Returns how many were clipped, and Σ V̇² before rounding.
    """
    clipped, total = 0, 0
    rounding = dither(noise.seed, SWING_STREAM + number, noise.presentation, soma.size, bits + MAX_SLOPE_SHIFT)
    for i in range(soma.size):
        value = np.int32(np.int32(np.int32(soma[i] + np.int32(HALF)) >> np.int32(SOMA_FRACTION_BITS)) - swing[i])
        total += int(value) * int(value)
        shift = slope_shifts[swing[i]]
        if shift == SILENT:
            swing[i] = 0
            continue
        fraction = np.int32(rounding[i] >> np.int32(MAX_SLOPE_SHIFT - shift))
        wanted = np.int32(np.int32(np.int32(abs(value)) + fraction) >> shift)
        clipped += wanted > TRACE_MAX
        size = np.int32(min(wanted, np.int32(TRACE_MAX)) >> bits << bits)
        if noise.shared[0] >= 0:
            size = _decayed(size, noise.trace)
        swing[i] = np.int32(-size if value < 0 else size)
    return clipped, total


@njit(cache=True, inline="always")
def _decayed(size: np.int32, draw: float) -> np.int32:
    """See `rounding.decayed`."""
    value = TRACE_DECAY * size
    whole = np.floor(value)
    return np.int32(whole + (draw < value - whole))


@njit(cache=True)
def _learn(
    time_step: int,
    up: tuple[np.ndarray, ...],
    down: tuple[np.ndarray, ...],
    plan: Plan,
    state: State,
    noise: Noise,
    payload: np.ndarray,
) -> None:
    """LEARN and REST."""
    for layer in range(1, len(up) + 1):
        rule = plan.rules[0, layer - 1]
        sent = _fill_traced(payload, _layer(state.noisy, plan, layer - 1), plan.maps[layer - 1, 4])
        swing, selector = _layer(state.from_below, plan, layer), (noise.seed, 2 * layer - 1, time_step)
        lost = state.clipped[layer, TAGS:]
        learn_and_carry(up[layer - 1], sent, swing, (rule[0], rule[1]), noise.shared, selector, lost)
        rule = plan.rules[1, layer - 1]
        sent = _fill_traced(payload, _layer(state.noisy, plan, layer), plan.maps[layer, 4])
        swing, selector = _layer(state.from_above, plan, layer - 1), (noise.seed, 2 * layer, time_step)
        lost = state.clipped[layer - 1, TAGS:]
        learn_and_carry(down[layer - 1], sent, swing, (rule[0], rule[1]), noise.shared, selector, lost)
