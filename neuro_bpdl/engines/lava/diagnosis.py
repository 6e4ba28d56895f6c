"""What to tell about a Lava run that failed or stands still."""

from __future__ import annotations

import linecache
import re
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from neuro_bpdl.engines.lava.actors import Actor

_STACK_PAUSE, _STACK_ROUNDS = 0.3, 20  # seconds without a new line that end the wait for stacks; at most
_FRAME = re.compile(r'^\s*File "(?P<file>.+)", line (?P<line>\d+) in (?P<function>.+)$', re.MULTILINE)
_MACHINERY = re.compile(r"/(lava/magma/|engines/lava/channels\.py|multiprocessing/|threading\.py|queue\.py)")
_CHILD_STARTS_HERE = "neuro_bpdl/engines/lava/actors.py"


class Watch:
    """Measures how long a heartbeat has not changed.

    Time in which the program itself stood still (a stopped or sleeping
    machine) does not count against the network: one look adds two polls at most.
    """

    def __init__(self, heartbeat: Callable[[], object], poll: float) -> None:
        self._heartbeat, self._poll = heartbeat, poll
        self._started = self._looked = time.monotonic()
        self._beat: object = None
        self.quiet = 0.0

    def until_due(self) -> float:
        """Seconds until the next look."""
        return max(0.0, self._looked + self._poll - time.monotonic())

    def is_due(self) -> bool:
        """Whether it is time to look."""
        return self.until_due() == 0.0

    def elapsed(self) -> float:
        """Seconds since the watch began."""
        return time.monotonic() - self._started

    def look(self) -> None:
        """Read the heartbeat; `quiet` becomes the seconds since it last changed."""
        now, beat = time.monotonic(), self._heartbeat()
        passed = min(now - self._looked, 2 * self._poll)
        self.quiet = self.quiet + passed if beat == self._beat else 0.0
        self._looked, self._beat = now, beat


def describe_failures(actors: Sequence[Actor]) -> str:
    """Name every actor that failed, with its traceback."""
    failed = [(actor.name, actor.failure) for actor in actors if actor.failure is not None]
    if not failed:
        return "a ProcessModel failed, but no child reported a traceback"
    failed = [item for item in failed if not item[1].is_echo] or failed
    heads = [f"Process {name} failed: {failure.summary}" for name, failure in failed]
    traces = [f"In Process {name}:\n{failure.trace.rstrip()}" for name, failure in failed if failure.trace]
    return "\n".join(["; ".join(heads), *traces])


def describe_stall(actors: Sequence[Actor], problem: str) -> str:
    """Say where in its model each actor stands; waiting for a command is not told."""
    places = [(actor.name, _place(stack)) for actor, stack in zip(actors, _stacks(actors), strict=True)]
    blocked = [f"Process {name} is {place}" for name, place in places if place]
    return "; ".join([problem, *(blocked or ["no Process is inside its model's code"])])


def _stacks(actors: Sequence[Actor]) -> list[str]:
    """Every child's stack; a child that gets no processor is waited for."""
    for actor in actors:
        actor.ask_for_stack()
    stacks = [""] * len(actors)
    for _ in range(_STACK_ROUNDS):
        time.sleep(_STACK_PAUSE)
        more = [actor.stack() for actor in actors]
        stacks = [stack + new for stack, new in zip(stacks, more, strict=True)]
        if not any(more) and all(stack or not actor.is_alive() for stack, actor in zip(stacks, actors, strict=True)):
            break
    return stacks


def _place(stack: str) -> str:
    """The innermost frame of the model's own code, with its source line."""
    for frame in _FRAME.finditer(stack):
        if frame["file"].endswith(_CHILD_STARTS_HERE):
            break
        if not _MACHINERY.search(frame["file"]):
            source = linecache.getline(frame["file"], int(frame["line"])).strip()
            return f"in {frame['function']} ({frame['file']}:{frame['line']}: {source})"
    return ""
