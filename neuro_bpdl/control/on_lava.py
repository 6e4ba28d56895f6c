"""The loop on Lava: an `Environment` and an `Agent` in a ring, under supervision."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np

from neuro_bpdl.control.kernel import ActorCriticKernel
from neuro_bpdl.control.world import Episode, World
from neuro_bpdl.kernels.fixed.actor_critic import PERIOD

STALL_LIMIT = 60.0
DECISIONS = {"fused": 500, "composed": 25}  # between two looks whether all episodes are played
PROBLEM_BYTES = 1 << 14


def play(kernel: ActorCriticKernel, world: World) -> None:
    """Play a world's episodes; the kernel has learned then, to the bit what it would have learned eagerly.

    Raises
    ------
    MissingDependency
        Lava is not installed.
    EnvironmentFailed, InvalidInput
        As of `World.answer`; what was learned until then stays.
    SimulationError
        A process failed, or an environment does not answer.
    """
    from neuro_bpdl.engines.lava.run_config import select
    from neuro_bpdl.engines.lava.shared import SharedArray
    from neuro_bpdl.engines.lava.supervisor import LavaRun
    from neuro_bpdl.processes.agent.process import Agent
    from neuro_bpdl.processes.environment.process import Environment

    _warm_up(kernel, world)
    period = PERIOD if kernel.spec.model == "composed" else 1
    tensors = {name: SharedArray.like(array) for name, array in kernel.tensors.items()}
    lost, progress = SharedArray.like(kernel.lost), SharedArray(2, np.int64)
    problem, log = SharedArray(PROBLEM_BYTES, np.uint8), _Log(world)
    environment = Environment(world=world, size=world.message.size, period=period, progress=progress, problem=problem)
    agent = Agent(kernel=kernel, tensors=tensors, lost=lost)
    environment.observation_out.connect(agent.observation_in)
    agent.action_out.connect(environment.action_in)
    try:
        with LavaRun(
            environment, select(kernel.spec.model, kernel.spec.arithmetic), timeout=STALL_LIMIT,
            heartbeat=lambda: int(progress.array[0]), on_poll=log.tell,
        ) as run:  # fmt: skip
            while not (progress.array[1] or log.stopped):
                run.steps(DECISIONS[kernel.spec.model] * period)
                log.tell()
    finally:
        kernel.adopt({name: shared.array for name, shared in tensors.items()})
        kernel.lost[:] = lost.array
    if problem.array.any():
        raise pickle.loads(problem.array.tobytes())


class _Log:
    """Brings finished episodes from the environment's process to whoever listens in this one."""

    def __init__(self, world: World) -> None:
        from neuro_bpdl.engines.lava.shared import SharedArray

        first, last = world.episode, world.last
        self._totals = SharedArray((last - first, 2))
        self._count, self._stop = SharedArray(1, np.int64), SharedArray(1, np.int64)
        self._first, self._told = first, 0
        self._listener, world.ended = world.ended, self._note

    @property
    def stopped(self) -> bool:
        """Whether the listener asked to end."""
        return bool(self._stop.array[0])

    def tell(self) -> None:
        """In the parent: the episodes that are new."""
        while self._told < self._count.array[0] and not self.stopped:
            total, steps = self._totals.array[self._told]
            episode = Episode(self._first + self._told, float(total), int(steps))
            self._told += 1
            if self._listener is not None and self._listener(episode) is False:
                self._stop.array[0] = 1

    def _note(self, episode: Episode) -> Any:
        """In the environment's process."""
        at = episode.number - self._first
        self._totals.array[at] = episode.total, episode.steps
        self._count.array[0] = at + 1
        return not self.stopped


def _warm_up(kernel: ActorCriticKernel, world: World) -> None:
    """Compile before the fork: with a copy, and messages that change nothing."""
    copy, message = type(kernel)(kernel.spec, kernel.size, kernel.actions), world.message.copy()
    for _ in range(3):
        copy.act(message)
