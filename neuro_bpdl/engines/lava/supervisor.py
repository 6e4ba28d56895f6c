"""The one way in which this package runs Lava: it ends, and it says why.

>>> with LavaRun(network, select("fused", "float"), timeout=30.0) as run:
...     run.steps(1000)

Lava's ``Process.run`` waits forever for a child that failed or for two that
wait for each other, and ``stop`` after an exception hangs. `LavaRun` watches
the children instead of waiting for their answer only.
"""

from __future__ import annotations

import multiprocessing
import os
import selectors
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing.connection import wait
from types import FrameType, TracebackType
from typing import Any, NoReturn

from neuro_bpdl.engines.lava.availability import (
    fork_start_method,
    remove_duplicate_log_handlers,
    require_lava,
)
from neuro_bpdl.engines.lava.diagnosis import Watch, describe_failures, describe_stall
from neuro_bpdl.errors import InvalidInput, SimulationError

require_lava()

from lava.magma.core.process.message_interface_enum import ActorType  # noqa: E402
from lava.magma.core.run_conditions import RunSteps  # noqa: E402
from lava.magma.runtime.mgmt_token_enums import MGMT_COMMAND, MGMT_RESPONSE, enum_equal  # noqa: E402

from neuro_bpdl.engines.lava.actors import Actor, Runtime  # noqa: E402
from neuro_bpdl.engines.lava.global_lists import forget, with_parents  # noqa: E402

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_TERMINATED = 128 + signal.SIGTERM
_LATE_REPORT = 10.0  # on a loaded machine
_GRACE = 2.0


class LavaRun:
    """A live Lava network under supervision; use it as a context manager.

    Whatever ends the ``with`` block (its end, an exception, Ctrl-C, SIGTERM),
    no child process and no shared memory is left. If the program itself is
    killed, the children end with it. Children belong to the thread that
    entered the block: on Linux they end with this thread. Not covered: Lava's
    Extractor and Injector, which keep shared memory of their own; hand the
    models a `SharedArray` instead.

    Parameters
    ----------
    process : AbstractProcess
        Any Process of the connected network.
    run_cfg : RunConfig
        See `neuro_bpdl.engines.lava.run_config.select`.
    timeout : float
        Seconds without progress after which the run counts as deadlocked.
    heartbeat : callable, optional
        Returns a value that changes whenever there is progress, e.g. a step
        counter in a `SharedArray`. Without it, progress is that any child
        computes, or waits for a processor: that finds a deadlock, but not an
        endless loop. (Where that is not known, outside Linux, `timeout` limits
        each call of `steps`.)
    time_limit : float, optional
        Seconds that one call of `steps` may take in all.
    on_poll : callable, optional
        Called about every `poll` seconds while steps run, in the caller's
        thread: draw progress, watch a limit. What it raises ends the run.
    poll : float
        Seconds between two calls of `on_poll` and looks at the heartbeat. Neither
        the end of the steps nor a failure waits for it.
    compile_config : dict, optional
        Passed to Lava's compiler.

    Raises
    ------
    InvalidInput
        A limit that is not positive.
    SimulationError
        On entry or in `steps`: a ProcessModel failed or the network is
        deadlocked; its text has the Process's name and the child's traceback.
    """

    def __init__(
        self,
        process: Any,
        run_cfg: Any,
        *,
        timeout: float = 60.0,
        heartbeat: Callable[[], object] | None = None,
        time_limit: float | None = None,
        on_poll: Callable[[], object] | None = None,
        poll: float = 0.1,
        compile_config: dict[str, Any] | None = None,
    ) -> None:
        for name, value in (("timeout", timeout), ("time_limit", time_limit), ("poll", poll)):
            if value is not None and not value > 0:
                raise InvalidInput(name, value, "seconds above 0")
        self._process, self._run_cfg, self._compile_config = process, run_cfg, compile_config
        self._timeout, self._heartbeat, self._time_limit = timeout, heartbeat, time_limit
        self._on_poll, self._poll = on_poll, poll
        self._runtime: Runtime | None = None
        self._processes: list[Any] = []
        self._selector: selectors.BaseSelector | None = None
        self._wake_fds: tuple[int, ...] = ()
        self._old_sigterm: Any = None

    def __enter__(self) -> LavaRun:
        remove_duplicate_log_handlers()
        self._catch_sigterm()
        try:
            self._start()
        except BaseException:
            self._close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None and self._runtime is not None:
                self._stop_politely(self._runtime)
        finally:
            self._close()

    def steps(self, count: int) -> None:
        """Run `count` time steps and return when every Process has done them.

        May be called again and again on the same live network.

        Raises
        ------
        InvalidInput
            `count` below 1.
        SimulationError
            As the class says; the run is then over.
        """
        if count < 1:
            raise InvalidInput("count", count, "1 or more time steps")
        runtime = self._live()
        try:
            runtime.start(RunSteps(count, blocking=False))
            pending = list(runtime.service_to_runtime)
            self._watch(lambda: self._answered(pending), f"in a call of steps({count})")
        except BaseException:
            # The network stands in the middle of a step: nothing can be asked of it any more.
            self._close()
            raise
        runtime._is_running = False

    def _start(self) -> None:
        if multiprocessing.current_process().daemon:
            raise SimulationError(
                "lava: cannot start in a daemonic process, which may have no children (as in multiprocessing.Pool);"
                " use concurrent.futures.ProcessPoolExecutor"
            )
        with fork_start_method():
            executable = self._process.compile(self._run_cfg, self._compile_config)
            self._processes = with_parents([self._process, *executable.process_list])
            self._runtime = runtime = Runtime(executable, ActorType.MultiProcessing)
            for process in self._processes:
                process.runtime = runtime
            # A signal between a fork and its book-keeping would leave a child nobody knows.
            with _signals_later():
                runtime.initialize()
        self._listen(runtime)
        self._watch(lambda: all(actor.is_ready for actor in runtime.actors), "while its processes were being built")

    def _listen(self, runtime: Runtime) -> None:
        """Let one selector wake up at a report, a death or an answer of the network."""
        self._wake_fds = os.pipe()
        for descriptor in self._wake_fds:
            os.set_blocking(descriptor, False)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._wake_fds[0], selectors.EVENT_READ)
        for actor in runtime.actors:
            self._selector.register(actor.reports, selectors.EVENT_READ, actor)
            self._selector.register(actor.sentinel, selectors.EVENT_READ, actor)

        def wake() -> None:
            # Called by a thread of the port, which may outlive the run by a moment.
            with suppress(OSError, IndexError):
                os.write(self._wake_fds[1], b"!")

        for port in runtime.service_to_runtime:
            port.observer = wake

    def _watch(self, finished: Callable[[], bool], when: str) -> None:
        """Wait until `finished`, a failure, a stall or an exception of `on_poll`."""
        runtime = self._live()
        watch = Watch(self._heartbeat or (lambda: _processor_time(runtime.actors)), self._poll)
        while not finished():
            self._take_events(watch.until_due())
            if not watch.is_due():
                continue
            if self._on_poll is not None:
                self._on_poll()
            watch.look()
            if watch.quiet > self._timeout:
                self._fail(describe_stall(runtime.actors, f"no progress for {self._timeout:g} s {when}"))
            if self._time_limit is not None and watch.elapsed() > self._time_limit:
                self._fail(describe_stall(runtime.actors, f"over the time limit of {self._time_limit:g} s {when}"))

    def _take_events(self, seconds: float) -> None:
        if self._selector is None:
            raise SimulationError("this Lava run is over")
        failed = False
        for key, _ in self._selector.select(seconds):
            if isinstance(key.data, Actor):
                key.data.collect()
                failed = failed or key.data.failure is not None
            else:
                os.read(key.fd, 1 << 12)
        if failed:
            self._fail_with_reports()

    def _answered(self, pending: list[Any]) -> bool:
        """Take the services' answers; True when all have said that the steps are done."""
        for port in [port for port in pending if port.probe()]:
            answer = port.recv()
            pending.remove(port)
            if enum_equal(answer, MGMT_RESPONSE.ERROR):
                self._fail_with_reports()
            if not enum_equal(answer, MGMT_RESPONSE.DONE):
                self._fail(f"a ProcessModel asked to pause or stop (answer {answer}): this run has no use for that")
        return not pending

    def _fail_with_reports(self) -> NoReturn:
        """Raise what the children report; the first sign of a failure may come before its traceback."""
        actors = self._live().actors
        end = time.monotonic() + _LATE_REPORT
        while time.monotonic() < end and all(a.failure is None or a.failure.is_echo for a in actors):
            time.sleep(0.005)
            for actor in actors:
                actor.collect()
        self._fail(describe_failures(actors))

    def _fail(self, text: str) -> NoReturn:
        self._close()
        raise SimulationError(text)

    def _stop_politely(self, runtime: Runtime) -> None:
        """Ask every Process to stop, so that models can finish what they hold."""
        for port in runtime.runtime_to_service:
            port.send(MGMT_COMMAND.STOP)
        end = time.monotonic() + _GRACE
        running = list(runtime.actors)
        while running and time.monotonic() < end:
            wait([actor.sentinel for actor in running], timeout=end - time.monotonic())
            running = [actor for actor in running if actor.is_alive()]
        for actor in runtime.actors:
            actor.collect()
        if any(actor.failure and not actor.failure.is_echo for actor in runtime.actors):
            self._fail(describe_failures(runtime.actors))

    def _live(self) -> Runtime:
        if self._runtime is None:
            raise SimulationError("this Lava run is not live: call steps inside its with block, once entered")
        return self._runtime

    def _close(self) -> None:
        """End the children and free everything; harmless when repeated."""
        try:
            with _signals_later():
                self._free()
        finally:
            self._release_sigterm()

    def _free(self) -> None:
        if self._runtime is not None:
            self._runtime.end()
            self._runtime = None
        if self._selector is not None:
            self._selector.close()
            self._selector = None
        descriptors, self._wake_fds = self._wake_fds, ()
        for descriptor in descriptors:
            os.close(descriptor)
        forget(self._processes)
        self._processes = []
        remove_duplicate_log_handlers()

    def _catch_sigterm(self) -> None:
        """Turn SIGTERM into SystemExit unless the program has its own idea of it."""
        in_main = threading.current_thread() is threading.main_thread()
        if in_main and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
            self._old_sigterm = signal.signal(signal.SIGTERM, _exit_on_sigterm)

    def _release_sigterm(self) -> None:
        if self._old_sigterm is not None:
            signal.signal(signal.SIGTERM, self._old_sigterm)
            self._old_sigterm = None


def _processor_time(actors: list[Actor]) -> object:
    """A value that changes while any child computes, or waits for a processor that other programs hold."""
    return object() if any(actor.is_runnable() for actor in actors) else sum(actor.cpu_ticks() for actor in actors)


def _exit_on_sigterm(number: int, frame: FrameType | None) -> NoReturn:
    raise SystemExit(_TERMINATED)


@contextmanager
def _signals_later() -> Iterator[None]:
    """Hold back Ctrl-C and SIGTERM, so that they cannot cut the clean-up short."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    arrived: list[int] = []
    old = {number: signal.signal(number, lambda n, _: arrived.append(n)) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in old.items():
            signal.signal(number, handler)
        for arrival in arrived:
            signal.raise_signal(arrival)
