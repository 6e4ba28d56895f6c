"""CPU models of `PlasticDense`: Lava's own, plus the read-out of the weights."""

from __future__ import annotations

from typing import Any

from lava.magma.core.decorator import implements, requires, tag
from lava.magma.core.resources import CPU
from lava.magma.core.sync.protocols.loihi_protocol import LoihiProtocol
from lava.proc.dense.models import PyLearningDenseModelBitApproximate, PyLearningDenseModelFloat

from neuro_bpdl.kernels.rounding import TRACE_DRAWS_PER_STEP
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


@implements(proc=PlasticDense, protocol=LoihiProtocol)
@requires(CPU)
@tag("fixed_pt")
class PyPlasticDenseFixed(PyLearningDenseModelBitApproximate):  # type: ignore[misc]
    """Lava's bit-approximate model; its generators start where the first presentation finds them."""

    implements_process = None

    def __init__(self, proc_params: Any) -> None:
        super().__init__(proc_params)
        self._period, self._mailbox = proc_params["period"], proc_params["mailbox"]
        skipped = proc_params["first"] * self._period
        _skip(self._conn_var_random, "_rng", skipped)
        for traces in (self._x_random, self._y_random):
            _skip(traces, "_rng_trace_decay", TRACE_DRAWS_PER_STEP * skipped)

    def run_lrn(self) -> None:
        super().run_lrn()
        if self.time_step % self._period == 0:
            self._mailbox.array[0] = self.weights.T
            self._mailbox.array[1] = self.tag_1.T


def _skip(random: Any, generator: str, draws: int) -> None:
    """As if ``random`` had been advanced so often; its impulse draws, for fractions we do not use, stay."""
    if draws:
        getattr(random, generator).bit_generator.advance(draws - 1)
        random.advance()
