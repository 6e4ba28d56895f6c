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

from neuro_bpdl.description.phases import Phase
from neuro_bpdl.description.projections import Way
from neuro_bpdl.kernels.layer import Arrival, Broadcast, LayerKernel
from neuro_bpdl.kernels.standalone import make_layer
from neuro_bpdl.processes.layer.process import BRANCHES, Layer

Array = NDArray[Any]


class _PyLayer(PyLoihiProcessModel):  # type: ignore[misc]
    """Receives currents, steps the kernel, sends payloads and V̇."""

    arithmetic: str
    soma: Array

    def __init__(self, proc_params: Any) -> None:
        super().__init__(proc_params)
        self._n, self._index = proc_params["n"], proc_params["index"]
        self._kernel = proc_params["kernel"] or self._own_kernel(proc_params)
        self._program, self._first = proc_params["program"], proc_params["first"]
        self._gains, self._mailbox = proc_params["gains"], proc_params["mailbox"]
        dtype = self._kernel.soma.dtype
        self._silent, self._still = np.zeros(self._n + 1, dtype), np.zeros(self._n, dtype)
        self._no_bap = np.zeros(self._n, bool)
        self._feed = np.zeros((1, self._program.feed_size), dtype)
        self._shown = False

    def _own_kernel(self, proc_params: Any) -> LayerKernel:
        """The kernel of a layer that stands alone."""
        return make_layer(
            self.arithmetic, proc_params["index"], proc_params["network"], proc_params["inference"],
            proc_params["plasticity"], proc_params["program"], seed=proc_params["seed"],
            compartment=proc_params["compartment"],
        )  # fmt: skip

    def run_spk(self) -> None:
        if not self._shown:
            self._show()
        presentation, position = divmod(self.time_step - 1, len(self._program))
        sent = self._kernel.step(position, self._arrival(position, presentation))
        self._send_payloads(sent)
        for way, branch in BRANCHES.items():
            self._send_swing(way, branch, sent)
        self._report(position, presentation)

    def _show(self) -> None:
        """From now on the Vars are the kernel's own memory: what is set in them is what the kernel goes on with."""
        kernel, self._shown = self._kernel, True
        kernel.soma[0] = self.soma
        self.soma = kernel.soma[0]
        for i, described in kernel.incoming.items():
            setattr(self, BRANCHES[described.way], kernel.held[i][0])

    def _arrival(self, position: int, presentation: int) -> Arrival:
        received = {way: getattr(self, f"{branch}_in").recv()[None] for way, branch in BRANCHES.items()}
        told = self.told_in.recv()[None]
        currents = {
            branch: told if described.told and described.way is Way.UP else received[described.way]
            for branch, described in self._kernel.incoming.items()
        }
        image, loads = self.image_in.recv()[None], position == 0 and self._index in self._program.feeds
        if loads:
            self._feed[:, self._program.columns(self._index)] = self.feed_in.recv() if self.feed_in.csp_ports else image
        return Arrival(self._first + presentation, currents, self._feed)

    def _send_payloads(self, sent: Broadcast) -> None:
        projections = self._program.description.projections
        leaving = {}
        for i, payload in sent.payloads.items():
            described = projections[i]
            leaving["told" if described.told and described.way is Way.DOWN else described.way.value] = payload[0]
        for port in ("up", "down", "told"):
            getattr(self, f"{port}_out").send(leaving.get(port, self._silent))

    def _send_swing(self, way: Way, branch: str, sent: Broadcast) -> None:
        found = [(i, swing) for i, swing in sent.swings.items() if self._kernel.incoming[i].way is way]
        signed = self._scaled(found[0][1][0], self._gains.get(found[0][0], 1.0)) if found else self._still
        if found:
            getattr(self, f"{branch}_swing")[:] = signed
        if self._program.code.paired:  # V̇ told in spikes
            getattr(self, f"{branch}_bap_out").send(signed != 0)
            signed = self._still
        else:
            getattr(self, f"{branch}_bap_out").send(self._no_bap)
        getattr(self, f"{branch}_y1_out").send(np.maximum(signed, 0))
        getattr(self, f"{branch}_y2_out").send(np.maximum(-signed, 0))
        getattr(self, f"{branch}_y3_out").send(self._still)

    def _report(self, position: int, presentation: int) -> None:
        if self._mailbox is None:
            return
        self._mailbox.record(self._program, position, presentation, self._index, self._kernel.soma)
        if self._program.moments[position].phase is Phase.LEARN:
            for i, variance in self._kernel.variances.items():
                self._mailbox.variance.array[i] = variance
        if position == len(self._program) - 1:
            for i, messages in self._kernel.messages.items():
                self._mailbox.messages.array[i] = messages
            if self._index == 0:
                self._mailbox.progress.array[0] = presentation + 1

    def _scaled(self, swing: Array, gain: float) -> Array:
        raise NotImplementedError


@implements(proc=Layer, protocol=LoihiProtocol)
@requires(CPU)
@tag("floating_pt")
class PyLayerFloat(_PyLayer):
    """Compartments in float64."""

    arithmetic = "float"
    soma: Array = LavaPyType(np.ndarray, float)
    basal: np.ndarray = LavaPyType(np.ndarray, float)
    apical: np.ndarray = LavaPyType(np.ndarray, float)
    basal_swing: np.ndarray = LavaPyType(np.ndarray, float)
    apical_swing: np.ndarray = LavaPyType(np.ndarray, float)
    basal_in: PyInPort = LavaPyType(PyInPort.VEC_DENSE, float)
    apical_in: PyInPort = LavaPyType(PyInPort.VEC_DENSE, float)
    told_in: PyInPort = LavaPyType(PyInPort.VEC_DENSE, float)
    feed_in: PyInPort = LavaPyType(PyInPort.VEC_DENSE, float)
    image_in: PyInPort = LavaPyType(PyInPort.VEC_DENSE, float)
    up_out: PyOutPort = LavaPyType(PyOutPort.VEC_DENSE, float)
    down_out: PyOutPort = LavaPyType(PyOutPort.VEC_DENSE, float)
    told_out: PyOutPort = LavaPyType(PyOutPort.VEC_DENSE, float)
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

    arithmetic = "fixed"
    soma: Array = LavaPyType(np.ndarray, np.int32, precision=24)
    basal: np.ndarray = LavaPyType(np.ndarray, np.int32, precision=7)
    apical: np.ndarray = LavaPyType(np.ndarray, np.int32, precision=7)
    basal_swing: np.ndarray = LavaPyType(np.ndarray, np.int32, precision=8)
    apical_swing: np.ndarray = LavaPyType(np.ndarray, np.int32, precision=8)
    basal_in: PyInPort = LavaPyType(PyInPort.VEC_DENSE, np.int32, precision=24)
    apical_in: PyInPort = LavaPyType(PyInPort.VEC_DENSE, np.int32, precision=24)
    told_in: PyInPort = LavaPyType(PyInPort.VEC_DENSE, np.int32, precision=24)
    feed_in: PyInPort = LavaPyType(PyInPort.VEC_DENSE, np.int32, precision=24)
    image_in: PyInPort = LavaPyType(PyInPort.VEC_DENSE, np.int32, precision=24)
    up_out: PyOutPort = LavaPyType(PyOutPort.VEC_DENSE, np.int32, precision=24)
    down_out: PyOutPort = LavaPyType(PyOutPort.VEC_DENSE, np.int32, precision=24)
    told_out: PyOutPort = LavaPyType(PyOutPort.VEC_DENSE, np.int32, precision=24)
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
