"""An actor-critic in Loihi's integers: δ is the value compartment's own swing plus reward as a current.

    δ = (1 − γ) r + γ V(s′) − V(s);  in the soma's units  δ_A = r_A + A_V′ − (A_V′ >> g) − A_V,   γ = 1 − 2^−g

y1 − y2 of the value unit is δ_A·2^gain/128; the winner's is +δ_A, the twin's −δ_A on the same scale, all
others 0. The winner a and the twin a′ are two draws from one law, argmax_k (A_k + Gumbel noise), so
E[δ (a − a′)] is the policy gradient (theory.reward): no softmax, no multiplier. Synapses learn by
`learn_and_carry`, as everywhere.
"""

from __future__ import annotations

import numpy as np

from neuro_bpdl.kernels.compiling import njit
from neuro_bpdl.kernels.fixed.currents import currents
from neuro_bpdl.kernels.fixed.learn_and_carry import learn_and_carry
from neuro_bpdl.kernels.fixed.rounding import TRACE_DECAY, draw32, row_key, stream_key
from neuro_bpdl.numbers.widths import PAYLOAD_BITS, TRACE_MAX

# What an environment's message ends with: the reward as a signed payload, and whether the episode did.
GOES_ON, TERMINATED, TRUNCATED, HALTED = 0, 1, 2, 3
TAIL = 2
# Places in the memory between two decisions, beside x_{t−1}.
HAS_OLD, ACTION, TWIN, VALUE, DECISION, DELTA = range(6)
MEMORY = 6
# Places in the constants.
GAMMA_SHIFT, SEED, ACTOR_UNIT, ACTOR_GAIN, CRITIC_GAIN, ACTOR_RULE, CRITIC_RULE = 0, 1, 2, 3, 4, 5, 8
CONSTANTS = 11
MANTISSA, SHIFT, BITS = range(3)  # of a rule
# Numbers of the random streams, beyond those of matrices and of swings.
ACTOR, CRITIC, NOISE_STREAM, SWING_STREAM = 0, 1, 1 << 17, (1 << 17) + 1
NOISE_BITS = 7
REWARD_BITS = 7  # a reward of 1 is the payload 127; shifted by this it is a current like V = 1

# Time steps of a decision: what a chip does when. Dense delivers one step late.
SENSE, LEARN, RECALL, ACT = 0, 1, 6, 7  # 2 to 5: the tags are carried into the weights
PERIOD = 8


def noise_table() -> np.ndarray:
    """128 quantiles of the Gumbel law in payloads, 127 for a net input of 1: argmax(A + noise) follows softmax."""
    middle = (np.arange(1 << NOISE_BITS) + 0.5) / (1 << NOISE_BITS)
    return np.asarray(np.rint(-np.log(-np.log(middle)) * 127), np.int64)


@njit(cache=True)
def current(weights: np.ndarray, message: np.ndarray, unit: int) -> int:
    """Σ w·x of one unit: weights (pre, post), message (pre + TAIL,)."""
    total = np.int64(0)
    for i in range(weights.shape[0]):
        if message[i] != 0:
            total += np.int64(weights[i, unit]) * np.int64(message[i])
    return total  # type: ignore[return-value]


@njit(cache=True)
def greedy(actor: np.ndarray, message: np.ndarray) -> int:
    """The unit with the largest net input: the policy without its noise."""
    best, at = current(actor[0], message, 0), 0
    for unit in range(1, actor.shape[2]):
        value = current(actor[0], message, unit)
        if value > best:
            best, at = value, unit
    return at


@njit(cache=True)
def td_error(reward: int, end: int, value: int, before: int, gamma_shift: int) -> int:
    """δ_A in the units of the value unit's soma; a terminated episode has no value after it."""
    after = 0 if end == TERMINATED else value
    return ((reward << REWARD_BITS) >> gamma_shift) + after - (after >> gamma_shift) - before


@njit(cache=True)
def written(delta: int, gain: int, bits: int, draw: np.uint32, trace: float) -> int:
    """δ as y1 − y2: ·2^gain/128, rounded stochastically to a multiple of 2^bits that 7 bits hold."""
    shift = PAYLOAD_BITS - gain + bits
    size = (abs(delta) + np.int64(draw >> np.uint32(32 - shift))) >> shift
    size = min(size << bits, (TRACE_MAX >> bits) << bits)
    if trace >= 0:  # the decay of Lava's y traces (rounding.decayed)
        kept = TRACE_DECAY * size
        whole = np.floor(kept)
        size = int(whole) + (trace < kept - whole)
    return int(-size if delta < 0 else size)


@njit(cache=True)
def swings(delta: int, memory: np.ndarray, constants: np.ndarray, decision: int, trace: float, actor: np.ndarray,
           critic: np.ndarray) -> None:  # fmt: skip
    """y1 − y2 of every unit: +δ for the winner, −δ for its twin, δ for the value unit."""
    key = row_key(stream_key(constants[SEED], SWING_STREAM, decision), 0)
    critic[0] = written(delta, constants[CRITIC_GAIN], constants[CRITIC_RULE + BITS], draw32(key, CRITIC), trace)
    actor[:] = 0
    if memory[ACTION] == memory[TWIN]:
        return
    swing = written(delta, constants[ACTOR_GAIN], constants[ACTOR_RULE + BITS], draw32(key, ACTOR), trace)
    actor[memory[ACTION]], actor[memory[TWIN]] = swing, -swing


@njit(cache=True)
def draw_actions(inputs: np.ndarray, memory: np.ndarray, constants: np.ndarray, table: np.ndarray) -> None:
    """The winner and its twin: two draws of argmax_k (A_k + noise_k)."""
    key, units = row_key(stream_key(constants[SEED], NOISE_STREAM, memory[DECISION]), 0), inputs.size
    for draw in range(2):
        best, at = np.int64(0), -1
        for unit in range(units):
            noise = table[draw32(key, draw * units + unit) >> np.uint32(32 - NOISE_BITS)] << constants[ACTOR_UNIT]
            noisy = np.int64(inputs[unit]) + noise
            if at < 0 or noisy > best:
                best, at = noisy, unit
        memory[ACTION + draw] = at


@njit(cache=True)
def decide(
    actor: np.ndarray, critic: np.ndarray, old: np.ndarray, memory: np.ndarray, message: np.ndarray,
    constants: np.ndarray, table: np.ndarray, draws: np.ndarray, trace: float, lost: np.ndarray,
) -> int:  # fmt: skip
    """One decision: δ, learning for the state that was left, then the next action.

    Parameters
    ----------
    actor, critic : (2, pre, actions), (2, pre, 1) int16
        Weights and tags; changed in place.
    old : (pre,) int32
        x_{t−1}; becomes x_t.
    memory : (MEMORY,) int64, changed in place
    message : (pre + TAIL,) int32
        Payloads, reward as a signed payload, end.
    constants : (CONSTANTS,) int64
    table : (128,) int64, see `noise_table`
    draws : (1 + CARRY_STEPS,) int64, trace : float
        The shared draws of stock Lava; PER_SYNAPSE and −1 where every synapse has its own.
    lost : (2,) int64
        Counts saturated tags and weights.

    Returns
    -------
    int
        The action, 0 … actions − 1; without a meaning after an end.
    """
    pre, end = old.size, message[old.size + 1]
    if end == HALTED:
        return 0
    decision, units, payload = memory[DECISION], actor.shape[2], message[:pre]
    active, inputs, value = np.empty(pre, np.int32), np.empty(units, np.int32), np.empty(1, np.int32)
    if memory[HAS_OLD]:
        currents(critic[0], payload, active, value)
        delta = td_error(message[pre], end, value[0], memory[VALUE], constants[GAMMA_SHIFT])
        memory[DELTA] = delta
        post, top = np.empty(units, np.int32), np.empty(1, np.int32)
        swings(delta, memory, constants, decision, trace, post, top)
        learns_at = decision * PERIOD + LEARN + 1
        if top[0] != 0:
            rule = (constants[CRITIC_RULE + MANTISSA], constants[CRITIC_RULE + SHIFT])
            learn_and_carry(critic, old, top, rule, draws, (constants[SEED], CRITIC, learns_at), lost)
        if memory[ACTION] != memory[TWIN]:
            rule = (constants[ACTOR_RULE + MANTISSA], constants[ACTOR_RULE + SHIFT])
            learn_and_carry(actor, old, post, rule, draws, (constants[SEED], ACTOR, learns_at), lost)
    currents(actor[0], payload, active, inputs)
    currents(critic[0], payload, active, value)
    memory[VALUE] = value[0]
    draw_actions(inputs, memory, constants, table)
    old[:] = payload
    memory[HAS_OLD] = end == GOES_ON
    memory[DECISION] = decision + 1
    return memory[ACTION]


