"""Which images a training learns from, and which it is measured on."""

from __future__ import annotations

from typing import Any

from neuro_bpdl.data import Dataset
from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.spec import TrainingSpec


def training_part(dataset: Dataset, training: TrainingSpec) -> Dataset:
    """``dataset`` with the images that are learned from as its training images.

    Raises
    ------
    InvalidInput
        Too few images remain.
    """
    count = len(dataset.train_rows)
    if training.validation > count - 2:
        raise InvalidInput("--validation", training.validation, f"at most {count - 2} of the {count} training images")
    rest = dataset.limit(count - training.validation) if training.validation else dataset
    return rest if training.limit is None else rest.limit(training.limit)


def validation_images(dataset: Dataset, training: TrainingSpec) -> Any:
    """(M, n_0) the last ``training.validation`` training images of the whole ``dataset``."""
    return dataset.train_rows[len(dataset.train_rows) - training.validation :]


def measured_part(dataset: Dataset, training: TrainingSpec) -> tuple[str, Any]:
    """Name and images of what every epoch is measured on: validation, else test, else training images."""
    if training.validation:
        return "validation", validation_images(dataset, training)
    if dataset.test_rows is not None:
        return "test", dataset.test_rows
    return "train", training_part(dataset, training).train_rows


def measured_labels(dataset: Dataset, training: TrainingSpec) -> Any:
    """(M,) the labels of `measured_part`."""
    if training.validation:
        return dataset.labels("train")[len(dataset.train_rows) - training.validation :]
    if dataset.test_rows is not None:
        return dataset.labels("test")
    return training_part(dataset, training).labels("train")
