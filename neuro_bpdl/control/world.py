"""The environment's side of the loop: it sends first, then waits for the answer.

A message is rates or payloads, the reward and an end (0, terminated 1, truncated 2, halted 3). The answer to an end
is no action: the environment begins again. Every episode's start is drawn from (seed, episode), so a run that is
resumed between two episodes goes on as if nothing had happened, as long as the environment takes its seed.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from neuro_bpdl.control.asking import RESET, STEP, answered, raised, shortened, unlike
from neuro_bpdl.control.encoders import Encoder
from neuro_bpdl.data.streams import random_bits
from neuro_bpdl.errors import EnvironmentFailed, InvalidInput
from neuro_bpdl.kernels.fixed.actor_critic import GOES_ON, HALTED, TAIL, TERMINATED, TRUNCATED

EPISODE_START = 11  # a purpose of data.streams' random bits, as ORDER is


@dataclass(frozen=True)
class Episode:
    """An episode that is over.

    Attributes
    ----------
    number : int
        From 0.
    total : float
        Sum of its rewards.
    steps : int
    """

    number: int
    total: float
    steps: int


class World:
    """An environment behind messages.

    Parameters
    ----------
    env : gymnasium.Env
    encoder : Encoder
    seed, first, last : int
        Episodes ``first`` … ``last`` − 1 are played; then it halts.
    scale : float
        Of rewards.
    integers : bool
        Payloads instead of rates.
    ended : callable, optional
        Told about every episode.

    Attributes
    ----------
    message : (size + TAIL,) int32 or float64
    episode, last : int
        The one that is played; the one before which it halts.
    ended : callable or None
        May be replaced.
    """

    def __init__(
        self, env: Any, encoder: Encoder, *, seed: int, first: int, last: int, scale: float, integers: bool,
        ended: Callable[[Episode], object] | None = None,
    ) -> None:  # fmt: skip
        self._env, self._encoder, self._seed, self.last, self._scale = env, encoder, seed, last, scale
        self._start, self.ended, self._integers = int(getattr(env.action_space, "start", 0)), ended, integers
        self.message = np.zeros(encoder.size + TAIL, np.int32 if integers else np.float64)
        self._reward, self._end = encoder.size, encoder.size + 1
        self.episode, self._steps, self._total = first, 0, 0.0
        self._begin()

    @property
    def halted(self) -> bool:
        """Whether all episodes are played."""
        return self.episode >= self.last

    def halt(self) -> None:
        """Play no further episode."""
        self.last = self.episode
        self.message[:] = 0
        self.message[self._end] = HALTED

    def answer(self, action: int) -> None:
        """Take the agent's answer; the next message is ready then.

        Raises
        ------
        EnvironmentFailed
            The environment raised, or gave numbers that are none.
        InvalidInput
            A reward beyond −1 … 1 after scaling.
        """
        end = self.message[self._end]
        if end == HALTED:
            return
        if end != GOES_ON:
            self._close_episode()
            return
        try:  # not by `answered`: this is the loop in which every microsecond counts
            found = self._env.step(self._start + int(action))
        except Exception as error:
            raise raised(self._where, "step", error) from error
        if not isinstance(found, tuple) or len(found) != len(STEP):
            raise unlike(self._where, "step", found, STEP)
        observation, reward, terminated, truncated, _ = found
        self._steps += 1
        self._take(observation)
        self.message[self._reward] = self._scaled(reward)
        self._total += float(reward)
        self.message[self._end] = TERMINATED if terminated else TRUNCATED if truncated else GOES_ON

    def _begin(self) -> None:
        if self.halted:
            self.halt()
            return
        seed = int(random_bits(self._seed, EPISODE_START, self.episode, shape=(1,))[0] >> np.uint64(33))
        observation, _ = answered(self._where, "reset", lambda: self._env.reset(seed=seed), RESET)
        self._take(observation)
        self.message[self._reward], self.message[self._end] = 0, GOES_ON
        self._steps, self._total = 0, 0.0

    def _close_episode(self) -> None:
        done = Episode(self.episode, self._total, self._steps)
        self.episode += 1
        if self.ended is not None and self.ended(done) is False:
            self.halt()
        else:
            self._begin()

    def _take(self, observation: Any) -> None:
        try:
            fits = self._encoder.encode(observation, self.message)
        except (TypeError, ValueError, IndexError) as error:
            said = " ".join(str(error).split())
            raise EnvironmentFailed(
                f"{self._where}: the observation is {shortened(observation)}, allowed: one of the environment's "
                f"observation space ({said}); mend the environment"
            ) from None
        if not fits:
            raise EnvironmentFailed(f"{self._where}: the observation is {shortened(observation)}, allowed: finite "
                                    "numbers; mend the environment")  # fmt: skip

    def _scaled(self, reward: Any) -> float:
        try:
            value = float(reward) * self._scale
        except (TypeError, ValueError):
            value = math.nan
        if not math.isfinite(value):
            raise EnvironmentFailed(f"{self._where}: the reward is {shortened(reward)}, allowed: a finite number; mend "
                                    "the environment")  # fmt: skip
        if abs(value) > 1:
            raise InvalidInput(
                "reward", float(reward), f"-1 to 1 times 1/{self._scale:g}, the scale of values",
                f"use reward_scale={0.99 * self._scale / abs(value):.2g} (--reward-scale)",
            )  # fmt: skip
        return round(value * 127) if self._integers else value

    @property
    def _where(self) -> str:
        return f"environment, episode {self.episode}, step {self._steps}"
