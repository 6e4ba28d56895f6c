"""CPU models of `PlasticDense`: Lava's own, plus the read-out of the weights."""

from __future__ import annotations

from typing import Any

import numpy as np
from lava.magma.core.decorator import implements, requires, tag
from lava.magma.core.learning.learning_rule import Loihi2FLearningRule
from lava.magma.core.resources import CPU
from lava.magma.core.sync.protocols.loihi_protocol import LoihiProtocol
from lava.proc.dense.models import PyLearningDenseModelBitApproximate, PyLearningDenseModelFloat

from neuro_bpdl.kernels.fixed.held import HeldWeights
from neuro_bpdl.kernels.fixed.rounding import TRACE_DRAWS_PER_STEP
from neuro_bpdl.numbers.literal import WEIGHT_RULE
from neuro_bpdl.processes.plastic.process import PlasticDense, three_factor


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
        if self._mailbox is not None and self.time_step % self._period == 0:
            self._mailbox.array[...] = self.weights.T


@implements(proc=PlasticDense, protocol=LoihiProtocol)
@requires(CPU)
@tag("fixed_pt")
class PyPlasticDenseFixed(PyLearningDenseModelBitApproximate):  # type: ignore[misc]
    """Lava's bit-approximate model; its generators start where the first presentation finds them."""

    implements_process = None

    def __init__(self, proc_params: Any) -> None:
        self._held, self._rule = _held(proc_params), None
        if self._held is not None and not proc_params["own_rule"]:
            tags = self._held.tag_rule(proc_params["learning_rate"], proc_params["highs"])
            self._rule = three_factor(WEIGHT_RULE, tags, proc_params["seed"])
            proc_params.overwrite("learning_rule", self._rule)
        super().__init__(proc_params)
        self._period, self._mailbox = proc_params["period"], proc_params["mailbox"]
        skipped = proc_params["first"] * self._period
        _skip(self._conn_var_random, "_rng", skipped // proc_params["epoch"])
        for traces in (self._x_random, self._y_random):
            _skip(traces, "_rng_trace_decay", TRACE_DRAWS_PER_STEP * skipped)

    def on_var_update(self) -> None:
        """Lava reads the rule anew from Vars of whole numbers, which the decay of pairs is not."""
        rule, decays = self._learning_rule, ("x1_tau", "y1_tau")
        kept = {name: getattr(rule, name) for name in decays}
        super().on_var_update()
        if isinstance(rule, Loihi2FLearningRule):
            for name, tau in kept.items():
                setattr(rule, name, tau)
            self._store_impulses_and_taus()

    def run_spk(self) -> None:
        if self._held is not None:
            self.weights[...], self.tag_1[...] = self._held.weights, self._held.tags
            if self._rule is not None:  # Lava builds the rule anew from its Vars whenever a Var is set
                self.dw, self.dt = self._rule.dw_str, self._rule.dt_str
            self._held = None
        super().run_spk()

    def run_lrn(self) -> None:
        super().run_lrn()
        if self._mailbox is not None and self.time_step % self._period == 0:
            self._mailbox.array[0] = self.weights.T
            self._mailbox.array[1] = self.tag_1.T


def _held(proc_params: Any) -> HeldWeights | None:
    """Float weights in the chip's form; None where they are integers already."""
    given = np.asarray(proc_params["given"])
    return None if given.dtype.kind != "f" else HeldWeights.of(given, proc_params["highs"])


def _skip(random: Any, generator: str, draws: int) -> None:
    """As if ``random`` had been advanced so often; its impulse draws, for fractions we do not use, stay."""
    if draws:
        getattr(random, generator).bit_generator.advance(draws - 1)
        random.advance()
