"""The Parzen-window log-likelihood of samples, in the protocol of the paper's table (§3 of its experiments).

A Gaussian window of width σ sits on every generated sample; σ is the best of
`SIGMAS` on validation images, the figure is the mean over test images. It
rewards samples near the data, blurred or copied alike, so it stands beside
other measures (`neuro_bpdl.generation.quality`) and never alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.errors import InvalidInput

Array = NDArray[np.floating]
SIGMAS: tuple[float, ...] = tuple(float(sigma) for sigma in np.logspace(-1, 0, 10))
CHUNK = 500  # rows of the distance matrix held at once


@dataclass(frozen=True)
class Parzen:
    """Mean log density of the test images, in nats, its standard error, and the σ chosen on validation images."""

    mean: float
    standard_error: float
    sigma: float


def squared_distances(a: Array, b: Array) -> Iterator[Array]:
    """‖a_i − b_j‖² in blocks of `CHUNK` rows of ``a``, (≤ CHUNK, len(b)) each."""
    norms = (b * b).sum(axis=1)
    for start in range(0, len(a), CHUNK):
        rows = a[start : start + CHUNK]
        yield np.maximum((rows * rows).sum(axis=1)[:, None] + norms - 2 * rows @ b.T, 0)


def log_densities(samples: Array, images: Array, sigmas: tuple[float, ...]) -> Array:
    """log (1/n) Σ_i N(image; sample_i, σ² I) for every σ.

    Parameters
    ----------
    samples : (n, D)
    images : (m, D)

    Returns
    -------
    (len(sigmas), m) float64, in nats.

    Raises
    ------
    InvalidInput
        The two have images of different size, a σ is not positive, or a
        sample is not finite.
    """
    _check(samples, images, sigmas)
    blocks = [_block_densities(distances, sigmas) for distances in squared_distances(images, samples)]
    normaliser = [np.log(len(samples)) + 0.5 * samples.shape[1] * np.log(2 * np.pi * s**2) for s in sigmas]
    result: Array = np.concatenate(blocks, axis=1) - np.array(normaliser)[:, None]
    return result


def parzen(samples: Array, validation: Array, test: Array, sigmas: tuple[float, ...] = SIGMAS) -> Parzen:
    """σ from the validation images, then mean ± standard error over the test images.

    Parameters
    ----------
    samples, validation, test : (n, D), (m, D), (k, D)
        The paper: 10,000 samples, 1,000 validation and 10,000 test images.

    Raises
    ------
    InvalidInput
        See `log_densities`.
    """
    sigma = sigmas[int(log_densities(samples, validation, sigmas).mean(axis=1).argmax())]
    density = log_densities(samples, test, (sigma,))[0]
    return Parzen(float(density.mean()), float(density.std(ddof=1) / np.sqrt(len(density))), sigma)


def _block_densities(distances: Array, sigmas: tuple[float, ...]) -> Array:
    """log Σ_i exp(−d_i / 2σ²) of each row, the nearest sample taken out first so that nothing underflows."""
    nearest = distances.min(axis=1)
    excess = distances - nearest[:, None]
    rows = [
        np.log(np.exp(excess * (-0.5 / sigma**2)).sum(axis=1, dtype=np.float64)) - nearest / (2 * sigma**2)
        for sigma in sigmas
    ]
    return np.array(rows, dtype=np.float64)


def _check(samples: Array, images: Array, sigmas: tuple[float, ...]) -> None:
    if samples.ndim != 2 or images.ndim != 2 or samples.shape[1] != images.shape[1]:
        raise InvalidInput("samples", samples.shape, f"(n, D) with the D of the images, {images.shape}")
    if not np.all(np.isfinite(samples)):
        raise InvalidInput("samples", "NaN or infinite values", "finite pixel values")
    if not sigmas or min(sigmas) <= 0:
        raise InvalidInput("sigmas", sigmas, "one or more positive widths")
