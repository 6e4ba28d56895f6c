"""Small environments of gymnasium's kind."""

import pytest

pytest.importorskip("gymnasium", reason="gymnasium is not installed")

import numpy as np
from gymnasium import Env, spaces


class Walk(Env):
    """A random walk on ``states`` states: −1 beyond the left end, +1 beyond the right one. Actions do nothing."""

    observation_space = spaces.Discrete(9)
    action_space = spaces.Discrete(1)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self._at = 4
        return self._at, {}

    def step(self, action):
        self._at += 1 if self.np_random.random() < 0.5 else -1
        out = not 0 <= self._at < 9
        return min(max(self._at, 0), 8), (np.sign(self._at - 4) if out else 0), out, False, {}


class Arms(Env):
    """One step: arm k pays 1 with probability CHANCES[k]."""

    CHANCES = (0.2, 0.8, 0.5)
    observation_space = spaces.Discrete(1)
    action_space = spaces.Discrete(3, start=5)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        return 0, {}

    def step(self, action):
        assert 5 <= action < 8
        return 0, float(self.np_random.random() < self.CHANCES[action - 5]), True, False, {}


class Corridor(Env):
    """A Box of one variable; right leads to +1, left to −1; cut off after 30 steps."""

    observation_space = spaces.Box(-1, 1, (2,))
    action_space = spaces.Discrete(2)

    def __init__(self, fails_at=None, observation=None, reward=None):
        self._fails_at, self._observation, self._reward = fails_at, observation, reward

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self._place, self._steps = self.np_random.uniform(-0.1, 0.1), 0
        return self._seen(), {}

    def step(self, action):
        self._steps += 1
        broken = self._steps == self._fails_at
        if broken and self._observation is None and self._reward is None:
            raise ZeroDivisionError("a wheel came off")
        self._place += 0.2 if action else -0.2
        out = abs(self._place) >= 1
        reward = self._reward if broken and self._reward is not None else float(np.sign(self._place)) if out else 0.0
        return self._seen(broken), reward, out, self._steps >= 30, {}

    def _seen(self, broken=False):
        if broken and self._observation is not None:
            return np.array([self._observation, 0.0])
        return np.array([np.clip(self._place, -1, 1), 0.0], np.float32)


@pytest.fixture
def walk():
    return Walk()


@pytest.fixture
def arms():
    return Arms()


@pytest.fixture
def corridor():
    return Corridor
