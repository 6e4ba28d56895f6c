"""What an agent thinks of states: its value and its action over two variables, the others in the middle."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.control.actor_critic import ActorCritic
from neuro_bpdl.kernels.fixed.actor_critic import TAIL

Array = NDArray[Any]
GRID = 41  # points along a variable
# What gymnasium's documentation calls them; the variables of cells: angles come first.
NAMES = {
    "CartPole-v1": ("cart's position, m", "cart's velocity, m/s", "pole's angle, rad", "pole's velocity, rad/s"),
    "Acrobot-v1": ("first angle, rad", "second angle, rad", "first velocity, rad/s", "second velocity, rad/s"),
    "MountainCar-v0": ("position", "velocity"),
}


@dataclass(frozen=True)
class Landscape:
    """Value and action over a grid of two variables of the cells.

    Attributes
    ----------
    names : the variables' names
    extent : (low, high) of the first, (low, high) of the second
    value, action : (GRID, GRID)
        First index: the second variable. Values as of `ActorCriticKernel.value`; actions from 0.
    """

    names: tuple[str, str]
    extent: tuple[tuple[float, float], tuple[float, float]]
    value: Array
    action: NDArray[np.int64]


def landscapes(agent: ActorCritic) -> list[Landscape]:
    """One for every pair of variables that have cells; none where observations are images or single numbers."""
    ranges = agent.spec.ranges
    if isinstance(ranges, str):
        return []
    if len(ranges) == 1:
        return [_over(agent, 0, 0)]
    return [_over(agent, a, b) for a, b in itertools.combinations(range(len(ranges)), 2)]


def state_names(agent: ActorCritic) -> tuple[str, ...]:
    """A name for every variable that has cells."""
    ranges = agent.spec.ranges
    known = NAMES.get(agent.spec.environment, ())
    return known if len(known) == len(ranges) else tuple(f"variable {i}" for i in range(len(ranges)))


def _over(agent: ActorCritic, a: int, b: int) -> Landscape:
    ranges, names = agent.spec.ranges, state_names(agent)
    assert not isinstance(ranges, str)
    message = np.zeros(agent.encoder.size + TAIL, np.int32 if agent.kernel.integers else np.float64)
    value, action = np.zeros((GRID, GRID)), np.zeros((GRID, GRID), np.int64)
    state = np.array([(low + high) / 2 for low, high in ranges])
    for i, second in enumerate(np.linspace(*ranges[b], GRID)):
        for j, first in enumerate(np.linspace(*ranges[a], GRID)):
            state[b], state[a] = second, first
            agent.encoder.encode(observation_of(agent, state), message)
            value[i, j], action[i, j] = agent.kernel.value(message), agent.kernel.greedy(message)
    return Landscape((names[a], names[b]), (ranges[a], ranges[b]), value, action)


def observation_of(agent: ActorCritic, state: Array) -> Array:
    """The observation in which the cells' variables have these values: angles as cosine and sine."""
    angles = agent.spec.angles
    observation = np.zeros(len(state) + len(angles))
    for angle, (cosine, sine) in zip(state, angles, strict=False):
        observation[[cosine, sine]] = np.cos(angle), np.sin(angle)
    taken = {i for pair in angles for i in pair}
    observation[[i for i in range(len(observation)) if i not in taken]] = state[len(angles) :]
    return observation
