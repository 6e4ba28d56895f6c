"""Labels that are told while images are drawn or filled in: whether a run can be told them, and how."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.data import Dataset
from neuro_bpdl.data.classes import checked_labels
from neuro_bpdl.engines.protocol import Simulator
from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.spec import InferenceSpec
from neuro_bpdl.theory.inference import Inference
from neuro_bpdl.training.run_dir import RunDir

Array = NDArray[Any]
Hint = int | Literal["own"]
CANDIDATES = 50  # draws of the prior for each that is kept


def require_label(run: RunDir, label: int) -> None:
    """Refuse a label that a run cannot be told.

    Raises
    ------
    InvalidInput
        The run has not learned images and labels together, or has never been told this label.
    """
    if not run.config.spec.joint:
        raise InvalidInput("--label", label, "none: this run has not learned images and labels together",
                           "train one with --recipe joint")  # fmt: skip
    taught = np.unique(run.matching(run.dataset()).labels("train"))
    if isinstance(label, bool) or label not in taught:
        raise InvalidInput("--label", label, f"{taught[0]} to {taught[-1]}, the labels that the run was taught")


def told_rows(states: Array, labels: Array, classes: int) -> Array:
    """States with a 1 at their label behind them, (n, units + classes)."""
    return np.hstack([states, np.eye(classes, dtype=states.dtype)[labels]])


def told_tops(
    simulator: Simulator, draws: Array, label: int, n: int, inference: InferenceSpec, rng: np.random.Generator
) -> Array:
    """``n`` of many draws of p(h_L), taken by what their images are classified as: importance resampling of p(h_L|y).

    p(y|h_L) is read from one pass up of the image that h_L is mapped down to,
    not from h_L itself: the label is taught at the end of such a pass, and what
    inference makes of h_L is read less surely. No draw is taken twice: the n
    largest log p(y|h_L) + Gumbel noise (Efraimidis & Spirakis 2006).
    """
    images = simulator.generate(draws, inference, 0)[0]
    net = simulator.classify(images.astype(draws.dtype))
    chance = net[:, label] - np.logaddexp.reduce(net, axis=1)
    best = np.argsort(-(chance + rng.gumbel(size=len(draws))), kind="stable")[:n]
    return np.asarray(draws[best])


class Hinted:
    """A simulator whose images all have a label that it is told.

    Parameters
    ----------
    simulator : Simulator
        Of a network that has learned images and labels.
    labels : (M,) int
        One for each image of the calls to come.
    """

    def __init__(self, simulator: Simulator, labels: Array, classes: int) -> None:
        self._simulator, self._labels, self._classes = simulator, labels, classes

    def infer(self, images: Array, inference: InferenceSpec | None = None, **options: Any) -> Inference:
        """See `Simulator.infer`."""
        return self._simulator.infer(self._told(images), inference, **options)

    def inpaint(self, images: Array, missing: NDArray[np.bool_], inference: InferenceSpec | None = None) -> list[Array]:
        """See `Simulator.inpaint`."""
        return self._simulator.inpaint(self._told(images), missing, inference)

    def generate(self, top: Array, inference: InferenceSpec, rounds: int) -> list[Array]:
        """See `Simulator.generate`; the label is not told."""
        return self._simulator.generate(top, inference, rounds)

    def _told(self, images: Array) -> Array:
        return told_rows(images, self._labels, self._classes)


def hints(run: RunDir, dataset: Dataset, images: int, label: Hint | None) -> Array | None:
    """The label that each of the first test images is told, (M,), or None.

    Parameters
    ----------
    label : int, "own" or None
        One for all, or each image's own, from the data.

    Raises
    ------
    InvalidInput
        As `require_label`; or the test images have no labels, or others.
    """
    if label is None:
        return None
    if label == "own":
        classes = run.config.spec.classes
        known = dataset.labels("test")[:images]
        for one in np.unique(known):
            require_label(run, int(one))
        return checked_labels(known, images, classes, "data.y_test")
    require_label(run, label)
    return np.full(images, label)
