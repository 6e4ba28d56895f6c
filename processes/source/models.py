"""CPU models of `Source`."""

from __future__ import annotations

from typing import Any

import numpy as np
from lava.magma.core.decorator import implements, requires, tag
from lava.magma.core.model.py.model import PyLoihiProcessModel
from lava.magma.core.model.py.ports import PyOutPort
from lava.magma.core.model.py.type import LavaPyType
from lava.magma.core.resources import CPU
from lava.magma.core.sync.protocols.loihi_protocol import LoihiProtocol

from neuro_bpdl.processes.source.process import Source


class _PySource(PyLoihiProcessModel):  # type: ignore[misc]
    def __init__(self, proc_params: Any) -> None:
        super().__init__(proc_params)
        self._rows, self._order = proc_params["rows"], proc_params["order"]
        self._batch, self._period, self._encode = proc_params["batch"], proc_params["period"], proc_params["encode"]

    def run_spk(self) -> None:
        presentation, position = divmod(self.time_step - 1, self._period)
        if position == 0:
            start = presentation * self._batch
            self.feed_out.send(self._encode(self._rows[self._order[start : start + self._batch]]))


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
