"""Channels between Lava processes that wait on their semaphores directly.

Lava gives each end of a channel a thread that moves tokens from a semaphore
between processes to a lock within one, so that several channels can be
awaited at once. Hardly any end is ever awaited that way, and every message
pays for it: two thread switches. Here an end blocks in the operating system
itself, and becomes Lava's own, with its thread, on the day somebody sets an
observer on it; until then it costs nothing to wait and nothing to be able to.

A channel has room for `size` messages. The semaphore `_ack` counts empty slots
and `_req` full ones, both shared by the two ends; slots are used in turn.
"""

from __future__ import annotations

from collections.abc import Callable
from multiprocessing import get_context
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.engines.lava.availability import require_lava
from neuro_bpdl.errors import SimulationError

require_lava()

from lava.magma.compiler.channels.interfaces import Channel  # noqa: E402
from lava.magma.compiler.channels.pypychannel import CspRecvPort, CspSelector, CspSendPort, Proto  # noqa: E402
from lava.magma.compiler.channels.watchdog import NoOPWatchdog, Watchdog  # noqa: E402
from lava.utils.sparse import find  # noqa: E402
from scipy.sparse import csr_matrix  # noqa: E402

Array = NDArray[Any]
Observer = Callable[[], object]
_NO_WATCHDOG = NoOPWatchdog(None)


class DirectSendPort(CspSendPort):  # type: ignore[misc]
    """The sending end: `send` waits for an empty slot and fills it."""

    _idx: int
    _ack: Any
    _req: Any

    def start(self) -> None:
        """Lay out the slots; call it in the process that sends."""
        self._array = _slots(self)

    @property
    def observer(self) -> Observer | None:
        """Always None: nobody is told when room appears.

        Raises
        ------
        SimulationError
            On setting anything else, as a selector over sending ends does.
        """
        return None

    @observer.setter
    def observer(self, observer: Observer | None) -> None:
        if observer is not None:
            raise SimulationError(f"port {self.name}: a selector waits for receiving ends only; just send")

    def probe(self) -> bool:
        """Whether `send` would go through at once."""
        return _has_token(self._ack)

    def send(self, data: Array | csr_matrix) -> None:
        """Send `data`, of the channel's shape; blocks while the channel is full.

        Raises
        ------
        SimulationError
            The shape is another one.
        """
        with self._io_watchdog:
            if data.shape != self._shape:
                raise SimulationError(f"port {self.name}: message has shape {data.shape}, allowed: {self._shape}")
            values = find(data, explicit_zeros=True)[2] if isinstance(data, csr_matrix) else data
            self._ack.acquire()
            self._array[self._idx][:] = values[:]
            self._idx = (self._idx + 1) % self._size
            self._req.release()

    def join(self) -> None:
        """Let go of the channel; harmless when repeated."""
        with self._join_watchdog:
            self._done = True
            self._ack = self._req = None


class DirectRecvPort(CspRecvPort):  # type: ignore[misc]
    """The receiving end: `recv` waits for a full slot and empties it.

    Setting `observer` to a callable makes it Lava's stock end for good: a
    thread takes the tokens and tells the observer, as `CspSelector` needs in
    order to wait for several ends.
    """

    _idx: int
    _ack: Any
    _req: Any
    _observer: Observer | None = None

    def start(self) -> None:
        """Lay out the slots; call it in the process that receives."""
        self._array = _slots(self)

    @property
    def is_direct(self) -> bool:
        """Whether this end still waits by itself, without a thread."""
        return self.thread is None

    @property
    def observer(self) -> Observer | None:
        """What the thread calls when the first message arrives in an empty channel."""
        return self._observer

    @observer.setter
    def observer(self, observer: Observer | None) -> None:
        self._observer = observer
        if observer is not None and self.is_direct:
            super().start()

    def wait(self) -> None:
        """Block until a message is there; only while `is_direct`."""
        self._req.acquire()
        self._req.release()

    def probe(self) -> bool:
        """Whether `recv` would return at once."""
        return _has_token(self._req) if self.thread is None else super().probe()

    def peek(self) -> Array:
        """Return a copy of the next message and leave it there; blocks while there is none."""
        if self.thread is not None:
            return super().peek()
        self.wait()
        return self._array[self._idx].copy()

    def recv(self) -> Array:
        """Take the next message; blocks while there is none."""
        if self.thread is not None:
            return super().recv()
        with self._io_watchdog:
            self._req.acquire()
            message = self._array[self._idx].copy()
            self._idx = (self._idx + 1) % self._size
            self._ack.release()
            return message

    def join(self) -> None:
        """End the thread if there is one and let go of the channel; harmless when repeated."""
        super().join()
        if self.thread is not None:
            self.thread.join()


class DirectChannel(Channel):  # type: ignore[misc]
    """A channel of `size` slots in the infrastructure's shared memory; arguments as Lava's PyPyChannel."""

    def __init__(
        self,
        message_infrastructure: Any,
        src_name: str,
        dst_name: str,
        shape: tuple[int, ...],
        dtype: Any,
        size: int,
        src_send_watchdog: Watchdog = _NO_WATCHDOG,
        src_join_watchdog: Watchdog = _NO_WATCHDOG,
        dst_recv_watchdog: Watchdog = _NO_WATCHDOG,
        dst_join_watchdog: Watchdog = _NO_WATCHDOG,
    ) -> None:
        proto = Proto(shape=shape, dtype=dtype, nbytes=int(np.prod(shape)) * np.dtype(dtype).itemsize)
        memory = message_infrastructure.smm.create_shared_memory(proto.nbytes * size)
        # Of a fork context, semaphores lose their name in /dev/shm in the call that makes them.
        fork = get_context("fork")
        filled, free = fork.Semaphore(0), fork.Semaphore(size)
        common = (memory, proto, size, filled, free)
        self._src_port = DirectSendPort(src_name, *common, src_send_watchdog, src_join_watchdog)
        self._dst_port = DirectRecvPort(dst_name, *common, dst_recv_watchdog, dst_join_watchdog)

    @property
    def src_port(self) -> DirectSendPort:
        """The sending end."""
        return self._src_port

    @property
    def dst_port(self) -> DirectRecvPort:
        """The receiving end."""
        return self._dst_port


class DirectSelector(CspSelector):  # type: ignore[misc]
    """Lava's selector, except that it needs no thread where a single end is awaited."""

    def select(self, *channel_actions: tuple[Any, Callable[[], Any]]) -> Any:
        """Wait until one of the ends has a message; return what its action returns."""
        for port, action in channel_actions:
            if port.probe():
                return action()
        if len(channel_actions) == 1:
            port, action = channel_actions[0]
            if isinstance(port, DirectRecvPort) and port.is_direct:
                port.wait()
                return action()
        return super().select(*channel_actions)


def _slots(port: DirectSendPort | DirectRecvPort) -> list[Array]:
    starts = [port._nbytes * i for i in range(port._size)]
    return [np.ndarray(port._shape, port._dtype, port._shm.buf[at : at + port._nbytes]) for at in starts]


def _has_token(semaphore: Any) -> bool:
    # Each end alone takes its tokens, so this one cannot be taken in between. (sem_getvalue is missing on macOS.)
    found = semaphore.acquire(False)
    if found:
        semaphore.release()
    return bool(found)
