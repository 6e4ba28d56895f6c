"""One built network with labels in one Nengo simulator: taught phase by phase, or asked."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.engines.nengo.network import Populations
from neuro_bpdl.engines.nengo.session import Session
from neuro_bpdl.engines.nengo.stage import Phase, Stage
from neuro_bpdl.engines.nengo.taught_network import build_taught_network
from neuro_bpdl.engines.nengo.taught_stage import TaughtStage
from neuro_bpdl.engines.nengo.timing import RELAXATIONS, Timing
from neuro_bpdl.parameters import Parameters

Array = NDArray[Any]


class TaughtSession(Session):
    """As `Session`, of a network whose top is a label population. Rate neurons only."""

    def _stage(self, params: Parameters, timing: Timing) -> Stage:
        return TaughtStage(timing, beta=params.network.teacher.beta)

    def _build(self, params: Parameters, stage: Any, **options: Any) -> Populations:
        return build_taught_network(params, stage, **options)

    def teach(self, images: Array, labels: Array) -> None:
        """One event (`theory.teaching`): nudge in L − 1 steps, then F and G learn.

        The prediction that a membrane starts from is the one before the last
        step, as theory has it. A membrane halves its distance at every time
        step; what is left of it counts 1/β times.
        """
        timing, beta = self.stage.timing, self.stage.beta  # type: ignore[attr-defined]
        self.stage.top = np.ravel(labels)
        self.settle(images)
        for _ in range(self.depth - 2):
            self.run(Phase.TEACH, timing.tau)
        self.run(Phase.PREDICT, timing.dt * (2 * RELAXATIONS + round(-np.log2(beta))))
        self.run(Phase.TEACH, timing.tau)
        for phase in (Phase.SWING, Phase.RISE, Phase.FALL):
            self.run(phase, timing.swing)
        self.run(Phase.REST, timing.dt)  # Nengo applies the last weight change in the next step

    def feedforward(self, images: Array) -> list[Array]:
        """h_0 … h_{L−1} and the top's net input, (replicas, n_l) each, when the image has run up."""
        self.stage.top = None
        self.settle(images)
        self.run(Phase.REST, self.stage.timing.dt)
        return [*self.state()[:-1], self.read(self.parts.basal[self.depth], "in")]
