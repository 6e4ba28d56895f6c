"""CPU models of `Source`."""

from __future__ import annotations

from typing import Any

import numpy as np
from lava.magma.core.decorator import implements, requires, tag
from lava.magma.core.model.py.model import PyAsyncProcessModel, PyLoihiProcessModel
from lava.magma.core.model.py.ports import PyOutPort
from lava.magma.core.model.py.type import LavaPyType
from lava.magma.core.resources import CPU
from lava.magma.core.sync.protocols.async_protocol import AsyncProtocol
from lava.magma.core.sync.protocols.loihi_protocol import LoihiProtocol

from neuro_bpdl.processes.source.process import Source


class _Rows:
    """What a source sends at which time step, the same under either protocol."""

    def __init__(self, proc_params: Any) -> None:
        self._rows, self._order = proc_params["rows"], proc_params["order"]
        self._batch, self._period, self._encode = proc_params["batch"], proc_params["period"], proc_params["encode"]

    def due(self, tick: int) -> Any:
        """The encoded rows of the presentation that begins at ``tick`` (from 0), or None."""
        presentation, position = divmod(tick, self._period)
        if position:
            return None
        start = presentation * self._batch
        return self._encode(self._rows[self._order[start : start + self._batch]])


class _PySource(PyLoihiProcessModel):  # type: ignore[misc]
    """In step with layer processes."""

    def __init__(self, proc_params: Any) -> None:
        super().__init__(proc_params)
        self._feed = _Rows(proc_params)

    def run_spk(self) -> None:
        feed = self._feed.due(self.time_step - 1)
        if feed is not None:
            self.feed_out.send(feed)


class _PyAsyncSource(PyAsyncProcessModel):  # type: ignore[misc]
    """Ahead of a fused network, as far as the channel has room."""

    def __init__(self, proc_params: Any) -> None:
        super().__init__(proc_params)
        self._feed, self._tick = _Rows(proc_params), 0

    def run_async(self) -> None:
        for _ in range(self.num_steps):
            feed = self._feed.due(self._tick)
            if feed is not None:
                self.feed_out.send(feed)
            self._tick += 1


@implements(proc=Source, protocol=LoihiProtocol)
@requires(CPU)
@tag("floating_pt")
class PySourceFloat(_PySource):
    """Sends rates."""

    feed_out: PyOutPort = LavaPyType(PyOutPort.VEC_DENSE, float)


@implements(proc=Source, protocol=LoihiProtocol)
@requires(CPU)
@tag("fixed_pt")
class PySourceFixed(_PySource):
    """Sends payloads."""

    feed_out: PyOutPort = LavaPyType(PyOutPort.VEC_DENSE, np.int32, precision=24)


@implements(proc=Source, protocol=AsyncProtocol)
@requires(CPU)
@tag("fused", "floating_pt")
class PyAsyncSourceFloat(_PyAsyncSource):
    """Sends rates."""

    feed_out: PyOutPort = LavaPyType(PyOutPort.VEC_DENSE, float)


@implements(proc=Source, protocol=AsyncProtocol)
@requires(CPU)
@tag("fused", "fixed_pt")
class PyAsyncSourceFixed(_PyAsyncSource):
    """Sends payloads."""

    feed_out: PyOutPort = LavaPyType(PyOutPort.VEC_DENSE, np.int32, precision=24)
