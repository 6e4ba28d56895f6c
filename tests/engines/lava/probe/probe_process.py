"""A Process that behaves, misbehaves and looks into shared memory on request.

Alone in its folder: Lava executes every sibling .py of a Process's module.
"""

import os
import time

import numpy as np
from lava.magma.core.decorator import implements, requires, tag
from lava.magma.core.model.py.model import PyLoihiProcessModel
from lava.magma.core.model.py.ports import PyInPort, PyOutPort
from lava.magma.core.model.py.type import LavaPyType
from lava.magma.core.model.sub.model import AbstractSubProcessModel
from lava.magma.core.process.ports.ports import InPort, OutPort
from lava.magma.core.process.process import AbstractProcess
from lava.magma.core.process.variable import Var
from lava.magma.core.resources import CPU
from lava.magma.core.sync.protocols.loihi_protocol import LoihiProtocol
from lava.proc.lif.process import LIF

FAILING_STEP = 3
SLOW_BEATS = 80  # one in 50 ms


class Probe(AbstractProcess):
    """Sends and receives two numbers per step; `fault` names what goes wrong."""

    def __init__(self, **params):
        super().__init__(**params)
        self.inp, self.out = InPort(shape=(2,)), OutPort(shape=(2,))
        self.x = Var(shape=(2,), init=0)


@implements(proc=Probe, protocol=LoihiProtocol)
@requires(CPU)
@tag("floating_pt")
class PyProbe(PyLoihiProcessModel):
    inp: PyInPort = LavaPyType(PyInPort.VEC_DENSE, float)
    out: PyOutPort = LavaPyType(PyOutPort.VEC_DENSE, float)
    x: np.ndarray = LavaPyType(np.ndarray, float)

    def __init__(self, proc_params):
        super().__init__(proc_params)
        self.fault, self.counter = proc_params.get("fault"), proc_params.get("counter")
        self.inbox, self.outbox = proc_params.get("inbox"), proc_params.get("outbox")
        if self.fault == "init":
            raise ValueError("boom in init")
        if self.fault == "exit-init":
            os._exit(7)

    def run_spk(self):
        if self.counter is not None:
            self.counter.array[0] += 1
        if self.outbox is not None:
            self.outbox.array[...] = 2 * self.inbox.array
        if self.time_step == FAILING_STEP:
            self._misbehave()
        if self.fault == "receive-first":
            self.inp.recv()
        self.out.send(self.x)
        if self.fault != "receive-first":
            self.inp.recv()

    def _misbehave(self):
        if self.fault == "spk":
            raise ValueError("boom in spk")
        if self.fault == "unpicklable":
            raise type("Local", (Exception,), {"__reduce__": lambda self: 1 / 0})("boom with a lock")
        if self.fault == "exit":
            os._exit(7)
        if self.fault == "greedy":
            self.inp.recv()
        while self.fault == "loop":
            pass
        while self.fault == "slow-but-alive":
            self.counter.array[0] += 1
            time.sleep(0.05)
            if self.counter.array[0] > SLOW_BEATS:
                return

    def lrn_guard(self):
        return self.fault == "lrn"

    def run_lrn(self):
        if self.time_step == FAILING_STEP:
            raise ValueError("boom in lrn")


class Layer(AbstractProcess):
    """Has a fused model per arithmetic and composed ones, like the product's layer."""

    def __init__(self, **params):
        super().__init__(**params)
        self.v = Var(shape=(4,), init=0)


class _Fused(PyLoihiProcessModel):
    v: np.ndarray = LavaPyType(np.ndarray, float)

    def run_spk(self):
        self.v += 1


class _Composed(AbstractSubProcessModel):
    def __init__(self, proc):
        self.lif = LIF(shape=(4,))
        proc.vars.v.alias(self.lif.v)


@implements(proc=Layer, protocol=LoihiProtocol)
@requires(CPU)
@tag("fused", "floating_pt")
class PyLayerFusedFloat(_Fused):
    pass


@implements(proc=Layer, protocol=LoihiProtocol)
@requires(CPU)
@tag("fused", "fixed_pt")
class PyLayerFusedFixed(_Fused):
    pass


@implements(proc=Layer)
@tag("composed", "floating_pt")
class SubLayerFloat(_Composed):
    pass


@implements(proc=Layer)
@tag("composed", "fixed_pt")
class SubLayerFixed(_Composed):
    pass


class FusedOnly(AbstractProcess):
    """Has one model, fused and in floating point."""

    def __init__(self, **params):
        super().__init__(**params)
        self.v = Var(shape=(4,), init=0)


@implements(proc=FusedOnly, protocol=LoihiProtocol)
@requires(CPU)
@tag("fused", "floating_pt")
class PyFusedOnly(_Fused):
    pass


class Untagged(AbstractProcess):
    """Has one model without tags, like a data source."""

    def __init__(self, **params):
        super().__init__(**params)
        self.v = Var(shape=(4,), init=0)


@implements(proc=Untagged, protocol=LoihiProtocol)
@requires(CPU)
class PyUntagged(_Fused):
    pass
