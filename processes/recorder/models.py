"""CPU models of `RecordedDense`: Lava's own, plus the copy of the weights."""

from __future__ import annotations

from typing import Any

from lava.magma.core.decorator import implements, requires, tag
from lava.magma.core.resources import CPU
from lava.magma.core.sync.protocols.loihi_protocol import LoihiProtocol
from lava.proc.dense.models import PyLearningDenseModelBitApproximate, PyLearningDenseModelFloat

from neuro_bpdl.processes.recorder.process import RecordedDense


class _Recording:
    """Copies the weights when an epoch's learning is done."""

    def __init__(self, proc_params: Any) -> None:
        super().__init__(proc_params)  # type: ignore[call-arg]
        self._period, self._history = proc_params["period"], proc_params["history"]

    def run_lrn(self) -> None:
        super().run_lrn()  # type: ignore[misc]
        epoch = self.time_step // self._period  # type: ignore[attr-defined]
        if epoch <= len(self._history.array):
            self._history.array[epoch - 1] = self.weights  # type: ignore[attr-defined]


@implements(proc=RecordedDense, protocol=LoihiProtocol)
@requires(CPU)
@tag("floating_pt")
class PyRecordedDenseFloat(_Recording, PyLearningDenseModelFloat):  # type: ignore[misc]
    """Lava's float model."""

    implements_process = None  # the parent's is LearningDense; Lava refuses to replace it otherwise


@implements(proc=RecordedDense, protocol=LoihiProtocol)
@requires(CPU)
@tag("fixed_pt")
class PyRecordedDenseFixed(_Recording, PyLearningDenseModelBitApproximate):  # type: ignore[misc]
    """Lava's bit-approximate model."""

    implements_process = None
