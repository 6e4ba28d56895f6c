"""Labels as numbers and as what a label population is clamped at."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from neuro_bpdl.errors import InvalidInput


def checked_labels(
    labels: npt.ArrayLike, n_images: int, classes: int, argument: str = "labels"
) -> npt.NDArray[np.int64]:
    """Labels as (n,) int64.

    Raises
    ------
    InvalidInput
        Not one label for each image; NaN, a fraction, or a label outside 0 … classes − 1.
    """
    given = np.asarray(labels)
    if given.shape != (n_images,):
        raise InvalidInput(argument, given.shape, f"{n_images} labels, one for each image")
    if given.dtype.kind not in "iuf":
        raise InvalidInput(argument, given.dtype.name, "whole numbers")
    outside = ~((given >= 0) & (given < classes) & (given == np.floor(given)))
    if outside.any():
        raise InvalidInput(
            argument, given[outside][0].item(), f"0 to {classes - 1}: one for each unit at the top",
            "give the top more units, or other labels",
        )  # fmt: skip
    return given.astype(np.int64)


def labelled_rows(images: npt.NDArray[Any], labels: npt.ArrayLike, classes: int) -> npt.NDArray[np.float32]:
    """What a network that is taught is fed: each image, and 1 at its label behind it, (n, n_0 + classes).

    Raises
    ------
    InvalidInput
        As `checked_labels`.
    """
    known = checked_labels(labels, len(images), classes)
    rows = np.zeros((len(images), images.shape[1] + classes), np.float32)
    rows[:, : images.shape[1]] = images
    rows[np.arange(len(rows)), images.shape[1] + known] = 1
    return rows
