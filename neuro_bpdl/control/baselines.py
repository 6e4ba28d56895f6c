"""What the agents are compared with: SARSA(0) on the same cells, and a small network trained by backpropagation.

Both play the same `World` (the same starts, the same place cells) in float64.
"""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.control.world import World
from neuro_bpdl.kernels.fixed.actor_critic import GOES_ON, HALTED, TERMINATED

Array = NDArray[Any]


class Player(Protocol):
    """Something that answers a world's messages."""

    def act(self, message: Array) -> int:
        """Learn, and choose an action."""


def play(player: Player, world: World) -> None:
    """Until the world halts."""
    while not world.halted:
        world.answer(player.act(world.message))


class Sarsa:
    """SARSA(0) with linear Q on the cells and ε-greedy choices; ε falls to 0 (Rummery and Niranjan 1994).

    Parameters
    ----------
    size, actions : int
    gamma, rate : float
    explore, until : float
        ε starts at ``explore`` and is 0 from episode ``until`` on.
    seed : int
    """

    def __init__(self, size: int, actions: int, *, gamma: float, rate: float = 0.2, explore: float = 0.1,
                 until: int = 100, seed: int = 0) -> None:  # fmt: skip
        self._weights = np.zeros((actions, size))
        self._gamma, self._rate, self._explore, self._until = gamma, rate, explore, until
        self._rng, self._episode = np.random.default_rng(seed), 0
        self._old: Array | None = None
        self._action = 0

    def act(self, message: Array) -> int:
        """See `Player`."""
        if message[-1] == HALTED:
            return 0
        x, reward, end = message[:-2].copy(), float(message[-2]), message[-1]
        quality = self._weights @ x
        explore = self._explore * max(0.0, 1 - self._episode / self._until)
        action = int(self._rng.integers(len(quality)) if self._rng.random() < explore else quality.argmax())
        if self._old is not None:
            after = 0.0 if end == TERMINATED else float(quality[action])
            delta = (1 - self._gamma) * reward + self._gamma * after - float(self._weights[self._action] @ self._old)
            self._weights[self._action] += self._rate * delta * self._old
        self._old, self._action = (x, action) if end == GOES_ON else (None, 0)
        self._episode += end != GOES_ON
        return action


class Perceptron:
    """An actor-critic with one tanh layer shared by softmax policy and value, trained by backpropagation and Adam."""

    def __init__(self, size: int, actions: int, *, gamma: float, hidden: int = 64, rate: float = 0.001,
                 seed: int = 0) -> None:  # fmt: skip
        self._rng = np.random.default_rng(seed)
        self._weights = [0.7 * self._rng.standard_normal((hidden, size + 1)),
                         0.01 * self._rng.standard_normal((actions + 1, hidden + 1))]  # fmt: skip
        self._moments = [(np.zeros_like(w), np.zeros_like(w)) for w in self._weights]
        self._gamma, self._rate, self._updates = gamma, rate, 0
        self._old: tuple[Array, Array, Array, int] | None = None

    def act(self, message: Array) -> int:
        """See `Player`."""
        if message[-1] == HALTED:
            return 0
        x, end = np.append(message[:-2], 1.0), message[-1]
        hidden, out = self._forward(x)
        if self._old is not None:
            after = 0.0 if end == TERMINATED else float(out[-1])
            target = (1 - self._gamma) * float(message[-2]) + self._gamma * after
            self._learn(*self._old, target - float(self._old[2][-1]))
            hidden, out = self._forward(x)
        policy = np.exp(out[:-1] - out[:-1].max())
        action = int(self._rng.choice(len(policy), p=policy / policy.sum()))
        self._old = (x, hidden, out, action) if end == GOES_ON else None
        return action

    def _forward(self, x: Array) -> tuple[Array, Array]:
        hidden = np.append(np.tanh(self._weights[0] @ x), 1.0)
        return hidden, self._weights[1] @ hidden

    def _learn(self, x: Array, hidden: Array, out: Array, action: int, delta: float) -> None:
        policy = np.exp(out[:-1] - out[:-1].max())
        error = np.append(-policy / policy.sum(), 1.0) * delta
        error[action] += delta
        back = (self._weights[1][:, :-1].T @ error) * (1 - hidden[:-1] ** 2)
        self._updates += 1
        for layer, gradient in enumerate((np.outer(back, x), np.outer(error, hidden))):
            self._climb(layer, gradient)

    def _climb(self, layer: int, gradient: Array) -> None:
        """Adam (Kingma and Ba 2015)."""
        first, second = (old + share * (new - old) for old, new, share in zip(
            self._moments[layer], (gradient, gradient**2), (0.1, 0.001), strict=True))  # fmt: skip
        self._moments[layer] = first, second
        mean, square = first / (1 - 0.9**self._updates), second / (1 - 0.999**self._updates)
        self._weights[layer] += self._rate * mean / (np.sqrt(square) + 1e-8)


class Scaled:
    """An encoder for networks that need no cells: every variable divided by its reach."""

    def __init__(self, ranges: tuple[tuple[float, float], ...]) -> None:
        low, high = np.array(ranges).T
        self._middle, self._reach, self.size = (low + high) / 2, (high - low) / 2, len(ranges)

    def encode(self, observation: Any, out: Array) -> bool:
        """See `Encoder`."""
        out[: self.size] = (np.asarray(observation, np.float64) - self._middle) / self._reach
        return bool(np.isfinite(out[: self.size]).all())
