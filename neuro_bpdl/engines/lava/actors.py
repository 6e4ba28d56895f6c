"""The operating-system processes of a Lava run, so that none can outlive it.

Lava starts one process per ProcessModel and one per runtime service. It keeps
the memory of its channels under names in /dev/shm, in the care of one more
process, and hears of a failed child only when it happens to look. `Runtime`
here is Lava's own runtime on other actors: channel memory is anonymous and
inherited by fork, channels need no threads, a child dies with its parent, and
it says why it failed.
"""

from __future__ import annotations

import contextlib
import ctypes
import faulthandler
import mmap
import os
import signal
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing import Pipe
from multiprocessing.context import ForkProcess
from pathlib import Path
from typing import Any

from threadpoolctl import ThreadpoolController

from neuro_bpdl.engines.lava.availability import require_lava

require_lava()

from lava.magma.compiler.channels.interfaces import Channel, ChannelType  # noqa: E402
from lava.magma.core.model.py.model import AbstractPyProcessModel  # noqa: E402
from lava.magma.runtime import runtime as lava_runtime  # noqa: E402
from lava.magma.runtime.message_infrastructure.multiprocessing import MultiProcessing  # noqa: E402

from neuro_bpdl.engines.lava.channels import DirectChannel, DirectSelector  # noqa: E402

_PR_SET_PDEATHSIG = 1
_STACK_SIGNAL = signal.SIGUSR1


@dataclass(frozen=True)
class Failure:
    """Why an actor ended: one line, and the child's traceback (may be empty).

    `is_echo`: it ended in good order, as all do when one of them fails.
    """

    summary: str
    trace: str = ""
    is_echo: bool = False


class Actor(ForkProcess):
    """One child process: builds a ProcessModel or runtime service and runs it.

    It ends with the *thread* that started it (Linux), ignores Ctrl-C, which a
    terminal sends to children too, and uses one BLAS thread.
    """

    def __init__(self, builder: Any, name: str, blas: ThreadpoolController) -> None:
        # Daemonic, so that the interpreter ends these at exit instead of waiting for them.
        super().__init__(name=name, daemon=True)
        self._builder, self._blas, self._starter = builder, blas, os.getpid()
        self.reports, self._report_end = Pipe(duplex=False)
        self._stack_fd, self._stack_end = os.pipe()
        self.is_ready = False
        self.failure: Failure | None = None

    def start(self) -> None:
        """Fork; afterwards only the child holds the sending ends, so its death is seen."""
        super().start()
        self._report_end.close()
        os.close(self._stack_end)
        os.set_blocking(self._stack_fd, False)

    def run(self) -> None:
        """Build and run, in the child; report readiness and any failure."""
        try:
            _settle_child(self._starter, self._stack_end)
            self._blas.limit(limits=1)
            model = self._builder.build()
            if isinstance(model, AbstractPyProcessModel):
                model._selector = DirectSelector()
            self._report_end.send(None)
            model.start()
        except BaseException as error:
            summary = traceback.format_exception_only(type(error), error)[-1].strip()
            self._report_end.send(Failure(summary, traceback.format_exc()))

    def collect(self) -> None:
        """Take in what the child has reported so far (never blocks)."""
        with contextlib.suppress(EOFError, OSError):
            while self.reports.poll():
                report = self.reports.recv()
                self.is_ready, self.failure = True, report
        if self.failure is None and self.exitcode is not None:
            reason = _exit_reason(self.exitcode)
            self.failure = Failure(f"ended without a traceback ({reason})", is_echo=self.exitcode == 0)

    def cpu_ticks(self) -> int:
        """Processor time used so far, in clock ticks; 0 where it cannot be known."""
        fields = self._stat()
        return int(fields[11]) + int(fields[12]) if fields else 0

    def is_runnable(self) -> bool:
        """Whether it computes, or would if other programs left it a processor; False where it cannot be known."""
        fields = self._stat()
        return bool(fields) and fields[0] in "RD"

    def _stat(self) -> list[str]:
        """Linux's fields about this process, from its state on."""
        try:
            return Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return []

    def ask_for_stack(self) -> None:
        """Make the child write its main thread's stack; `stack` reads it a moment later."""
        with contextlib.suppress(OSError):
            if self.pid is not None and self.is_alive():
                os.kill(self.pid, _STACK_SIGNAL)

    def stack(self) -> str:
        """Return the stack asked for, as faulthandler writes it; empty when there is none."""
        try:
            return os.read(self._stack_fd, 1 << 16).decode(errors="replace")
        except OSError:
            return ""

    def end(self) -> None:
        """Kill the child if it still runs, wait for it, free what the parent holds."""
        if self._starter != os.getpid() or self._stack_fd < 0:
            return
        if self.pid is not None:
            self.kill()
            self.join()
            self.close()
        # Builders hold the channels, and so their memory.
        self._builder = None
        self.reports.close()
        os.close(self._stack_fd)
        self._stack_fd = -1


class Runtime(lava_runtime.Runtime):  # type: ignore[misc]
    """Lava's runtime with supervised actors and channel memory without names.

    ``initialize`` returns as soon as the actors are started, not when they
    have built their models: whoever uses it waits for ``Actor.is_ready``.
    """

    _executable: Any
    runtime_to_service: list[Any]
    service_to_runtime: list[Any]

    def _build_message_infrastructure(self) -> None:
        named = self._executable.proc_builders.items()
        names = {id(builder): _process_name(process, builder) for process, builder in named}
        self._messaging_infrastructure = _Infrastructure(lambda b: names.get(id(b), "runtime service"))
        self._messaging_infrastructure.start()

    def _start_ports(self) -> None:
        super()._start_ports()
        # Lava would wait here for a word from every child, and forever for one that died.
        self.exception_q.clear()

    @property
    def actors(self) -> list[Actor]:
        """The actors started so far."""
        infrastructure = self._messaging_infrastructure
        return [] if infrastructure is None else list(infrastructure.actors)

    def end(self) -> None:
        """Kill every actor, then let the channels and their memory go."""
        for actor in self.actors:
            actor.end()
        self.join()
        self._executable = None
        self.runtime_to_service, self.service_to_runtime = [], []
        self._is_started = self._is_running = False


class _Segment:
    """The one attribute of a shared memory block that Lava's channels use."""

    def __init__(self, size: int) -> None:
        self.buf = memoryview(mmap.mmap(-1, max(size, 1)))


class _AnonymousMemory:
    """Stands in for Lava's shared memory manager; children inherit its blocks by fork."""

    def create_shared_memory(self, size: int) -> _Segment:
        return _Segment(size)


class _Infrastructure(MultiProcessing):  # type: ignore[misc]
    """Lava's message infrastructure on `Actor`, anonymous memory and channels without threads."""

    def __init__(self, name_of: Callable[[Any], str]) -> None:
        super().__init__()
        self._name_of = name_of
        self._blas = ThreadpoolController()

    def start(self) -> None:
        self._smm = _AnonymousMemory()

    def build_actor(self, target_fn: Any, builder: Any, exception_q: Any = None) -> Actor:
        actor = Actor(builder, self._name_of(builder), self._blas)
        self._actors.append(actor)
        actor.start()
        return actor

    def channel_class(self, channel_type: ChannelType) -> type[Channel]:
        return DirectChannel if channel_type == ChannelType.PyPy else super().channel_class(channel_type)

    def stop(self) -> None:
        for actor in self._actors:
            actor.end()


def _settle_child(starter: int, stack_fd: int) -> None:
    """Die with the parent, leave its signals to it, answer the request for a stack."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != starter:
            os._exit(1)  # The parent died before the line above took effect.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    faulthandler.register(_STACK_SIGNAL, file=stack_fd, all_threads=False)


def _process_name(process: Any, builder: Any) -> str:
    return f"{process.name} ({type(process).__name__}, {builder.proc_model.__name__})"


def _exit_reason(code: int) -> str:
    if code >= 0:
        return f"exit status {code}"
    hint = ", perhaps by the system for lack of memory" if code == -signal.SIGKILL else ""
    return f"killed by {signal.Signals(-code).name}{hint}"
