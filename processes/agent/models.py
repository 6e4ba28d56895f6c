"""Models of `Agent`: *fused* calls the kernel; *composed* wires stock learning connections to its neurons."""

from __future__ import annotations

from typing import Any

import numpy as np
from lava.magma.core.decorator import implements, requires, tag
from lava.magma.core.model.py.model import PyAsyncProcessModel
from lava.magma.core.model.py.ports import PyInPort, PyOutPort
from lava.magma.core.model.py.type import LavaPyType
from lava.magma.core.model.sub.model import AbstractSubProcessModel
from lava.magma.core.resources import CPU
from lava.magma.core.sync.protocols.async_protocol import AsyncProtocol
from lava.magma.core.sync.protocols.loihi_protocol import LoihiProtocol

from neuro_bpdl.control.kernel import literals
from neuro_bpdl.kernels.fixed.actor_critic import DECISION, PERIOD
from neuro_bpdl.numbers.literal import WEIGHT_RULE
from neuro_bpdl.processes.agent.process import Agent
from neuro_bpdl.processes.cells.process import Cells
from neuro_bpdl.processes.chooser.process import SIGNALS, Chooser
from neuro_bpdl.processes.plastic.process import PlasticDense


class _PyFusedAgent(PyAsyncProcessModel):  # type: ignore[misc]
    """One decision per step; the environment's message is awaited first, its answer sent at once."""

    def __init__(self, proc_params: Any) -> None:
        super().__init__(proc_params)
        self._kernel = proc_params["kernel"]
        self._kernel.live_in({name: shared.array for name, shared in proc_params["tensors"].items()},
                             proc_params["lost"].array)  # fmt: skip

    def run_async(self) -> None:
        for _ in range(self.num_steps):
            action = self._kernel.act(self.observation_in.recv())
            self.action_out.send(np.array([action], np.int32))


@implements(proc=Agent, protocol=AsyncProtocol)
@requires(CPU)
@tag("fused", "floating_pt")
class PyFusedAgentFloat(_PyFusedAgent):
    """Fused, float64."""

    observation_in: PyInPort = LavaPyType(PyInPort.VEC_DENSE, float)
    action_out: PyOutPort = LavaPyType(PyOutPort.VEC_DENSE, np.int32, precision=24)


@implements(proc=Agent, protocol=AsyncProtocol)
@requires(CPU)
@tag("fused", "fixed_pt")
class PyFusedAgentFixed(_PyFusedAgent):
    """Fused, integers in Loihi's widths."""

    observation_in: PyInPort = LavaPyType(PyInPort.VEC_DENSE, np.int32, precision=24)
    action_out: PyOutPort = LavaPyType(PyOutPort.VEC_DENSE, np.int32, precision=24)


@implements(proc=Agent, protocol=LoihiProtocol)
@tag("composed")
class ComposedAgent(AbstractSubProcessModel):  # type: ignore[misc]
    """Cells → stock LearningDense → the chooser's compartments."""

    def __init__(self, proc: Any) -> None:
        kernel, tensors = proc.proc_params["kernel"], proc.proc_params["tensors"]
        first = int(kernel.tensors["memory"][DECISION])
        self.cells = Cells(old=tensors["old"], name="cells")
        self.chooser = Chooser(
            actions=kernel.actions, constants=kernel.constants, memory=tensors["memory"], name="chooser"
        )
        for name, rule in zip(("actor", "critic"), literals(kernel.spec), strict=True):
            weights, tags = kernel.tensors[name]
            dense = PlasticDense(
                weights=weights.T.astype(int), tags=tags.T.astype(int), rule=WEIGHT_RULE, dt=rule.tag_rule,
                period=PERIOD, mailbox=tensors[name], first=first, name=name,
            )  # fmt: skip
            setattr(self, name, dense)
            self.cells.payload_out.connect(dense.s_in)
            dense.a_out.connect(getattr(self.chooser, f"{name}_in"))
            for signal in SIGNALS:
                getattr(self.chooser, f"{name}_{signal}_out").connect(getattr(dense, f"s_in_{signal}"))
        proc.in_ports.observation_in.connect(self.cells.observation_in)
        self.cells.outcome_out.connect(self.chooser.outcome_in)
        self.chooser.action_out.connect(proc.out_ports.action_out)
