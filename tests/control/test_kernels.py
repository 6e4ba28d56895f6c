"""The agents' kernels against the theory of reward, and float against integers."""

import numpy as np
import pytest

from neuro_bpdl.control.actor_critic import ActorCritic
from neuro_bpdl.control.kernel import ActorCriticKernel, literals
from neuro_bpdl.control.spec import ControlSpec
from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.kernels.fixed import actor_critic as fixed
from neuro_bpdl.theory import reward

SHIFT = 4
GAMMA = 1 - 2.0**-SHIFT


def walked_values(agent):
    eye = np.vstack([np.eye(9), np.zeros((2, 9))]).T
    cells = (eye * 127).astype(np.int32) if agent.kernel.integers else eye
    return np.array([agent.kernel.value(np.ascontiguousarray(message)) for message in cells])


def true_values():
    moves, gains, _ = reward.random_walk(9)
    return reward.td_fixed_point(np.eye(9), moves, (1 - GAMMA) * gains, np.ones(9), GAMMA)


@pytest.mark.parametrize(("arithmetic", "rate", "allowed"), [("float", 0.02, 0.05), ("fixed", 0.05, 0.1)])
def test_the_critic_comes_to_rest_at_the_fixed_point_of_td(walk, arithmetic, rate, allowed):
    """Mean of the values over the last episodes; 8-bit weights hold TD errors of 1/200 thanks to their tags."""
    agent, true, seen = ActorCritic(
        walk, arithmetic=arithmetic, critic_rate=rate, gamma_shift=SHIFT, seed=1
    ), true_values(), []
    agent.learn(4000, lambda a, episode: seen.append(walked_values(a)) if episode.number >= 2000 else None)
    error = np.sqrt(np.mean((np.mean(seen, axis=0) - true) ** 2))
    assert error < allowed * np.abs(true).max()


@pytest.mark.parametrize("arithmetic", ["float", "fixed"])
def test_a_bandits_policy_goes_to_the_best_arm(arms, arithmetic):
    agent = ActorCritic(arms, arithmetic=arithmetic, gamma_shift=1, actor_rate=0.2, critic_rate=0.1, seed=0).learn(3000)
    assert agent.predict(0)[0] == 5 + int(np.argmax(arms.CHANCES))
    late = np.mean(agent.returns[-500:])
    assert 0.7 < late <= 1  # the best arm pays 0.8


@pytest.mark.parametrize("sharpness", [0, 2])
def test_winner_and_twin_are_two_independent_draws_of_softmax(sharpness):
    constants, memory = np.zeros(fixed.CONSTANTS, np.int64), np.zeros(fixed.MEMORY, np.int64)
    table = fixed.noise_table()
    net, counts, draws = np.array([0.0, 1.0, -0.5]), np.zeros((3, 3)), 20_000
    constants[fixed.ACTOR_UNIT] = 6 - sharpness
    for decision in range(draws):
        memory[fixed.DECISION] = decision
        fixed.draw_actions((net * 127 * 64).astype(np.int32), memory, constants, table)
        counts[memory[fixed.ACTION], memory[fixed.TWIN]] += 1 / draws
    policy = reward.softmax(2.0**sharpness * net)
    np.testing.assert_allclose(counts, np.outer(policy, policy), atol=0.015)


def test_one_swing_of_the_fixed_kernel_is_delta_times_its_gain_on_average():
    """y1 − y2 of winner, twin and value unit over many draws: +δ, −δ, δ times 2^gain/128; nothing where a = a′."""
    spec = ControlSpec(gamma_shift=7)
    kernel = ActorCriticKernel(spec, 4, 3)
    memory, post, top = np.zeros(fixed.MEMORY, np.int64), np.zeros(3, np.int32), np.zeros(1, np.int32)
    memory[fixed.ACTION], memory[fixed.TWIN] = 2, 0
    total, count, delta = np.zeros(4), 4000, -701
    for decision in range(count):
        fixed.swings(delta, memory, kernel.constants, decision, -1.0, post, top)
        total += np.append(post, top)
        assert post[1] == 0 and post[0] == -post[2]
    wanted = delta * 2**2 / 128
    np.testing.assert_allclose(total[[2, 3]] / count, wanted, rtol=0.02)
    memory[fixed.TWIN] = 2
    fixed.swings(delta, memory, kernel.constants, 0, -1.0, post, top)
    assert not post.any()


def test_integers_follow_float_where_they_have_room():
    """The same messages to both kernels: values and net inputs agree to a few weight units."""
    spec = {"gamma_shift": 5, "critic_rate": 0.2, "actor_rate": 1.0, "seed": 4}
    whole, real = (ActorCriticKernel(ControlSpec(arithmetic=a, **spec), 6, 2) for a in ("fixed", "float"))
    given = literals(whole.spec)
    real.constants[2:] = [rule.rate for rule in given]  # the literals' own rates
    rng, drift = np.random.default_rng(0), []
    for _ in range(600):
        payload = np.append((rng.random(6) < 0.4) * 127, [127 * rng.integers(-1, 2), 0]).astype(np.int32)
        rate = payload / 127
        whole.act(payload)
        real.act(rate)
        real.tensors["memory"][[1, 2]] = whole.tensors["memory"][[1, 2]]  # the same choices
        drift.append(abs(whole.value(payload) - real.value(rate)))
    assert np.mean(drift) < 0.05
    np.testing.assert_allclose(whole.tensors["actor"][0] / 64, real.tensors["actor"], atol=0.25)


def test_a_terminated_end_has_no_value_after_it_and_a_truncated_one_has():
    assert fixed.td_error(127, fixed.TERMINATED, 5000, 1000, 7) == 127 - 1000
    assert fixed.td_error(127, fixed.TRUNCATED, 5000, 1000, 7) == 127 + 5000 - (5000 >> 7) - 1000
    assert fixed.td_error(-127, fixed.GOES_ON, -5000, 0, 7) == -127 - 5000 - (-5000 >> 7)


def test_a_rate_that_no_literal_gives_is_refused():
    with pytest.raises(InvalidInput, match="learning rate of critic: got 1e-06"):
        ActorCriticKernel(ControlSpec(critic_rate=1e-6), 4, 2)


@pytest.mark.parametrize("arithmetic", ["float", "fixed"])
def test_a_sharp_agent_follows_its_net_inputs_more_often(arms, arithmetic):
    """One cell, actions apart by a net input of 1 and 2: softmax of them, and of four times them."""
    for sharpness in (0, 2):
        agent = ActorCritic(arms, arithmetic=arithmetic, sharpness=sharpness)
        agent.kernel.tensors["actor"][..., :] = np.array([0, 1, 2]) * (64 if arithmetic == "fixed" else 1.0)
        if arithmetic == "fixed":
            agent.kernel.tensors["actor"][1] = 0
        chosen = [agent.predict(0, deterministic=False)[0] - 5 for _ in range(4000)]
        expected = reward.softmax(2.0**sharpness * np.arange(3.0))
        np.testing.assert_allclose(np.bincount(chosen, minlength=3) / 4000, expected, atol=0.03)
