"""What a network has to beat: the mean image, and as many principal components as it has top units."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.training.measure import chunks

Array = NDArray[Any]


def mean_image_mse(images: Array, mean_image: Array) -> float:
    """Mean squared pixel error of the mean training image (n_0,) on ``images`` (M, n_0)."""
    return sum(float(((images[rows] - mean_image) ** 2).sum()) for rows in chunks(len(images))) / images.size


def pca_mse(train: Array, images: Array, components: Sequence[int]) -> tuple[float, ...]:
    """Mean squared pixel errors on ``images`` of the first principal components of ``train``.

    Parameters
    ----------
    train : (N, n_0)
    images : (M, n_0)
    components : int, several
        How many; all of them when there are fewer.

    Returns
    -------
    tuple
        An error for each number of components.
    """
    mean = train.mean(axis=0, dtype=np.float64)
    covariance = np.zeros((train.shape[1], train.shape[1]))
    for rows in chunks(len(train)):
        centred = train[rows] - mean
        covariance += centred.T @ centred
    basis = np.linalg.eigh(covariance)[1][:, ::-1]
    return tuple(_left_over(images, mean, basis[:, :count]) / images.size for count in components)


def _left_over(images: Array, mean: Array, basis: Array) -> float:
    """Σ of squared pixel errors of ``images`` seen through the columns of ``basis``."""
    total = 0.0
    for rows in chunks(len(images)):
        centred = images[rows] - mean
        total += float(((centred - (centred @ basis) @ basis.T) ** 2).sum())
    return total
