"""Choices of one step in Loihi's integers: reward decides what the target is (recipe B of theory.reward).

pre-H-actions: hidden payload clip(A >> 9, 0, 127) (127 stands for 4), output payload clip((A >> u) + 64, 0, 127) (hard
sigmoid). The action is argmax(o + noise). Rewarded, V̇ = a − o at the top; not rewarded, V̇_a = −o_a alone. The top sends
V̇ down through G, and a hidden unit that is neither silent nor full writes V̇_j = Σ_k G_jk V̇_k. G learns by the same
rule in the same interaction: the top sends V̇⁺ while the apical compartments rise to h, then V̇⁻ while they fall.
"""

from __future__ import annotations

import numpy as np

from neuro_bpdl.kernels.compiling import njit
from neuro_bpdl.kernels.fixed.currents import currents
from neuro_bpdl.kernels.fixed.learn_and_carry import learn_and_carry
from neuro_bpdl.kernels.fixed.rounding import draw32, row_key, stream_key
from neuro_bpdl.numbers.widths import PAYLOAD_MAX, TRACE_MAX

HIDDEN_SHIFT = 9  # unit 2^-7, 127 stands for 4: A = 127·128·4 at h = 127
OUTPUT_UNIT = 8  # of F_2 and G: a weight of 1 stands for 2^-8
HIDDEN_GAIN = 2  # V̇ of hidden units is written times 2^2
LOUD, QUIET = PAYLOAD_MAX, 32  # payloads of the always-on units: 1 on the scale of the pixels and of the hidden layer
PERIOD = 16  # time steps of an interaction: LOAD, SETTLE ×2, ACT, DOWN⁺, DOWN⁻, LEARN, REST; draws never overlap
# Numbers of the random streams.
FIRST, SECOND, RISE, FALL = 0, 1, 2, 3
NOISE, TOP, HIDDEN, APICAL = (1 << 17) + 2, (1 << 17) + 3, (1 << 17) + 4, (1 << 17) + 5
GATED, SUPERVISED = 0, 1  # who teaches: the reward, or the label itself
MANTISSA, SHIFT, BITS = range(3)
SILENT, CLIPPED, REWARDED = range(3)  # what is counted


@njit(cache=True)
def rounded(value: int, shift: int, bits: int, draw: np.uint32) -> int:
    """value / 2^shift, rounded stochastically to a multiple of 2^bits that 7 bits hold."""
    total, size = shift + bits, np.int64(abs(value))
    if total > 0:
        size = (size + np.int64(draw >> np.uint32(32 - total))) >> total
    size = min(size << bits, (TRACE_MAX >> bits) << bits)
    return int(-size if value < 0 else size)


@njit(cache=True)
def forward(
    pixels: np.ndarray, first: np.ndarray, second: np.ndarray, payload: np.ndarray, hidden: np.ndarray,
    output: np.ndarray, nets: np.ndarray, tops: np.ndarray, active: np.ndarray,
) -> None:  # fmt: skip
    """Payloads of both layers; ``nets`` and ``tops`` keep the currents."""
    payload[:-1], payload[-1], hidden[-1] = pixels, LOUD, QUIET
    currents(first[0], payload, active, nets)
    for j in range(nets.size):
        hidden[j] = min(max((nets[j] + (1 << (HIDDEN_SHIFT - 1))) >> HIDDEN_SHIFT, 0), PAYLOAD_MAX)
    currents(second[0], hidden, active, tops)
    for k in range(tops.size):
        output[k] = min(max(((tops[k] + (1 << (OUTPUT_UNIT - 1))) >> OUTPUT_UNIT) + 64, 0), PAYLOAD_MAX)


@njit(cache=True)
def choice(output: np.ndarray, noise: int, key: np.uint32) -> int:
    """argmax of o plus uniform noise −n … n (which also settles ties)."""
    best, at = np.int64(-1), 0
    for k in range(output.size):
        value = (np.int64(output[k]) << 16) + np.int64(draw32(key, k) >> np.uint32(16)) * (2 * noise + 1)
        if value > best:
            best, at = value, k
    return at


@njit(cache=True)
def teach(output: np.ndarray, action: int, label: int, mode: int, swing: np.ndarray) -> None:
    """V̇ of the top before rounding."""
    rewarded = action == label
    for k in range(output.size):
        if mode == SUPERVISED or rewarded:
            swing[k] = (PAYLOAD_MAX if k == label else 0) - output[k]
        else:
            swing[k] = -output[k] if k == action else 0


@njit(cache=True)
def interact(
    images: np.ndarray, labels: np.ndarray, order: np.ndarray, first: np.ndarray, second: np.ndarray, down: np.ndarray,
    rules: np.ndarray, noise: int, mode: int, seed: int, start: int, lost: np.ndarray, counts: np.ndarray,
) -> None:  # fmt: skip
    """One interaction for every index in ``order``; the matrices are changed in place.

    Parameters
    ----------
    images : (N, pre) int32 payloads, labels : (N,) int64
    first, second, down : (2, pre + 1, H), (2, H + 1, actions), (2, actions, H) int16
        F_1, F_2 and G: weights and tags.
    rules : (2, 3) int64
        Mantissa, left shift and bits of V̇, for F_1 and for F_2 and G.
    start : int
        Number of the first interaction: selects the draws.
    lost, counts : (2,), (3,) int64
        Saturated tags and weights; interactions without V̇, clipped V̇, rewards.
    """
    pre, units, actions = first.shape[1], first.shape[2], second.shape[2]
    payload, hidden, output = np.zeros(pre, np.int32), np.zeros(units + 1, np.int32), np.zeros(actions, np.int32)
    nets, tops = np.zeros(units, np.int32), np.zeros(actions, np.int32)
    active = np.zeros(max(pre, units + 1), np.int32)
    swing, part = np.zeros(actions, np.int32), np.zeros(actions, np.int32)
    beneath, apical = np.zeros(units, np.int32), np.zeros(units, np.int32)
    own = np.full(5, -1, np.int64)
    lower, upper = (rules[0, MANTISSA], rules[0, SHIFT]), (rules[1, MANTISSA], rules[1, SHIFT])
    for at in range(order.size):
        number = start + at
        step = number * PERIOD
        forward(images[order[at]], first, second, payload, hidden, output, nets, tops, active)
        action = choice(output, noise, row_key(stream_key(seed, NOISE, number), 0))
        label = labels[order[at]]
        counts[REWARDED] += action == label
        teach(output, action, label, mode, swing)
        key, loud = row_key(stream_key(seed, TOP, number), 0), False
        for k in range(actions):
            swing[k] = rounded(swing[k], 0, rules[1, BITS], draw32(key, k))
            loud = loud or swing[k] != 0
        if not loud:
            counts[SILENT] += 1
            continue
        learns = _send_down(down, swing, hidden, rules[0, BITS], seed, number, beneath, counts)
        learn_and_carry(second, hidden, swing, upper, own, (seed, SECOND, step), lost)
        key = row_key(stream_key(seed, APICAL, number), 0)
        for j in range(units):
            apical[j] = rounded(hidden[j], 0, rules[1, BITS], draw32(key, j))
        for sign in (1, -1):
            some = False
            for k in range(actions):
                part[k] = max(sign * swing[k], 0)
                some = some or part[k] > 0
            if some:
                _learn_down(down, part, apical, sign, upper, own, (seed, RISE if sign > 0 else FALL, step), lost)
        if learns:
            learn_and_carry(first, payload, beneath, lower, own, (seed, FIRST, step), lost)


@njit(cache=True)
def _send_down(
    down: np.ndarray, swing: np.ndarray, hidden: np.ndarray, bits: int, seed: int, number: int, out: np.ndarray,
    counts: np.ndarray,
) -> bool:  # fmt: skip
    """V̇ of the hidden units; True if any is not 0."""
    key, some = row_key(stream_key(seed, HIDDEN, number), 0), False
    for j in range(out.size):
        out[j] = 0
        if 0 < hidden[j] < PAYLOAD_MAX:
            total = np.int64(0)
            for k in range(swing.size):
                total += np.int64(down[0, k, j]) * np.int64(swing[k])
            out[j] = rounded(total, OUTPUT_UNIT + 2 - HIDDEN_GAIN, bits, draw32(key, j))
            some = some or out[j] != 0
            counts[CLIPPED] += abs(out[j]) >= (TRACE_MAX >> bits) << bits
    return some


@njit(cache=True)
def _learn_down(
    down: np.ndarray, payload: np.ndarray, apical: np.ndarray, sign: int, rule: tuple[int, int], own: np.ndarray,
    selector: tuple[int, int, int], lost: np.ndarray,
) -> None:  # fmt: skip
    """ΔG_jk ∝ V̇_k h_j, of one sign."""
    if sign < 0:
        apical[:] = -apical
    learn_and_carry(down, payload, apical, rule, own, selector, lost)


@njit(cache=True)
def best_actions(images: np.ndarray, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """The action with the largest net input for every image, (N,)."""
    units, actions = first.shape[2], second.shape[2]
    payload, hidden = np.zeros(first.shape[1], np.int32), np.zeros(units + 1, np.int32)
    output, nets, tops = np.zeros(actions, np.int32), np.zeros(units, np.int32), np.zeros(actions, np.int32)
    active, found = np.zeros(max(first.shape[1], units + 1), np.int32), np.zeros(len(images), np.int64)
    for i in range(len(images)):
        forward(images[i], first, second, payload, hidden, output, nets, tops, active)
        found[i] = tops.argmax()
    return found
