"""CPU model of `Cells`, in integers."""

from __future__ import annotations

from typing import Any

import numpy as np
from lava.magma.core.decorator import implements, requires, tag
from lava.magma.core.model.py.model import PyLoihiProcessModel
from lava.magma.core.model.py.ports import PyInPort, PyOutPort
from lava.magma.core.model.py.type import LavaPyType
from lava.magma.core.resources import CPU
from lava.magma.core.sync.protocols.loihi_protocol import LoihiProtocol

from neuro_bpdl.kernels.fixed.actor_critic import ACT, HALTED, LEARN, PERIOD, RECALL, SENSE
from neuro_bpdl.processes.cells.process import Cells


@implements(proc=Cells, protocol=LoihiProtocol)
@requires(CPU)
@tag("composed", "fixed_pt")
class PyCells(PyLoihiProcessModel):  # type: ignore[misc]
    """Payloads of 7 bits."""

    observation_in: PyInPort = LavaPyType(PyInPort.VEC_DENSE, np.int32, precision=24)
    payload_out: PyOutPort = LavaPyType(PyOutPort.VEC_DENSE, np.int32, precision=24)
    outcome_out: PyOutPort = LavaPyType(PyOutPort.VEC_DENSE, np.int32, precision=24)

    def __init__(self, proc_params: Any) -> None:
        super().__init__(proc_params)
        self._old = proc_params["old"].array
        self._now, self._silent, self._end = np.zeros_like(self._old), np.zeros_like(self._old), 0

    def run_spk(self) -> None:
        position = (self.time_step - 1) % PERIOD
        if position == SENSE:
            message = self.observation_in.recv()
            self._now, self._end = message[:-2].copy(), int(message[-1])
            self.outcome_out.send(message[-2:])
        sent = {SENSE: self._now, LEARN: self._old, RECALL: self._now}
        self.payload_out.send(self._silent if self._end == HALTED else sent.get(position, self._silent))
        if position == ACT and self._end != HALTED:
            self._old[:] = self._now
