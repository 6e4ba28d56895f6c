"""CPU models of `Layer`: the layer kernel behind Lava's ports."""

from __future__ import annotations

from typing import Any

import numpy as np
from lava.magma.core.decorator import implements, requires, tag
from lava.magma.core.model.py.model import PyLoihiProcessModel
from lava.magma.core.model.py.ports import PyInPort, PyOutPort
from lava.magma.core.model.py.type import LavaPyType
from lava.magma.core.resources import CPU
from lava.magma.core.sync.protocols.loihi_protocol import LoihiProtocol
from numpy.typing import NDArray

from neuro_bpdl.kernels.layer import Arrival
from neuro_bpdl.kernels.schedule import Phase
from neuro_bpdl.processes.layer.process import Layer

Array = NDArray[Any]


class _PyLayer(PyLoihiProcessModel):  # type: ignore[misc]
    """Receives currents, steps the kernel, sends payloads and V̇."""

    def __init__(self, proc_params: Any) -> None:
        super().__init__(proc_params)
        self._n, self._index, self._kernel = proc_params["n"], proc_params["index"], proc_params["kernel"]
        self._program, self._first = proc_params["program"], proc_params["first"]
        self._gains, self._mailbox = proc_params["gains"], proc_params["mailbox"]
        dtype = self._kernel.soma.dtype
        self._silent, self._still = np.zeros(self._n + 1, dtype), np.zeros(self._n, dtype)
        self._no_bap = np.zeros(self._n, bool)

    def run_spk(self) -> None:
        presentation, position = divmod(self.time_step - 1, len(self._program))
        sent = self._kernel.step(position, self._arrival(position, presentation))
        self.up_out.send(self._silent if sent.up is None else sent.up[0])
        self.down_out.send(self._silent if sent.down is None else sent.down[0])
        self._send_swing("basal", sent.basal_swing, self._gains[0])
        self._send_swing("apical", sent.apical_swing, self._gains[1])
        self._report(position, presentation)

    def _arrival(self, position: int, presentation: int) -> Arrival:
        basal, apical = self.basal_in.recv()[None], self.apical_in.recv()[None]
        loads = position == 0 and self._program.feed == self._index
        return Arrival(
            self._first + presentation,
            basal if self._index > 0 else None,
            apical if self._index < self._program.depth else None,
            self.feed_in.recv() if loads else None,
        )

    def _send_swing(self, compartment: str, swing: Array | None, gain: float) -> None:
        signed = self._still if swing is None else self._scaled(swing[0], gain)
        getattr(self, f"{compartment}_bap_out").send(self._no_bap)
        getattr(self, f"{compartment}_y1_out").send(np.maximum(signed, 0))
        getattr(self, f"{compartment}_y2_out").send(np.maximum(-signed, 0))
        getattr(self, f"{compartment}_y3_out").send(self._still)

    def _report(self, position: int, presentation: int) -> None:
        self._mailbox.record(self._program, position, presentation, self._index, self._kernel.soma)
        if self._program.steps[position].phase is Phase.LEARN and self._index < self._program.depth:
            self._mailbox.variance.array[self._index] = self._kernel.variance
        if position == len(self._program) - 1:
            self._mailbox.messages.array[self._index] = self._kernel.messages
            if self._index == 0:
                self._mailbox.progress.array[0] = presentation + 1

    def _scaled(self, swing: Array, gain: float) -> Array:
        raise NotImplementedError


@implements(proc=Layer, protocol=LoihiProtocol)
@requires(CPU)
@tag("floating_pt")
class PyLayerFloat(_PyLayer):
    """Compartments in float64."""

    basal_in: PyInPort = LavaPyType(PyInPort.VEC_DENSE, float)
    apical_in: PyInPort = LavaPyType(PyInPort.VEC_DENSE, float)
    feed_in: PyInPort = LavaPyType(PyInPort.VEC_DENSE, float)
    up_out: PyOutPort = LavaPyType(PyOutPort.VEC_DENSE, float)
    down_out: PyOutPort = LavaPyType(PyOutPort.VEC_DENSE, float)
    basal_bap_out: PyOutPort = LavaPyType(PyOutPort.VEC_DENSE, bool)
    basal_y1_out: PyOutPort = LavaPyType(PyOutPort.VEC_DENSE, float)
    basal_y2_out: PyOutPort = LavaPyType(PyOutPort.VEC_DENSE, float)
    basal_y3_out: PyOutPort = LavaPyType(PyOutPort.VEC_DENSE, float)
    apical_bap_out: PyOutPort = LavaPyType(PyOutPort.VEC_DENSE, bool)
    apical_y1_out: PyOutPort = LavaPyType(PyOutPort.VEC_DENSE, float)
    apical_y2_out: PyOutPort = LavaPyType(PyOutPort.VEC_DENSE, float)
    apical_y3_out: PyOutPort = LavaPyType(PyOutPort.VEC_DENSE, float)

    def _scaled(self, swing: Array, gain: float) -> Array:
        return swing * gain


@implements(proc=Layer, protocol=LoihiProtocol)
@requires(CPU)
@tag("fixed_pt")
class PyLayerFixed(_PyLayer):
    """Compartments in int32; payloads and V̇ of 7 bits."""

    basal_in: PyInPort = LavaPyType(PyInPort.VEC_DENSE, np.int32, precision=24)
    apical_in: PyInPort = LavaPyType(PyInPort.VEC_DENSE, np.int32, precision=24)
    feed_in: PyInPort = LavaPyType(PyInPort.VEC_DENSE, np.int32, precision=24)
    up_out: PyOutPort = LavaPyType(PyOutPort.VEC_DENSE, np.int32, precision=24)
    down_out: PyOutPort = LavaPyType(PyOutPort.VEC_DENSE, np.int32, precision=24)
    basal_bap_out: PyOutPort = LavaPyType(PyOutPort.VEC_DENSE, bool)
    basal_y1_out: PyOutPort = LavaPyType(PyOutPort.VEC_DENSE, np.int32, precision=7)
    basal_y2_out: PyOutPort = LavaPyType(PyOutPort.VEC_DENSE, np.int32, precision=7)
    basal_y3_out: PyOutPort = LavaPyType(PyOutPort.VEC_DENSE, np.int32, precision=7)
    apical_bap_out: PyOutPort = LavaPyType(PyOutPort.VEC_DENSE, bool)
    apical_y1_out: PyOutPort = LavaPyType(PyOutPort.VEC_DENSE, np.int32, precision=7)
    apical_y2_out: PyOutPort = LavaPyType(PyOutPort.VEC_DENSE, np.int32, precision=7)
    apical_y3_out: PyOutPort = LavaPyType(PyOutPort.VEC_DENSE, np.int32, precision=7)

    def _scaled(self, swing: Array, gain: float) -> Array:
        return swing  # the literal is exact: there is no gain
