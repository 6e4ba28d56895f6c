"""Everything that an agent cannot use is one line that says the way out."""

import builtins

import numpy as np
import pytest
from gymnasium import spaces

from neuro_bpdl.control.actor_critic import ActorCritic
from neuro_bpdl.control.spec import ControlSpec
from neuro_bpdl.errors import EnvironmentFailed, InvalidInput, MissingDependency


def refused(make, *said, error=InvalidInput):
    with pytest.raises(error) as caught:
        make()
    text = str(caught.value)
    assert "\n" not in text
    for words in said:
        assert words in text


def test_an_id_that_gymnasium_does_not_know():
    refused(lambda: ActorCritic("CartPole-v99"), "environment: got 'CartPole-v99'")
    refused(lambda: ActorCritic("NoSuchThing"), "environment: got 'NoSuchThing'")


def test_continuous_actions():
    refused(lambda: ActorCritic("Pendulum-v1"), "action space", "Discrete", "ActionWrapper")


def test_observations_without_an_encoder(corridor):
    env = corridor()
    env.observation_space = spaces.Dict({"a": spaces.Discrete(2)})
    refused(lambda: ActorCritic(env), "observation space: got 'Dict'", "FlattenObservation")
    env.observation_space = spaces.Box(-np.inf, np.inf, (8, 8))
    refused(lambda: ActorCritic(env), "finite bounds")


def test_infinite_ranges_and_wrong_ones():
    refused(lambda: ActorCritic("CartPole-v1", ranges="space"), "variable 1", "ranges='learned'")
    refused(lambda: ActorCritic("CartPole-v1", ranges=((-1.0, 1.0),)), "1 pairs", "4 pairs")
    refused(lambda: ActorCritic("CartPole-v1", ranges=((1.0, -1.0),) * 4), "low below high")


def test_an_object_that_is_no_environment():
    refused(lambda: ActorCritic(object()), "env", "it has no reset")
    refused(lambda: ActorCritic("CartPole-v1").learn(0), "episodes: got 0")


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"gamma_shift": 0}, "gamma_shift"), ({"seed": -1}, "seed"), ({"cells": 1}, "cells"),
        ({"cells": True}, "cells"),
        ({"arithmetic": "half"}, "arithmetic"), ({"nonsense": 1}, "nonsense"),
        ({"model": "composed"}, "backend='lava'"),
        ({"model": "composed", "backend": "lava"}, "rounding='shared'"),
        ({"hidden": 8, "arithmetic": "float"}, "arithmetic='fixed'"),
    ],
)  # fmt: skip
def test_settings(fields, said):
    refused(lambda: ControlSpec(**fields), said)


def test_without_gymnasium(monkeypatch):
    real = builtins.__import__

    def missing(name, *args, **kwargs):
        if name == "gymnasium":
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", missing)
    refused(lambda: ActorCritic("CartPole-v1"), "pip install 'neuro-bpdl[control]'", error=MissingDependency)


OLD_STEP = (np.zeros(2), 0.0, False, {})  # as gym had it


@pytest.mark.parametrize(
    ("method", "answer", "said"),
    [
        ("step", OLD_STEP, "step returned 4 values, allowed: observation, reward, terminated, truncated, info"),
        ("step", None, "step returned NoneType"),
        ("reset", np.zeros(2), "reset returned ndarray, allowed: observation, info"),
        ("step", (np.zeros(3), 0.0, False, False, {}), "of shape (2,), not (3,)"),
        ("step", (np.zeros((2, 2)), 0.0, False, False, {}), "of shape (2,), not (2, 2)"),
        ("step", (None, 0.0, False, False, {}), "observation is None"),
        ("step", ("north", 0.0, False, False, {}), "observation is north"),
        ("step", (np.array([np.inf, 0]), 0.0, False, False, {}), "finite numbers"),
        ("step", (np.zeros(2), "much", False, False, {}), "reward is much"),
        ("step", (np.zeros(2), None, False, False, {}), "reward is None"),
        ("step", (np.zeros(2), 1000.0, False, False, {}), "use reward_scale=0.00099"),
    ],
)  # fmt: skip
def test_an_environment_that_answers_otherwise(corridor, method, answer, said):
    env, wrong = corridor(), (EnvironmentFailed, InvalidInput)
    setattr(env, method, lambda *args, **kwargs: answer)
    refused(lambda: ActorCritic(env).learn(1), said, error=wrong)


@pytest.mark.parametrize(
    ("space", "observation"), [(spaces.Discrete(4), 4), (spaces.Discrete(4), -1), (spaces.Discrete(4), 1.5),
                               (spaces.Box(0, 1, (5, 5)), np.zeros((1, 5)))]
)  # fmt: skip
def test_an_observation_outside_its_space(corridor, space, observation):
    env = corridor()
    env.observation_space = space
    refused(lambda: ActorCritic(env).predict(observation), "observation: got")


def test_what_breaks_while_ranges_are_learned(corridor):
    refused(lambda: ActorCritic(corridor(fails_at=2), ranges="learned"), "a wheel came off", error=EnvironmentFailed)
    refused(lambda: ActorCritic(corridor(fails_at=2, observation=np.nan), ranges="learned"), "2 finite numbers",
            error=EnvironmentFailed)  # fmt: skip


def test_long_values_and_a_maker_that_raises_are_one_short_line(corridor, monkeypatch):
    env = corridor()
    env.step = lambda action: (np.full(9000, np.nan), 0.0, False, False, {})
    with pytest.raises(EnvironmentFailed) as caught:
        ActorCritic(env).learn(1)
    assert len(str(caught.value)) < 600
    import gymnasium

    def broken(*args, **kwargs):
        raise RuntimeError("no display\nat all")

    monkeypatch.setattr(gymnasium, "make", broken)
    refused(lambda: ActorCritic("CartPole-v1"), "RuntimeError: no display at all", error=EnvironmentFailed)
