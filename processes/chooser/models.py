"""CPU model of `Chooser`: the fixed kernel's own functions behind ports."""

from __future__ import annotations

from typing import Any

import numpy as np
from lava.magma.core.decorator import implements, requires, tag
from lava.magma.core.model.py.model import PyLoihiProcessModel
from lava.magma.core.model.py.ports import PyInPort, PyOutPort
from lava.magma.core.model.py.type import LavaPyType
from lava.magma.core.resources import CPU
from lava.magma.core.sync.protocols.loihi_protocol import LoihiProtocol

from neuro_bpdl.kernels.fixed import actor_critic as fixed
from neuro_bpdl.processes.chooser.process import Chooser

UNDECAYED = -1.0  # the synapses' own traces decay


@implements(proc=Chooser, protocol=LoihiProtocol)
@requires(CPU)
@tag("composed", "fixed_pt")
class PyChooser(PyLoihiProcessModel):  # type: ignore[misc]
    """int32 currents; V̇ of 7 bits."""

    actor_in: PyInPort = LavaPyType(PyInPort.VEC_DENSE, np.int32, precision=24)
    critic_in: PyInPort = LavaPyType(PyInPort.VEC_DENSE, np.int32, precision=24)
    outcome_in: PyInPort = LavaPyType(PyInPort.VEC_DENSE, np.int32, precision=24)
    action_out: PyOutPort = LavaPyType(PyOutPort.VEC_DENSE, np.int32, precision=24)
    actor_bap_out: PyOutPort = LavaPyType(PyOutPort.VEC_DENSE, bool)
    actor_y1_out: PyOutPort = LavaPyType(PyOutPort.VEC_DENSE, np.int32, precision=7)
    actor_y2_out: PyOutPort = LavaPyType(PyOutPort.VEC_DENSE, np.int32, precision=7)
    actor_y3_out: PyOutPort = LavaPyType(PyOutPort.VEC_DENSE, np.int32, precision=7)
    critic_bap_out: PyOutPort = LavaPyType(PyOutPort.VEC_DENSE, bool)
    critic_y1_out: PyOutPort = LavaPyType(PyOutPort.VEC_DENSE, np.int32, precision=7)
    critic_y2_out: PyOutPort = LavaPyType(PyOutPort.VEC_DENSE, np.int32, precision=7)
    critic_y3_out: PyOutPort = LavaPyType(PyOutPort.VEC_DENSE, np.int32, precision=7)

    def __init__(self, proc_params: Any) -> None:
        super().__init__(proc_params)
        self._constants, self._memory = proc_params["constants"], proc_params["memory"].array
        self._actor, self._critic = np.zeros(proc_params["actions"], np.int32), np.zeros(1, np.int32)
        self._table, self._outcome = fixed.noise_table(), np.zeros(2, np.int32)

    def run_spk(self) -> None:
        position = (self.time_step - 1) % fixed.PERIOD
        actor, critic = self.actor_in.recv().astype(np.int32), int(self.critic_in.recv()[0])
        if position == fixed.SENSE:
            self._outcome = self.outcome_in.recv()
        self._actor[:], self._critic[:] = 0, 0
        if position == fixed.LEARN and self._memory[fixed.HAS_OLD]:
            self._swing(critic)
        self._send("actor", self._actor)
        self._send("critic", self._critic)
        if position == fixed.ACT:
            self.action_out.send(np.array([self._choice(actor, critic)], np.int32))

    def _swing(self, value: int) -> None:
        """V̇ from what the value unit has just received."""
        reward, end = (int(number) for number in self._outcome)
        if end == fixed.HALTED:
            return
        memory, constants = self._memory, self._constants
        delta = fixed.td_error(reward, end, value, int(memory[fixed.VALUE]), int(constants[fixed.GAMMA_SHIFT]))
        memory[fixed.DELTA] = delta
        fixed.swings(delta, memory, constants, int(memory[fixed.DECISION]), UNDECAYED, self._actor, self._critic)

    def _choice(self, inputs: Any, value: int) -> int:
        if self._outcome[1] == fixed.HALTED:
            return 0
        self._memory[fixed.VALUE] = value
        fixed.draw_actions(inputs, self._memory, self._constants, self._table)
        self._memory[fixed.HAS_OLD] = self._outcome[1] == fixed.GOES_ON
        self._memory[fixed.DECISION] += 1
        return int(self._memory[fixed.ACTION])

    def _send(self, group: str, swing: Any) -> None:
        getattr(self, f"{group}_bap_out").send(np.zeros(swing.size, bool))
        getattr(self, f"{group}_y1_out").send(np.maximum(swing, 0))
        getattr(self, f"{group}_y2_out").send(np.maximum(-swing, 0))
        getattr(self, f"{group}_y3_out").send(np.zeros_like(swing))
