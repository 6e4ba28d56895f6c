"""CPU models of `PlasticDense`: Lava's own, plus the read-out of the weights."""

from __future__ import annotations

from typing import Any

from lava.magma.core.decorator import implements, requires, tag
from lava.magma.core.resources import CPU
from lava.magma.core.sync.protocols.loihi_protocol import LoihiProtocol
from lava.proc.dense.models import PyLearningDenseModelFloat
from neuro_bpdl.processes.plastic.process import PlasticDense


@implements(proc=PlasticDense, protocol=LoihiProtocol)
@requires(CPU)
@tag("floating_pt")
class PyPlasticDenseFloat(PyLearningDenseModelFloat):  # type: ignore[misc]
    """Lava's float model; copies the weights after the last step of a presentation."""

    implements_process = None  # the parent's is LearningDense; Lava refuses to replace it otherwise

    def __init__(self, proc_params: Any) -> None:
        super().__init__(proc_params)
        self._period, self._mailbox = proc_params["period"], proc_params["mailbox"]

    def run_lrn(self) -> None:
        super().run_lrn()
        if self.time_step % self._period == 0:
            self._mailbox.array[...] = self.weights
