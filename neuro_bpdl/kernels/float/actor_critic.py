"""The actor-critic of `kernels.fixed.actor_critic` without its widths: the same equations and noise in float64."""

from __future__ import annotations

import numpy as np

from neuro_bpdl.kernels.compiling import njit
from neuro_bpdl.kernels.fixed.actor_critic import GOES_ON, HALTED, NOISE_BITS, NOISE_STREAM, TERMINATED
from neuro_bpdl.kernels.fixed.rounding import draw32, row_key, stream_key

# Places in the memory between two decisions, beside x_{t−1}.
HAS_OLD, ACTION, TWIN, VALUE, DECISION, DELTA = range(6)
GAMMA, SEED, ACTOR_RATE, CRITIC_RATE = range(4)  # places in the constants


@njit(cache=True)
def net_input(weights: np.ndarray, message: np.ndarray, unit: int) -> float:
    """Σ w·x of one unit."""
    total = 0.0
    for i in range(weights.shape[0]):
        if message[i] != 0:
            total += weights[i, unit] * message[i]
    return total


@njit(cache=True)
def greedy(actor: np.ndarray, message: np.ndarray) -> int:
    """The unit with the largest net input."""
    best, at = net_input(actor, message, 0), 0
    for unit in range(1, actor.shape[1]):
        value = net_input(actor, message, unit)
        if value > best:
            best, at = value, unit
    return at


@njit(cache=True)
def draw_actions(inputs: np.ndarray, memory: np.ndarray, seed: int, table: np.ndarray) -> None:
    """The winner and its twin; ``table`` is the fixed one in payloads, sharpened."""
    key, units = row_key(stream_key(seed, NOISE_STREAM, int(memory[DECISION])), 0), inputs.size
    for draw in range(2):
        best, at = 0.0, -1
        for unit in range(units):
            noisy = inputs[unit] + table[draw32(key, draw * units + unit) >> np.uint32(32 - NOISE_BITS)] / 127.0
            if at < 0 or noisy > best:
                best, at = noisy, unit
        memory[ACTION + draw] = at


@njit(cache=True)
def decide(
    actor: np.ndarray, critic: np.ndarray, old: np.ndarray, memory: np.ndarray, message: np.ndarray,
    constants: np.ndarray, table: np.ndarray,
) -> int:  # fmt: skip
    """One decision; arguments as of the fixed `decide`, in rates and rewards.

    Parameters
    ----------
    actor, critic : (pre, actions), (pre, 1) float64
    memory : (MEMORY,) float64
    message : (pre + TAIL,) float64
    """
    pre, end = old.size, int(message[old.size + 1])
    if end == HALTED:
        return 0
    gamma, units = constants[GAMMA], actor.shape[1]
    if memory[HAS_OLD] != 0:
        after = 0.0 if end == TERMINATED else net_input(critic, message, 0)
        delta = (1 - gamma) * message[pre] + gamma * after - memory[VALUE]
        memory[DELTA] = delta
        winner, twin = int(memory[ACTION]), int(memory[TWIN])
        for i in range(pre):
            if old[i] != 0:
                critic[i, 0] += constants[CRITIC_RATE] * delta * old[i]
                if winner != twin:
                    actor[i, winner] += constants[ACTOR_RATE] * delta * old[i]
                    actor[i, twin] -= constants[ACTOR_RATE] * delta * old[i]
    inputs = np.empty(units)
    for unit in range(units):
        inputs[unit] = net_input(actor, message, unit)
    memory[VALUE] = net_input(critic, message, 0)
    draw_actions(inputs, memory, int(constants[SEED]), table)
    for i in range(pre):
        old[i] = message[i]
    memory[HAS_OLD] = end == GOES_ON
    memory[DECISION] += 1
    return int(memory[ACTION])
