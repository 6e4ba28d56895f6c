"""Agent and environment on Lava: equal to the eager loop to the bit, and no failure hangs the ring."""

import pickle

import numpy as np
import pytest
from leftovers import child_pids

pytest.importorskip("lava.magma", reason="Lava is not installed")

import neuro_bpdl.processes  # noqa: F401
from neuro_bpdl.control.actor_critic import ActorCritic
from neuro_bpdl.errors import EnvironmentFailed, InvalidInput

pytestmark = pytest.mark.timeout(180)


def same(a, b):
    assert a.returns == b.returns
    for name, array in a.kernel.tensors.items():
        np.testing.assert_array_equal(array, b.kernel.tensors[name], err_msg=name)


@pytest.mark.parametrize(("arithmetic", "rounding"), [("fixed", "per-synapse"), ("fixed", "shared"),
                                                      ("float", "per-synapse")])  # fmt: skip
def test_fused_is_eager_to_the_bit(arithmetic, rounding):
    settings, before = {"arithmetic": arithmetic, "rounding": rounding, "seed": 2}, child_pids()
    eager = ActorCritic("CartPole-v1", **settings).learn(12)
    lava = ActorCritic("CartPole-v1", backend="lava", **settings).learn(7).learn(5)
    same(eager, lava)
    assert child_pids() <= before


def test_composed_of_stock_connections_is_eager_to_the_bit(corridor):
    """Over 1,000 time steps, in two runs, the second of which goes on with Lava's draws."""
    settings = {"cells": 4, "rounding": "shared", "seed": 1, "gamma_shift": 3}
    eager = ActorCritic(corridor(), **settings).learn(24)
    composed = ActorCritic(corridor(), backend="lava", model="composed", **settings).learn(14).learn(10)
    same(eager, composed)
    assert eager.kernel.tensors["memory"][4] * 8 > 1000
    assert np.abs(eager.kernel.tensors["actor"]).max() > 0


@pytest.mark.parametrize("backend", ["eager", "lava"])
@pytest.mark.parametrize(
    ("broken", "error", "said"),
    [
        ({"fails_at": 3}, EnvironmentFailed, "step raised ZeroDivisionError: a wheel came off"),
        ({"fails_at": 3, "observation": np.nan}, EnvironmentFailed, "the observation is"),
        ({"fails_at": 3, "reward": np.nan}, EnvironmentFailed, "the reward is nan"),
        ({"fails_at": 3, "reward": 4.0}, InvalidInput, "use reward_scale=0.25"),
    ],
)
def test_a_broken_environment_is_one_line_and_hangs_nothing(corridor, backend, broken, error, said):
    before, agent = child_pids(), ActorCritic(corridor(**broken), backend=backend)
    with pytest.raises(error) as caught:
        agent.learn(500)
    assert said in str(caught.value) and "\n" not in str(caught.value)
    assert child_pids() <= before


def test_an_error_too_long_for_its_place_is_cut_and_not_lost():
    from neuro_bpdl.control.on_lava import PROBLEM_BYTES
    from neuro_bpdl.engines.lava.shared import SharedArray
    from neuro_bpdl.processes.environment.models import _Turns

    class Long:
        message, halted = None, True

        def answer(self, action):
            raise EnvironmentFailed("é" * PROBLEM_BYTES)

        def halt(self):
            pass

    problem, progress = SharedArray(PROBLEM_BYTES, np.uint8), SharedArray(2, np.int64)
    _Turns({"world": Long(), "progress": progress, "problem": problem}).answered(0)
    assert str(pickle.loads(problem.array.tobytes())).startswith("ééé")


def test_a_callback_ends_a_run_on_lava(corridor):
    before = child_pids()
    agent = ActorCritic(corridor(), backend="lava").learn(100_000, lambda agent, episode: episode.number < 5)
    assert len(agent.returns) == 6
    assert child_pids() <= before


def test_a_hidden_layer_on_lava_is_eager_to_the_bit(corridor):
    settings = {"hidden": 16, "actor_rate": 0.2, "critic_rate": 0.02, "gamma_shift": 3, "cells": 4}
    same(ActorCritic(corridor(), **settings).learn(30), ActorCritic(corridor(), backend="lava", **settings).learn(30))
