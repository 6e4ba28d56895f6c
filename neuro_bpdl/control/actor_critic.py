"""`ActorCritic`: an agent in the habits of gymnasium and Stable-Baselines."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.control import environments
from neuro_bpdl.control.encoders import encoder_for
from neuro_bpdl.control.hidden import HiddenKernel
from neuro_bpdl.control.kernel import ActorCriticKernel, actions_of
from neuro_bpdl.control.spec import ControlSpec, spec_for
from neuro_bpdl.control.world import Episode, World
from neuro_bpdl.errors import InvalidInput

Array = NDArray[Any]
Callback = Callable[["ActorCritic", Episode], Any]
TEST_EPISODES, TEST_SEED = 100, 1 << 20  # test episodes start elsewhere than training's


class ActorCritic:
    """Place cells, a value unit and one unit per action, learning by S_pre · V̇ (docs/reward.md, recipe A).

    >>> agent = ActorCritic("CartPole-v1", seed=0).learn(episodes=150)
    >>> action, _ = agent.predict(observation)

    Parameters
    ----------
    env : str, gymnasium.Env or callable
        Discrete actions; observations from a Box or Discrete.
    spec : ControlSpec, optional
        All settings at once; by default those known for the environment.
    settings
        Fields of `ControlSpec`, e.g. ``arithmetic="float"``, ``backend="lava"``, ``ranges="learned"``.

    Attributes
    ----------
    spec : ControlSpec
        With the ranges that were found.
    returns : list of float
        Of every training episode.

    Raises
    ------
    InvalidInput, MissingDependency
    """

    def __init__(self, env: environments.EnvLike, *, spec: ControlSpec | None = None, **settings: Any) -> None:
        if spec is not None and settings:
            raise InvalidInput("spec", "a spec and " + ", ".join(settings), "one of them", "put all into the spec")
        self.env = environments.make(env)
        wanted = spec or spec_for(environments.name_of(env if isinstance(env, str) else self.env), **settings)
        actions = actions_of(self.env)
        self.encoder, self.spec = encoder_for(self.env, wanted)
        kind = HiddenKernel if self.spec.hidden else ActorCriticKernel
        self.kernel: ActorCriticKernel = kind(self.spec, self.encoder.size, actions)
        self.returns: list[float] = []
        self._message = np.zeros(self.encoder.size + 2, np.int32 if self.kernel.integers else np.float64)

    def learn(
        self, episodes: int | None = None, callback: Callback | None = None, progress: bool = False
    ) -> ActorCritic:
        """Play and learn ``episodes`` more; returns the agent itself.

        Parameters
        ----------
        episodes : int, optional
            The spec's by default.
        callback : callable, optional
            Called with the agent and every finished `Episode`; False ends learning.
        progress : bool
            A bar on stderr.

        Raises
        ------
        EnvironmentFailed, InvalidInput, SimulationError
            What was learned until then stays.
        """
        count = self.spec.episodes if episodes is None else episodes
        if isinstance(count, bool) or not isinstance(count, int | np.integer) or count < 1:
            raise InvalidInput("episodes", episodes, "a whole number above 0")
        first = len(self.returns)
        with _bar(self.spec.environment, count, progress) as told:

            def ended(episode: Episode) -> Any:
                self.returns.append(episode.total)
                told(len(self.returns) - first)
                return None if callback is None else callback(self, episode)

            self._play(self.world(first, first + count, ended))
        return self

    def predict(self, observation: Any, state: None = None, deterministic: bool = True) -> tuple[int, None]:
        """The action for one observation, and no state, as Stable-Baselines has it.

        Parameters
        ----------
        deterministic : bool
            Without the noise that explores. The other way is the policy's own draw, which learning continues from.
        """
        try:
            fits = self.encoder.encode(observation, self._message)
        except (TypeError, ValueError, IndexError) as error:
            raise InvalidInput("observation", observation, "one of the environment's observation space",
                               " ".join(str(error).split())) from None  # fmt: skip
        if not fits:
            raise InvalidInput("observation", observation, "finite numbers")
        self._message[-2:] = 0
        start = int(self.env.action_space.start)
        if deterministic:
            return start + self.kernel.greedy(self._message), None
        kept = {name: array.copy() for name, array in self.kernel.tensors.items()}
        self.kernel.tensors["memory"][0] = 0  # nothing to learn from
        action = self.kernel.act(self._message)
        decision = self.kernel.tensors["memory"][4]
        self.kernel.adopt(kept)
        self.kernel.tensors["memory"][4] = decision
        return start + action, None

    def evaluate(self, episodes: int = TEST_EPISODES, seed: int = TEST_SEED) -> Array:
        """Returns of test episodes without noise and without learning, (episodes,)."""
        returns: list[float] = []
        world = self.world(0, episodes, lambda episode: returns.append(episode.total), seed=seed)
        while not world.halted:
            world.answer(self.kernel.greedy(world.message))
        return np.array(returns)

    def world(
        self, first: int, last: int, ended: Callable[[Episode], Any] | None = None, seed: int | None = None
    ) -> World:
        """The environment behind messages, to play episodes ``first`` … ``last`` − 1."""
        return World(
            self.env, self.encoder, seed=self.spec.seed if seed is None else seed, first=first, last=last,
            scale=self.spec.reward_scale, integers=self.kernel.integers, ended=ended,
        )  # fmt: skip

    def save(self, path: str | Path, owned: Callable[[], None] | None = None) -> None:
        """Write the agent into one safetensors file; ``owned`` as of `files.writing.write_bytes`. Raises NotWritten."""
        from neuro_bpdl.control.checkpoint import save_agent

        save_agent(Path(path), self, owned)

    @classmethod
    def load(cls, path: str | Path, env: environments.EnvLike | None = None) -> ActorCritic:
        """An agent as it was saved; ``env`` where gymnasium does not know the environment by its name.

        Raises
        ------
        BadFile, InvalidInput
        """
        from neuro_bpdl.control.checkpoint import load_agent

        return load_agent(cls, Path(path), env)

    def _play(self, world: World) -> None:
        if self.spec.backend == "lava":
            from neuro_bpdl.control.on_lava import play

            play(self.kernel, world)
            return
        while not world.halted:
            world.answer(self.kernel.act(world.message))


@contextmanager
def _bar(title: str, total: int, shown: bool) -> Iterator[Callable[[int], None]]:
    """A bar over episodes on stderr."""
    from rich.console import Console
    from rich.progress import Progress

    screen = Console(stderr=True)
    with Progress(console=screen, transient=True, disable=not (shown and screen.is_terminal)) as bar:
        task = bar.add_task(f"{title}, episodes", total=total)
        yield lambda done: bar.update(task, completed=done)
