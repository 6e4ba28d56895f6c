"""CPU models of `Environment`: this is the host's side of a chip."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
from lava.magma.core.decorator import implements, requires, tag
from lava.magma.core.model.py.model import PyAsyncProcessModel, PyLoihiProcessModel
from lava.magma.core.model.py.ports import PyInPort, PyOutPort
from lava.magma.core.model.py.type import LavaPyType
from lava.magma.core.resources import CPU
from lava.magma.core.sync.protocols.async_protocol import AsyncProtocol
from lava.magma.core.sync.protocols.loihi_protocol import LoihiProtocol

from neuro_bpdl.errors import EnvironmentFailed, NeuroBpdlError
from neuro_bpdl.processes.environment.process import Environment


class _Turns:
    """The two halves of a decision, the same under either protocol."""

    def __init__(self, proc_params: Any) -> None:
        self._world, self._progress = proc_params["world"], proc_params["progress"].array
        self._problem = proc_params["problem"].array

    @property
    def message(self) -> Any:
        """What is sent."""
        return self._world.message

    def answered(self, action: int) -> None:
        """One decision has been made."""
        try:
            self._world.answer(action)
        except NeuroBpdlError as error:
            self._note(error)
            self._world.halt()
        self._progress[0] += 1
        self._progress[1] = self._world.halted

    def _note(self, error: NeuroBpdlError) -> None:
        error.__cause__ = None
        text = np.frombuffer(pickle.dumps(error), np.uint8)
        if text.size > self._problem.size:  # never silent: what fits of it, in any script at most four bytes a letter
            cut = EnvironmentFailed(str(error)[: self._problem.size // 8])
            text = np.frombuffer(pickle.dumps(cut), np.uint8)
        self._problem[: text.size] = text


class _PyEnvironment(PyLoihiProcessModel):  # type: ignore[misc]
    """In step with the agent's compartments: sends at the first time step of a decision, waits at the last."""

    def __init__(self, proc_params: Any) -> None:
        super().__init__(proc_params)
        self._turns, self._period = _Turns(proc_params), proc_params["period"]

    def run_spk(self) -> None:
        position = (self.time_step - 1) % self._period
        if position == 0:
            self.observation_out.send(self._turns.message)
        if position == self._period - 1:
            self._turns.answered(int(self.action_in.recv()[0]))


class _PyAsyncEnvironment(PyAsyncProcessModel):  # type: ignore[misc]
    """One decision per step."""

    def __init__(self, proc_params: Any) -> None:
        super().__init__(proc_params)
        self._turns = _Turns(proc_params)

    def run_async(self) -> None:
        for _ in range(self.num_steps):
            self.observation_out.send(self._turns.message)
            self._turns.answered(int(self.action_in.recv()[0]))


@implements(proc=Environment, protocol=LoihiProtocol)
@requires(CPU)
@tag("composed", "fixed_pt")
class PyEnvironmentFixed(_PyEnvironment):
    """Payloads, in time steps."""

    observation_out: PyOutPort = LavaPyType(PyOutPort.VEC_DENSE, np.int32, precision=24)
    action_in: PyInPort = LavaPyType(PyInPort.VEC_DENSE, np.int32, precision=24)


@implements(proc=Environment, protocol=AsyncProtocol)
@requires(CPU)
@tag("fused", "floating_pt")
class PyAsyncEnvironmentFloat(_PyAsyncEnvironment):
    """Rates, in decisions."""

    observation_out: PyOutPort = LavaPyType(PyOutPort.VEC_DENSE, float)
    action_in: PyInPort = LavaPyType(PyInPort.VEC_DENSE, np.int32, precision=24)


@implements(proc=Environment, protocol=AsyncProtocol)
@requires(CPU)
@tag("fused", "fixed_pt")
class PyAsyncEnvironmentFixed(_PyAsyncEnvironment):
    """Payloads, in decisions."""

    observation_out: PyOutPort = LavaPyType(PyOutPort.VEC_DENSE, np.int32, precision=24)
    action_in: PyInPort = LavaPyType(PyInPort.VEC_DENSE, np.int32, precision=24)
