"""What a network with labels answers: accuracy, error by class, confusion, calibration."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.data import Dataset
from neuro_bpdl.data.classes import checked_labels
from neuro_bpdl.engines.protocol import Label
from neuro_bpdl.engines.registry import make_simulator
from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.spec import EngineSpec
from neuro_bpdl.training.run_dir import RunDir, require_pixels

Array = NDArray[Any]
BINS = 10  # of confidence


def probabilities(net: Array) -> Array:
    """Softmax of the label population's net inputs, (M, classes).

    The top learns by the matching loss of a hard sigmoid, whose units are
    right from a net input of 2 on and silent below −2: nothing makes these
    numbers probabilities but what `Answers.calibration_error` says of them.
    """
    raised = np.exp(net - net.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))


@dataclass(frozen=True)
class Bin:
    """Answers of about the same confidence: the mean of it, the share of right ones, how many they are."""

    confidence: float
    accuracy: float
    images: int


@dataclass(frozen=True)
class Answers:
    """Answers beside the truth.

    Attributes
    ----------
    net : (M, classes)
        Net inputs of the label population.
    truth : (M,) int64
    """

    net: Array
    truth: Array
    label: Label
    data: str

    @property
    def accuracy(self) -> float:
        """Share of right answers."""
        return float((self.net.argmax(axis=1) == self.truth).mean())

    @property
    def confusion(self) -> Array:
        """(classes, classes) how often a class, a row, was taken for another, a column."""
        classes = self.net.shape[1]
        return np.bincount(self.truth * classes + self.net.argmax(axis=1), minlength=classes**2).reshape(classes, -1)

    @property
    def error_by_class(self) -> list[float | None]:
        """Share of wrong answers for each class; None where there is no image of it."""
        counts = self.confusion
        totals = counts.sum(axis=1)
        return [1 - float(counts[k, k] / n) if n else None for k, n in enumerate(totals)]

    @property
    def confused(self) -> list[tuple[int, int, int]]:
        """(class, what it was taken for, how often) for every confusion there was, the most frequent first."""
        counts = self.confusion
        found = [(k, said, int(n)) for (k, said), n in np.ndenumerate(counts) if n and k != said]
        return sorted(found, key=lambda row: -row[2])

    @property
    def reliability(self) -> list[Bin]:
        """Confidence beside accuracy, in ten bins of confidence; bins without an answer are left out."""
        sure, right = probabilities(self.net).max(axis=1), self.net.argmax(axis=1) == self.truth
        bins = np.minimum((sure * BINS).astype(int), BINS - 1)
        return [
            Bin(float(sure[bins == k].mean()), float(right[bins == k].mean()), int((bins == k).sum()))
            for k in np.unique(bins)
        ]

    @property
    def calibration_error(self) -> float:
        """Mean gap between confidence and accuracy over the bins, weighted by their images."""
        return sum(abs(row.confidence - row.accuracy) * row.images for row in self.reliability) / len(self.truth)

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "accuracy": self.accuracy,
            "error_by_class": self.error_by_class,
            "confusion": self.confusion.tolist(),
            "calibration_error": self.calibration_error,
            "images": len(self.truth),
            **self.label.to_dict(),
            "data": self.data,
        }


def answers(run: RunDir, images: Array, *, engine: EngineSpec | None = None) -> tuple[Array, Label]:
    """The net inputs (M, classes) for images, and what computed them.

    Raises
    ------
    InvalidInput
        The run has no labels.
    """
    checkpoint, spec = run.checkpoint(), run.config.spec
    if spec.labels is None:
        raise InvalidInput("RUN", str(run.path), "a run with labels", "train one with --recipe labels")
    simulator = make_simulator(
        engine or spec.engine, checkpoint.params, spec.inference, spec.plasticity, seed=checkpoint.seed
    )
    return simulator.classify(images), simulator.label


def judge_answers(
    run: RunDir, dataset: Dataset, *, engine: EngineSpec | None = None, limit: int | None = None
) -> Answers:
    """Classify the test images of ``dataset``.

    Raises
    ------
    InvalidInput
        No test images or labels, another image size, ``limit`` out of range,
        or a label that the run has never been told.
    """
    from neuro_bpdl.training.evaluation import first_images

    require_pixels(run, dataset)
    images = first_images(dataset.test, limit)
    truth = checked_labels(dataset.labels("test")[: len(images)], len(images), run.config.spec.classes, "data.y_test")
    if dataset.sha256 == run.config.data.sha256:
        _require_taught(truth, run.matching(dataset).labels("train"))
    net, label = answers(run, images, engine=engine)
    return Answers(net, truth, label, dataset.name)


def _require_taught(truth: Array, taught: Array) -> None:
    unseen = np.setdiff1d(truth, taught)
    if len(unseen):
        raise InvalidInput("data.y_test", int(unseen[0]), "labels that the run was taught", "train on images of it too")
