"""Data that needs no download: ``mnist-mini`` from this package, ``digits`` from scikit-learn."""

from __future__ import annotations

from importlib import resources

import numpy as np

from neuro_bpdl.data import pins
from neuro_bpdl.data.arrays import to_dataset
from neuro_bpdl.data.dataset import Dataset
from neuro_bpdl.data.npz import read_npz
from neuro_bpdl.errors import DataUnavailable, InvalidInput, MissingDependency

DIGITS_TEST = 360
DIGITS_MAXIMUM = 16


def load_mnist_mini() -> Dataset:
    """Real 28×28 MNIST images, a subset of 4000 for training and 1000 for testing.

    Raises
    ------
    DataUnavailable
        The file in the package is missing or is not the one that was shipped.
    """
    again = "reinstall neuro-bpdl"
    with resources.as_file(resources.files("neuro_bpdl.data").joinpath("mnist_mini.npz")) as path:
        try:
            raw = read_npz(path)
        except InvalidInput as error:
            raise DataUnavailable(f"mnist-mini: the package's own file cannot be used ({error}); {again}") from None
    if problem := pins.mismatch(raw, pins.MNIST_MINI):
        raise DataUnavailable(f"mnist-mini: the package's own file was changed: {problem}; {again}")
    return to_dataset(raw, name="mnist-mini", source="package", attribution=pins.MNIST_MINI_ATTRIBUTION)


def load_digits() -> Dataset:
    """scikit-learn's 1797 digits of 8×8 pixels, 0…16 divided by 16: the last 360 are the test set.

    `Dataset.sha256` is taken over the raw arrays as uint8, values 0…16.

    Raises
    ------
    MissingDependency
        scikit-learn is not installed.
    DataUnavailable
        The installed scikit-learn ships other digits than the pinned ones.
    """
    try:
        from sklearn import datasets
    except ImportError:
        raise MissingDependency("digits: needs scikit-learn; install it, or use mnist-mini") from None
    bunch = datasets.load_digits()
    images, labels = bunch.images.astype(np.uint8), bunch.target.astype(np.uint8)
    if problem := pins.mismatch({"images": images, "labels": labels}, pins.DIGITS):
        raise DataUnavailable(f"digits: the installed scikit-learn ships other digits: {problem}; use mnist-mini")
    raw = {
        "x_train": images[:-DIGITS_TEST], "x_test": images[-DIGITS_TEST:],
        "y_train": labels[:-DIGITS_TEST], "y_test": labels[-DIGITS_TEST:],
    }
    return to_dataset(
        raw, name="digits", source="scikit-learn", attribution=pins.DIGITS_ATTRIBUTION, maximum=DIGITS_MAXIMUM
    )
