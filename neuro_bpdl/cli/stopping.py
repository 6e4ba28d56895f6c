"""Ctrl-C, SIGTERM and SIGHUP end a command, wherever in it they come."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

AGAIN_SECONDS = 0.05


class Stopped(KeyboardInterrupt):
    """A signal on its way out of a command; tells its `Stops` when it is dropped."""

    def __init__(self, stops: Stops) -> None:
        self._stops = stops
        super().__init__()

    def __del__(self) -> None:
        self._stops.dropped(str(self))


class Stops:
    """The signal that came, if one did.

    A signal becomes an exception between any two steps of the program. Some of
    these places swallow exceptions: a weak reference's callback, a destructor,
    C code. An exception that was dropped before it arrived is raised again.

    Attributes
    ----------
    number : int
        The signal, or 0.
    message : str
        What somebody on the way wants to be said.
    """

    def __init__(self) -> None:
        self.number, self.message = 0, ""
        self._under_way, self._arrived, self._process = False, False, os.getpid()

    def handle(self, number: int, _: FrameType | None = None) -> None:
        """Raise `Stopped`; a second signal doesn't disturb the clean-up after the first."""
        if self._under_way or self._arrived:
            return
        self.number = self.number or number
        self._under_way = True
        raise Stopped(self)

    def again(self, _: int, __: FrameType | None) -> None:
        """Raise what was dropped."""
        if self.number:
            self.handle(self.number)

    def dropped(self, message: str) -> None:
        """Nobody holds the exception any more: raise it again soon, unless it has arrived."""
        self._under_way, self.message = False, message or self.message
        if not self._arrived and os.getpid() == self._process and signal.getsignal(signal.SIGALRM) == self.again:
            signal.setitimer(signal.ITIMER_REAL, AGAIN_SECONDS)

    def arrive(self) -> None:
        """The command is over: nothing is raised any more."""
        self._arrived = True
        signal.setitimer(signal.ITIMER_REAL, 0)


@contextmanager
def stoppable() -> Iterator[Stops]:
    """Handle the three signals where the program that calls has left them as they are (nohup ignores SIGHUP)."""
    stops = Stops()
    if threading.current_thread() is not threading.main_thread():
        yield stops
        return
    usual: dict[int, tuple[Any, Any]] = {
        signal.SIGINT: (signal.default_int_handler, stops.handle), signal.SIGTERM: (signal.SIG_DFL, stops.handle),
        signal.SIGHUP: (signal.SIG_DFL, stops.handle), signal.SIGALRM: (signal.SIG_DFL, stops.again),
    }  # fmt: skip
    old: dict[int, Any] = {
        number: signal.signal(number, ours) for number, (now, ours) in usual.items() if signal.getsignal(number) == now
    }
    hook = sys.unraisablehook
    sys.unraisablehook = lambda lost: None if isinstance(lost.exc_value, Stopped) else hook(lost)
    try:
        yield stops
    finally:
        sys.unraisablehook = hook
        for number, handler in old.items():
            signal.signal(number, handler)
