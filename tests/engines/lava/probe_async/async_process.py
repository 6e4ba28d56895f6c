"""Two Processes that run without time steps: one sends, perhaps too little, the other receives.

Alone in its folder: Lava executes every sibling .py of a Process's module.
"""

import numpy as np
from lava.magma.core.decorator import implements, requires
from lava.magma.core.model.py.model import PyAsyncProcessModel
from lava.magma.core.model.py.ports import PyInPort, PyOutPort
from lava.magma.core.model.py.type import LavaPyType
from lava.magma.core.process.ports.ports import InPort, OutPort
from lava.magma.core.process.process import AbstractProcess
from lava.magma.core.process.variable import Var
from lava.magma.core.resources import CPU
from lava.magma.core.sync.protocols.async_protocol import AsyncProtocol


class Giver(AbstractProcess):
    """Sends ones; `given` limits how many, `fails` makes it raise there instead of ending."""

    def __init__(self, **params):
        super().__init__(**params)
        self.out = OutPort(shape=(2,))


class Taker(AbstractProcess):
    """Counts in `taken` what it receives."""

    def __init__(self, **params):
        super().__init__(**params)
        self.inp = InPort(shape=(2,))
        self.taken = Var(shape=(1,), init=0)


@implements(proc=Giver, protocol=AsyncProtocol)
@requires(CPU)
class PyGiver(PyAsyncProcessModel):
    out: PyOutPort = LavaPyType(PyOutPort.VEC_DENSE, float)

    def __init__(self, proc_params):
        super().__init__(proc_params)
        self.given, self.fails = proc_params.get("given"), proc_params.get("fails")

    def run_async(self):
        for number in range(self.num_steps):
            if number == self.given:
                if self.fails:
                    raise ValueError("boom in async")
                return
            self.out.send(np.ones(2))


@implements(proc=Taker, protocol=AsyncProtocol)
@requires(CPU)
class PyTaker(PyAsyncProcessModel):
    inp: PyInPort = LavaPyType(PyInPort.VEC_DENSE, float)
    taken: np.ndarray = LavaPyType(np.ndarray, float)

    def run_async(self):
        for _ in range(self.num_steps):
            self.taken[0] += self.inp.recv()[0]
