"""Reward through S_pre · V̇: what the rule does on average when V̇ is written from a reward.

*Recipe A*, an actor-critic. The value unit's potential swings from V(s) to r + γV(s′), so its V̇ is the TD error

    δ = (1 − γ) r + γ V(s′) − V(s)                       (values in units of reward per step for ever)

and ΔW_V ∝ x δ is TD(0) (Sutton 1988). The acting layer draws twice from its policy π; the winner a acts, its twin a′
only stands beside it. V̇ = δ (e_a − e_a′), and because a′ ~ π is independent of a and of δ,

    E[δ (e_a − e_a′)] = E[δ (e_a − π)] = E[δ ∇_z log π(a)]      for π = softmax(z):

ΔW ∝ x V̇ᵀ is the policy gradient (Williams 1992; Sutton et al. 2000), with no softmax computed anywhere: argmax of
z + Gumbel noise is a draw from softmax(z) (Gumbel 1954). Where a = a′ nothing is written.

*Recipe B*, choices of one step with outputs o in [0, 1]. Rewarded, the action is the target: V̇ = e_a − o. Not
rewarded, only the chosen unit falls: V̇ = −o_a e_a. `gated_fixed_point` says where that comes to rest.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


@dataclass(frozen=True)
class Chain:
    """A finite Markov decision process.

    Attributes
    ----------
    transitions : (S, A, S)
        P(s′ | s, a); rows sum to 1, or to less where the episode may end.
    rewards : (S, A)
        Expected reward of a step.
    start : (S,)
        Where episodes begin.
    gamma : float
    """

    transitions: Array
    rewards: Array
    start: Array
    gamma: float


def softmax(net: Array) -> Array:
    """π over the last axis."""
    raised = np.exp(net - net.max(axis=-1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=-1, keepdims=True))


def values(chain: Chain, policy: Array) -> Array:
    """V(s) of a policy (S, A), by solving V = (1 − γ) r_π + γ P_π V; (S,)."""
    moves = np.einsum("sa,sat->st", policy, chain.transitions)
    gain = (1 - chain.gamma) * (policy * chain.rewards).sum(axis=1)
    return np.asarray(np.linalg.solve(np.eye(len(gain)) - chain.gamma * moves, gain))


def expected_return(chain: Chain, net: Array) -> float:
    """J = Σ_s start(s) V(s) of the policy softmax(``net``), ``net`` (S, A)."""
    return float(chain.start @ values(chain, softmax(net)))


def visits(chain: Chain, policy: Array) -> Array:
    """Σ_t γ^t P(s_t = s), (S,)."""
    moves = np.einsum("sa,sat->st", policy, chain.transitions)
    return np.asarray(np.linalg.solve(np.eye(len(moves)) - chain.gamma * moves.T, chain.start))


def td_errors(chain: Chain, value: Array) -> Array:
    """E[δ | s, a] with the values (S,); (S, A)."""
    return np.asarray((1 - chain.gamma) * chain.rewards + chain.gamma * chain.transitions @ value - value[:, None])


def twin_swing(policy: Array, delta: Array) -> Array:
    """E[δ (e_a − e_a′)] of one state by enumerating the pairs (a, a′); policy, delta and result (A,)."""
    actions, swing = len(policy), np.zeros(len(policy))
    for winner in range(actions):
        for twin in range(actions):
            chance = policy[winner] * policy[twin]
            swing[winner] += chance * delta[winner]
            swing[twin] -= chance * delta[winner]
    return swing


def rule_on_average(chain: Chain, net: Array) -> Array:
    """What recipe A adds to net inputs (S, A) along discounted episodes, with the values of its own policy.

    Equals ∇ `expected_return`: the tests compare it with differences of J.
    """
    policy = softmax(net)
    delta, often = td_errors(chain, values(chain, policy)), visits(chain, policy)
    return np.stack([often[s] * twin_swing(policy[s], delta[s]) for s in range(len(policy))])


def td_fixed_point(features: Array, moves: Array, gains: Array, often: Array, gamma: float) -> Array:
    """Weights at which E[x δ] = 0: the least-squares TD solution (Bradtke and Barto 1996).

    Parameters
    ----------
    features : (S, N)
        x(s).
    moves : (S, S)
        P(s′ | s), rows summing to less than 1 where an episode may end.
    gains : (S,)
        What enters δ as reward.
    often : (S,)
        How often states are visited.
    """
    weighted = features.T * often
    return np.asarray(np.linalg.solve(weighted @ (features - gamma * moves @ features), weighted @ gains))


def random_walk(states: int = 19) -> tuple[Array, Array, Array]:
    """Sutton's walk: left and right alike, −1 beyond the left end and +1 beyond the right one, from the middle.

    Returns
    -------
    (S, S), (S,), (S,)
        Moves, gains and true values at γ = 1: −0.9 … 0.9 for 19 states.
    """
    moves = (np.eye(states, k=1) + np.eye(states, k=-1)) / 2
    gains = np.zeros(states)
    gains[0], gains[-1] = -0.5, 0.5
    return moves, gains, np.linspace(-1, 1, states + 2)[1:-1]


def gated_swing(action: int, rewarded: bool, output: Array) -> Array:
    """V̇ of recipe B; output and result (A,)."""
    swing = np.zeros_like(output)
    if rewarded:
        swing -= output
        swing[action] += 1
    else:
        swing[action] = -output[action]
    return swing


def gated_on_average(policy: Array, success: Array, output: Array) -> Array:
    """E[V̇] of recipe B for a context in which action a is rewarded with probability ``success[a]``; all (A,)."""
    total = np.zeros_like(output)
    for action in range(len(policy)):
        won, lost = policy[action] * success[action], policy[action] * (1 - success[action])
        total += won * gated_swing(action, True, output) + lost * gated_swing(action, False, output)
    return total


def gated_fixed_point(policy: Array, success: Array) -> Array:
    """Outputs at which `gated_on_average` is 0: o_k = π_k p_k / (π_k + Σ_{a≠k} π_a p_a).

    Where one action alone is rewarded, and always, that is 1 for it and 0 for all others, whatever the policy is as
    long as it tries every action: reward becomes the label.
    """
    won = policy * success
    return np.asarray(won / (policy + won.sum() - won))
