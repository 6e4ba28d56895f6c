"""Reward as V̇ against exact oracles: differences of the expected return, linear systems, enumeration."""

import numpy as np
import pytest

from neuro_bpdl.kernels.fixed.actor_critic import noise_table
from neuro_bpdl.theory import reward

RNG = np.random.default_rng(5)


def chain(states=4, actions=3, gamma=0.9):
    """Random moves; every step may end the episode."""
    moves = RNG.dirichlet(np.ones(states + 1), size=(states, actions))[..., :states]
    return reward.Chain(moves, RNG.standard_normal((states, actions)), RNG.dirichlet(np.ones(states)), gamma)


def test_the_rule_on_average_is_the_policy_gradient():
    for _ in range(5):
        mdp, net = chain(), RNG.standard_normal((4, 3))
        slope, small = np.zeros_like(net), 1e-5
        for at in np.ndindex(*net.shape):
            step = np.zeros_like(net)
            step[at] = small
            above, below = (reward.expected_return(mdp, net + sign * step) for sign in (1, -1))
            slope[at] = (above - below) / (2 * small)
        np.testing.assert_allclose(reward.rule_on_average(mdp, net), slope, rtol=1e-6, atol=1e-9)


def test_the_gradient_stays_when_the_critic_is_wrong_by_a_state_but_not_when_the_twin_is_left_out():
    """δ's baseline does not matter, as in REINFORCE; without the twin a constant δ would move the policy."""
    policy = reward.softmax(RNG.standard_normal(4))
    np.testing.assert_allclose(reward.twin_swing(policy, np.full(4, 0.7)), 0, atol=1e-15)
    delta = RNG.standard_normal(4)
    np.testing.assert_allclose(reward.twin_swing(policy, delta + 3), reward.twin_swing(policy, delta), atol=1e-12)
    np.testing.assert_allclose(reward.twin_swing(policy, delta), policy * (delta - policy @ delta), atol=1e-12)


def test_values_solve_bellman_and_their_td_errors_vanish_under_the_policy():
    mdp = chain()
    policy = reward.softmax(RNG.standard_normal((4, 3)))
    delta = reward.td_errors(mdp, reward.values(mdp, policy))
    np.testing.assert_allclose((policy * delta).sum(axis=1), 0, atol=1e-12)


def test_the_fixed_point_of_td_is_the_true_value_of_the_random_walk():
    moves, gains, true = reward.random_walk(19)
    often = np.linalg.solve(np.eye(19) - moves.T, np.eye(19)[9])
    np.testing.assert_allclose(reward.td_fixed_point(np.eye(19), moves, gains, often, 1.0), true, atol=1e-12)
    np.testing.assert_allclose(true[[0, 9, 18]], [-0.9, 0, 0.9], atol=1e-12)


def test_with_features_the_average_of_x_delta_vanishes_at_the_fixed_point():
    moves, gains, _ = reward.random_walk(19)
    features, often = RNG.random((19, 6)), RNG.random(19)
    weights = reward.td_fixed_point(features, moves, gains, often, 0.95)
    value = features @ weights
    delta = gains + 0.95 * moves @ value - value
    np.testing.assert_allclose(features.T @ (often * delta), 0, atol=1e-10)


@pytest.mark.parametrize("label", [0, 3])
def test_the_gated_target_makes_a_label_of_the_reward(label):
    policy, success = RNG.dirichlet(np.ones(5)), np.eye(5)[label]
    rest = reward.gated_fixed_point(policy, success)
    np.testing.assert_allclose(rest, success, atol=1e-12)
    np.testing.assert_allclose(reward.gated_on_average(policy, success, rest), 0, atol=1e-12)


def test_the_gated_fixed_point_of_an_uncertain_bandit_is_where_samples_settle():
    policy, success = np.array([0.5, 0.3, 0.2]), np.array([0.9, 0.2, 0.5])
    rest = reward.gated_fixed_point(policy, success)
    np.testing.assert_allclose(reward.gated_on_average(policy, success, rest), 0, atol=1e-12)
    output, mean, rate = np.full(3, 0.5), np.zeros(3), 0.01
    rng = np.random.default_rng(0)
    for step in range(60_000):
        action = rng.choice(3, p=policy)
        output = output + rate * reward.gated_swing(action, rng.random() < success[action], output)
        mean += output if step >= 10_000 else 0
    np.testing.assert_allclose(mean / 50_000, rest, atol=0.02)
    assert output.argmax() == rest.argmax() == success.argmax()


def test_the_chips_noise_table_draws_from_softmax():
    """Argmax of A + table noise, all pairs of entries enumerated, against softmax: 7 bits of noise cost below 1 %."""
    noise = noise_table() / 127
    for gap in (0.0, 0.5, 1.5, 3.0):
        wins = (gap + noise[:, None] > noise[None, :]).mean() + (gap + noise[:, None] == noise[None, :]).mean() / 2
        assert wins == pytest.approx(reward.softmax(np.array([gap, 0.0]))[0], abs=0.01)
