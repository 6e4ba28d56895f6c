"""An environment of gymnasium's kind as a Lava process: it sends first, then waits for the action."""

from __future__ import annotations

from typing import Any

from lava.magma.core.process.ports.ports import InPort, OutPort
from lava.magma.core.process.process import AbstractProcess

from neuro_bpdl.engines.lava.shared import SharedArray


class Environment(AbstractProcess):  # type: ignore[misc]
    """Plays the episodes of a `World`, one message and one answer per decision.

    It never raises: what goes wrong is written into ``problem``, and from then on it sends that it has halted, so the
    ring of agent and environment goes round until the program that started it ends the run.

    Parameters
    ----------
    world : World
        Its message is ready.
    size : int
        Of its message.
    period : int
        Time steps of a decision; the answer comes at the last of them.
    progress : SharedArray, (2,) int64
        Decisions made, and 1 once the world has halted.
    problem : SharedArray, bytes
        A pickled error of ours, empty (zeros) while all is well.

    Ports
    -----
    observation_out : (size,)
        Rates or payloads, reward, end.
    action_in : (1,)
    """

    def __init__(
        self, *, world: Any, size: int, period: int, progress: SharedArray, problem: SharedArray,
        name: str = "environment",
    ) -> None:  # fmt: skip
        super().__init__(world=world, period=period, progress=progress, problem=problem, name=name)
        self.observation_out, self.action_in = OutPort(shape=(size,)), InPort(shape=(1,))
