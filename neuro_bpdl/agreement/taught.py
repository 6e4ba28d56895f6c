"""Networks with labels on every engine: what layers say as an image runs up, and what a label teaches."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from neuro_bpdl.agreement import measures
from neuro_bpdl.agreement.layers import layer_agreements
from neuro_bpdl.agreement.results import EngineAgreement
from neuro_bpdl.agreement.tolerances import tolerance_for
from neuro_bpdl.data.classes import labelled_rows
from neuro_bpdl.engines.protocol import Simulator
from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.parameters import Parameters
from neuro_bpdl.theory.maps import feedforward_pass

Array = npt.NDArray[Any]
SILENT = 1e-6  # of a swing: of less no engine learns


class TaughtRun:
    """What one engine produced: answers, and the states they come from; then the change of its weights."""

    def __init__(self, simulator: Simulator, task: TaughtTask) -> None:
        self.label = simulator.label
        *below, net = (np.asarray(h, np.float64) for h in simulator.feedforward(task.images))
        self.answers = net.argmax(axis=1)
        self.states = [*below, task.params.transfers[-1].value(net)]
        self.change: dict[str, Array] = {}
        if len(task.learned):
            simulator.learn(task.rows, task.learned, 0)
            self.change = measures.changes(task.params, simulator.parameters())
            del self.change["G_1"]  # is not used and does not learn: what an engine's numbers make of it is no change


class TaughtTask:
    """What every engine is asked to do with images and labels, and the measuring of what it did.

    A label teaches nothing where the top says it already, which is almost everywhere once a network has learned.
    ``learned`` are the first images, ``updates`` of them where there are so many, of which theory would learn.

    Raises
    ------
    InvalidInput
        No labels, or others than the network has units for.
    """

    def __init__(
        self, params: Parameters, images: Array, labels: npt.ArrayLike | None, *, updates: int
    ) -> None:
        if labels is None:
            raise InvalidInput("labels", None, "a label for each image, of a network with labels")
        self.params, self.images = params, images
        self.rows = labelled_rows(images, labels, params.network.sizes[-1]).astype(np.float64)
        taught = np.abs(self.rows[:, images.shape[1] :] - feedforward_pass(params, images)[-1]).max(axis=1) > SILENT
        self.learned = np.flatnonzero(taught)[:updates]
        self.masked, self.missing = images[:0], np.zeros(images[:0].shape, bool)

    def run(self, simulator: Simulator) -> TaughtRun:
        """Ask an engine."""
        return TaughtRun(simulator, self)

    def measure(self, name: str, run: TaughtRun, theory: TaughtRun, seconds: float) -> EngineAgreement:
        """Hold what it did to theory."""
        return EngineAgreement(
            name, run.label, tolerance_for(run.label),
            layers=layer_agreements(self.params, run.label, run.states, theory.states, []),
            terms={}, term_difference={},
            updates={key: measures.cosine(change, theory.change[key]) for key, change in run.change.items()},
            h=run.states, generated=self.masked, inpainted=self.masked, seconds=seconds,
            same_answers=float((run.answers == theory.answers).mean()),
        )  # fmt: skip
