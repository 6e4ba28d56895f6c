"""The actor-critic with a learned hidden layer between cells and units, all of it by S_pre · V̇ in integers.

Top: V̇ as in `actor_critic` (δ, and ±δ for winner and twin). Hidden: V̇_j = φ′_j Σ_k G_jk V̇_k over actor and critic; G
learns by the same rule in the same decision: the top sends V̇⁺ while the apical compartments rise to h, then V̇⁻ while
they fall (as in `bandit`). Hidden payloads are clip(A >> 9, 0, 127), 127 for 4.
"""

from __future__ import annotations

import numpy as np

from neuro_bpdl.kernels.compiling import njit
from neuro_bpdl.kernels.fixed import actor_critic as top
from neuro_bpdl.kernels.fixed.actor_critic import (
    ACTION,
    ACTOR_RULE,
    CRITIC_RULE,
    DECISION,
    DELTA,
    GAMMA_SHIFT,
    GOES_ON,
    HALTED,
    HAS_OLD,
    SEED,
    TERMINATED,
    TWIN,
    VALUE,
    draw_actions,
    swings,
)
from neuro_bpdl.kernels.fixed.bandit import HIDDEN_SHIFT, LOUD, QUIET, rounded
from neuro_bpdl.kernels.fixed.currents import currents
from neuro_bpdl.kernels.fixed.learn_and_carry import learn_and_carry
from neuro_bpdl.kernels.fixed.rounding import draw32, row_key, stream_key
from neuro_bpdl.numbers.widths import PAYLOAD_MAX

ACTOR_UNIT, CRITIC_UNIT = 8, 10  # a weight of 1 stands for 2^-u
GAIN, HIDDEN_GAIN = 2, 3  # V̇ of the top and of hidden units is written times 2^gain
ACTOR_SHIFT, CRITIC_SHIFT = (unit + GAIN + 2 - HIDDEN_GAIN for unit in (ACTOR_UNIT, CRITIC_UNIT))  # of G·V̇
WIDER = CRITIC_SHIFT - ACTOR_SHIFT
WRITTEN_GAIN = 9 - CRITIC_UNIT + GAIN  # δ is in the critic's units: what `written` is to know
REWARD_BITS = CRITIC_UNIT - 2
HIDDEN_RULE, CONSTANTS = top.CONSTANTS, top.CONSTANTS + 3
BITS = top.BITS
# Numbers of the random streams.
FIRST, UP_ACTOR, DOWN_ACTOR, UP_CRITIC, DOWN_CRITIC = 2, 3, 4, 5, 6
HIDDEN, APICAL = (1 << 17) + 6, (1 << 17) + 7
PERIOD = 16


@njit(cache=True)
def layer(first: np.ndarray, cells: np.ndarray, active: np.ndarray, nets: np.ndarray, hidden: np.ndarray) -> None:
    """Hidden payloads; cells and hidden end with their always-on units."""
    currents(first[0], cells, active, nets)
    for j in range(nets.size):
        hidden[j] = min(max((nets[j] + (1 << (HIDDEN_SHIFT - 1))) >> HIDDEN_SHIFT, 0), PAYLOAD_MAX)
    hidden[-1] = QUIET


@njit(cache=True)
def top_inputs(
    first: np.ndarray, actor: np.ndarray, critic: np.ndarray, message: np.ndarray, inputs: np.ndarray,
    value: np.ndarray,
) -> None:  # fmt: skip
    """Net inputs of the units for a message, as they are now."""
    cells, active = _cells(message, first.shape[1]), np.empty(max(first.shape[1], actor.shape[1]), np.int32)
    nets, hidden = np.empty(first.shape[2], np.int32), np.empty(actor.shape[1], np.int32)
    layer(first, cells, active, nets, hidden)
    currents(actor[0], hidden, active, inputs)
    currents(critic[0], hidden, active, value)


@njit(cache=True)
def _cells(message: np.ndarray, size: int) -> np.ndarray:
    cells = np.empty(size, np.int32)
    cells[:-1] = message[: size - 1]
    cells[-1] = LOUD
    return cells


@njit(cache=True)
def _hidden_swing(
    down_actor: np.ndarray, down_critic: np.ndarray, post: np.ndarray, value: int, hidden: np.ndarray, bits: int,
    key: np.uint32, out: np.ndarray,
) -> bool:  # fmt: skip
    """V̇ of the hidden units; True if any is not 0."""
    some = False
    for j in range(out.size):
        out[j] = 0
        if 0 < hidden[j] < PAYLOAD_MAX:
            total = np.int64(down_critic[0, 0, j]) * value
            for k in range(post.size):
                total += (np.int64(down_actor[0, k, j]) * np.int64(post[k])) << WIDER
            out[j] = rounded(total, CRITIC_SHIFT, bits, draw32(key, j))
            some = some or out[j] != 0
    return some


@njit(cache=True)
def _learn_down(
    down: np.ndarray, swing: np.ndarray, hidden: np.ndarray, constants: np.ndarray, rule: int, number: int,
    at: int, lost: np.ndarray,
) -> None:  # fmt: skip
    """ΔG ∝ V̇ h: V̇⁺ meets the rise of the apical compartments, V̇⁻ their fall."""
    units, own = down.shape[2], np.full(5, -1, np.int64)
    part, apical = np.empty(swing.size, np.int32), np.empty(units, np.int32)
    key = row_key(stream_key(constants[SEED], APICAL + number, at), 0)
    for sign in (1, -1):
        some = False
        for k in range(swing.size):
            part[k] = max(sign * swing[k], 0)
            some = some or part[k] > 0
        if some:
            for j in range(units):
                apical[j] = sign * rounded(hidden[j], 0, constants[rule + BITS], draw32(key, j))
            literal = (constants[rule], constants[rule + 1])
            learn_and_carry(down, part, apical, literal, own, (constants[SEED], number, at), lost)


@njit(cache=True)
def decide(
    first: np.ndarray, actor: np.ndarray, critic: np.ndarray, down_actor: np.ndarray, down_critic: np.ndarray,
    old: np.ndarray, old_hidden: np.ndarray, memory: np.ndarray, message: np.ndarray, constants: np.ndarray,
    table: np.ndarray, lost: np.ndarray,
) -> int:  # fmt: skip
    """One decision, as `actor_critic.decide`; matrices (2, pre + 1, post) but the down ones, (2, post, pre), int16."""
    pre, end = first.shape[1] - 1, message[first.shape[1]]
    if end == HALTED:
        return 0
    units, hidden_units, decision = actor.shape[2], first.shape[2], memory[DECISION]
    cells, active = _cells(message, pre + 1), np.empty(max(pre, hidden_units) + 1, np.int32)
    nets, hidden = np.empty(hidden_units, np.int32), np.empty(hidden_units + 1, np.int32)
    inputs, value = np.empty(units, np.int32), np.empty(1, np.int32)
    if memory[HAS_OLD]:
        layer(first, cells, active, nets, hidden)
        currents(critic[0], hidden, active, value)
        after = np.int64(0) if end == TERMINATED else np.int64(value[0])
        shift = constants[GAMMA_SHIFT]
        delta = ((np.int64(message[pre]) << REWARD_BITS) >> shift) + after - (after >> shift) - memory[VALUE]
        memory[DELTA] = delta
        _learn(first, actor, critic, down_actor, down_critic, old, old_hidden, memory, delta, constants, lost)
    layer(first, cells, active, nets, hidden)
    currents(actor[0], hidden, active, inputs)
    currents(critic[0], hidden, active, value)
    memory[VALUE] = value[0]
    draw_actions(inputs, memory, constants, table)
    old[:], old_hidden[:] = cells, hidden
    memory[HAS_OLD], memory[DECISION] = end == GOES_ON, decision + 1
    return memory[ACTION]


@njit(cache=True)
def _learn(
    first: np.ndarray, actor: np.ndarray, critic: np.ndarray, down_actor: np.ndarray, down_critic: np.ndarray,
    old: np.ndarray, old_hidden: np.ndarray, memory: np.ndarray, delta: int, constants: np.ndarray, lost: np.ndarray,
) -> None:  # fmt: skip
    post, peak, own = np.empty(actor.shape[2], np.int32), np.empty(1, np.int32), np.full(5, -1, np.int64)
    beneath, decision, seed = np.empty(first.shape[2], np.int32), memory[DECISION], constants[SEED]
    swings(delta, memory, constants, decision, -1.0, post, peak)
    at, acted = decision * PERIOD, memory[ACTION] != memory[TWIN]
    key, bits = row_key(stream_key(seed, HIDDEN, decision), 0), constants[HIDDEN_RULE + BITS]
    some = _hidden_swing(down_actor, down_critic, post, peak[0], old_hidden, bits, key, beneath)
    if acted:
        rule = (constants[ACTOR_RULE], constants[ACTOR_RULE + 1])
        learn_and_carry(actor, old_hidden, post, rule, own, (seed, top.ACTOR, at), lost)
        _learn_down(down_actor, post, old_hidden, constants, ACTOR_RULE, UP_ACTOR, at, lost)
    if peak[0] != 0:
        rule = (constants[CRITIC_RULE], constants[CRITIC_RULE + 1])
        learn_and_carry(critic, old_hidden, peak, rule, own, (seed, top.CRITIC, at), lost)
        _learn_down(down_critic, peak, old_hidden, constants, CRITIC_RULE, UP_CRITIC, at, lost)
    if some:
        rule = (constants[HIDDEN_RULE], constants[HIDDEN_RULE + 1])
        learn_and_carry(first, old, beneath, rule, own, (seed, FIRST, at), lost)
