"""The agent as a user has it: learning, predicting, saving, going on to the same bytes."""

import numpy as np
import pytest

from neuro_bpdl.control.actor_critic import ActorCritic
from neuro_bpdl.control.hidden import LEVELS, HiddenKernel, literals
from neuro_bpdl.control.spec import spec_for
from neuro_bpdl.errors import BadFile, InvalidInput
from neuro_bpdl.kernels.fixed import hidden_actor_critic as hidden_kernel


def same(a, b):
    assert a.returns == b.returns
    for name, array in a.kernel.tensors.items():
        np.testing.assert_array_equal(array, b.kernel.tensors[name], err_msg=name)


@pytest.mark.parametrize("arithmetic", ["float", "fixed"])
def test_cartpole_gets_far_better_within_sixty_episodes(arithmetic):
    agent = ActorCritic("CartPole-v1", arithmetic=arithmetic, seed=7).learn(60)
    assert np.mean(agent.returns[:10]) < 60
    assert np.mean(agent.returns[-10:]) > 200
    assert agent.evaluate(5).mean() > 300


def test_a_users_environment_is_learned(corridor):
    agent = ActorCritic(corridor(), seed=0, gamma_shift=3).learn(150)
    assert np.mean(agent.returns[-20:]) > 0.8
    assert agent.predict(np.array([0.0, 0.0]))[0] == 1
    assert {agent.predict(np.array([0.0, 0.0]), deterministic=False)[0] for _ in range(50)} <= {0, 1}


@pytest.mark.parametrize("rounding", ["per-synapse", "shared"])
def test_save_and_go_on_equals_going_on_to_the_bit(corridor, tmp_path, rounding):
    whole = ActorCritic(corridor(), seed=3, rounding=rounding).learn(40)
    half = ActorCritic(corridor(), seed=3, rounding=rounding).learn(25)
    half.save(tmp_path / "agent.safetensors")
    again = ActorCritic.load(tmp_path / "agent.safetensors", env=corridor()).learn(15)
    same(whole, again)
    again.save(tmp_path / "a"), whole.save(tmp_path / "b")
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_a_callback_sees_every_episode_and_can_end(corridor):
    seen = []

    def callback(agent, episode):
        seen.append((episode.number, episode.total, len(agent.returns)))
        return len(seen) < 4

    agent = ActorCritic(corridor(), seed=0).learn(50, callback)
    assert [number for number, _, _ in seen] == [0, 1, 2, 3] == [count - 1 for _, _, count in seen]
    assert agent.returns == [total for _, total, _ in seen]
    assert len(agent.learn(2).returns) == 6


def test_looking_changes_nothing(corridor):
    a, b = (ActorCritic(corridor(), seed=1).learn(10) for _ in range(2))
    a.predict(np.zeros(2))
    a.evaluate(3)
    same(a, b)
    a.predict(np.zeros(2), deterministic=False)
    np.testing.assert_array_equal(a.kernel.tensors["actor"], b.kernel.tensors["actor"])


def test_learned_ranges_lie_inside_the_spaces_bounds():
    agent = ActorCritic("CartPole-v1", ranges="learned", seed=0)
    low, high = np.array(agent.spec.ranges).T
    assert (np.abs(low[[1, 3]]) < 10).all() and (high > low).all()
    assert (low >= agent.env.observation_space.low).all() and (high <= agent.env.observation_space.high).all()


@pytest.mark.parametrize("change", ["cut", "flip", "other"])
def test_a_damaged_file_is_refused_in_one_line(corridor, tmp_path, change):
    path = tmp_path / "agent.safetensors"
    ActorCritic(corridor(), seed=0).learn(2).save(path)
    content = bytearray(path.read_bytes())
    if change == "cut":
        content = content[:-10]
    if change == "flip":
        content[-3] ^= 1
    if change == "other":
        content = bytearray(b"hello")
    path.write_bytes(content)
    with pytest.raises(BadFile) as caught:
        ActorCritic.load(path, env=corridor())
    assert "\n" not in str(caught.value)


def test_an_agent_of_another_environment_is_refused(corridor, walk, tmp_path):
    ActorCritic(corridor(), seed=0).save(tmp_path / "agent")
    with pytest.raises((BadFile, InvalidInput)):
        ActorCritic.load(tmp_path / "agent", env=walk)


def test_a_hidden_layer_learns_the_corridor_and_goes_on_to_the_same_bytes(corridor, tmp_path):
    settings = {"hidden": 24, "actor_rate": 0.2, "critic_rate": 0.02, "gamma_shift": 3, "cells": 5, "seed": 2}
    whole = ActorCritic(corridor(), **settings).learn(160)
    assert np.mean(whole.returns[-20:]) > 0.8
    before = ActorCritic(corridor(), **settings).kernel.tensors
    learned = whole.kernel.tensors
    assert all((learned[name] != before[name]).any() for name in ("first", "actor", "critic", "down_actor"))
    half = ActorCritic(corridor(), **settings).learn(90)
    half.save(tmp_path / "agent")
    same(whole, ActorCritic.load(tmp_path / "agent", env=corridor()).learn(70))


@pytest.mark.parametrize("units", [1, 100, 400, 4096])
def test_the_rates_of_a_hidden_layer_of_any_size_have_literals_and_fall(units):
    spec = spec_for("CartPole-v1", hidden=units)
    levels = np.array([[rule.rate for rule in literals(spec, level)] for level in range(LEVELS)])
    assert (np.diff(levels, axis=0) <= 0).all() and (levels[-1] < levels[0]).all() and (levels[-1] > 0).all()
    assert abs(np.log2(levels[0, :2] / (0.1, 0.02) * max(units, 100) / 100)).max() < 0.5
    assert HiddenKernel(spec, 40, 2).tensors["critic"].shape == (2, units + 1, 1)


def test_hidden_swings_are_the_feedback_weights_times_the_tops_swings():
    """Against float: V̇_j = Σ_k G_jk V̇_k, in payloads over many draws; silent where a unit is silent or full."""
    rng = np.random.default_rng(3)
    actor, critic = (rng.integers(-200, 200, (2, rows, 5)).astype(np.int16) for rows in (2, 1))
    hidden, out, total = np.array([0, 127, 5, 60, 126, 32], np.int32), np.zeros(5, np.int32), np.zeros(5)
    post, value, count = np.array([40, -40], np.int32), 24, 4000
    for draw in range(count):
        hidden_kernel._hidden_swing(actor, critic, post, value, hidden, 1, np.uint32(draw * 7919), out)
        total += out
    unit = hidden_kernel
    wanted = (critic[0, 0] * value) / 2.0**unit.CRITIC_SHIFT + (post @ actor[0].astype(float)) / 2.0**unit.ACTOR_SHIFT
    wanted[:2] = 0
    np.testing.assert_allclose(total / count, np.clip(wanted, -126, 126), atol=0.1)
