"""CPU models of `Membrane`, in float and in Loihi's widths."""

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

from neuro_bpdl.numbers.widths import TRACE_MAX
from neuro_bpdl.processes.membrane.process import SWING_SHIFT, Membrane

Array = NDArray[Any]
LEAK_BITS = 12


class _PyMembrane(PyLoihiProcessModel):  # type: ignore[misc]
    """The dynamics in any arithmetic; subclasses say how a leak and V̇ are computed."""

    dtype: type

    def __init__(self, proc_params: Any) -> None:
        super().__init__(proc_params)
        self._u: NDArray[Any] = np.zeros(proc_params["n"], self.dtype)
        self._v: NDArray[Any] = np.zeros(proc_params["n"], self.dtype)
        self._leaks = proc_params["decay_u"], proc_params["decay_v"]
        self._unit, self._rate, self._gain = proc_params["unit"], proc_params["rate"], proc_params["gain"]
        self._rng = np.random.default_rng(proc_params["seed"])
        self._potentials, self._spikes = proc_params["potentials"], proc_params["spikes"]

    def run_spk(self) -> None:
        before = self._v
        self._u = self._u - self._share(self._u, self._leaks[0]) + self.a_in.recv()
        self._v = self._v + self._share(self._u - self._v, self._leaks[1])
        chance = self._rate * np.exp(self._gain * (self._v / self._unit) - 0.5 * self._gain**2)
        spikes = self._rng.random(len(self._v)) < chance
        self.s_out.send(spikes)
        self.bap_out.send(spikes)
        swing = self._written(self._v - before)
        self.y1_out.send(np.maximum(swing, 0))
        self.y2_out.send(np.maximum(-swing, 0))
        self.y3_out.send(np.zeros_like(swing))
        self._potentials.array[self.time_step - 1] = self._v
        self._spikes.array[self.time_step - 1] = spikes

    def _share(self, state: Array, leak: int) -> Array:
        """leak/4096 of ``state``."""
        raise NotImplementedError

    def _written(self, change: Array) -> Array:
        """V̇ as it goes to y1 and y2."""
        raise NotImplementedError


@implements(proc=Membrane, protocol=LoihiProtocol)
@requires(CPU)
@tag("floating_pt")
class PyMembraneFloat(_PyMembrane):
    """float64."""

    a_in: PyInPort = LavaPyType(PyInPort.VEC_DENSE, float)
    s_out: PyOutPort = LavaPyType(PyOutPort.VEC_DENSE, bool)
    bap_out: PyOutPort = LavaPyType(PyOutPort.VEC_DENSE, bool)
    y1_out: PyOutPort = LavaPyType(PyOutPort.VEC_DENSE, float)
    y2_out: PyOutPort = LavaPyType(PyOutPort.VEC_DENSE, float)
    y3_out: PyOutPort = LavaPyType(PyOutPort.VEC_DENSE, float)
    dtype = np.float64

    def _share(self, state: Array, leak: int) -> Array:
        return state * (leak / 2**LEAK_BITS)

    def _written(self, change: Array) -> Array:
        return change / 2**SWING_SHIFT


@implements(proc=Membrane, protocol=LoihiProtocol)
@requires(CPU)
@tag("fixed_pt")
class PyMembraneFixed(_PyMembrane):
    """int32 states below 2^23; V̇ of 7 bits, rounded to the nearest and clipped."""

    a_in: PyInPort = LavaPyType(PyInPort.VEC_DENSE, np.int32, precision=24)
    s_out: PyOutPort = LavaPyType(PyOutPort.VEC_DENSE, bool)
    bap_out: PyOutPort = LavaPyType(PyOutPort.VEC_DENSE, bool)
    y1_out: PyOutPort = LavaPyType(PyOutPort.VEC_DENSE, np.int32, precision=7)
    y2_out: PyOutPort = LavaPyType(PyOutPort.VEC_DENSE, np.int32, precision=7)
    y3_out: PyOutPort = LavaPyType(PyOutPort.VEC_DENSE, np.int32, precision=7)
    dtype = np.int32

    def _share(self, state: Array, leak: int) -> Array:
        share = (np.abs(state).astype(np.int64) * leak) >> LEAK_BITS
        return (np.sign(state) * share).astype(np.int32)

    def _written(self, change: Array) -> Array:
        size = (np.abs(change) + (1 << (SWING_SHIFT - 1))) >> SWING_SHIFT
        return (np.sign(change) * np.minimum(size, TRACE_MAX)).astype(np.int32)
