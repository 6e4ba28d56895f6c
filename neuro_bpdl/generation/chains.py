"""Missing pixels from several chains: each starts at a draw of the prior that fits what is known.

One chain from the mean image ends in one mode, whichever is near. Here every
image gets K starts among many draws of p(h_L), or the codes of the images that
were learned (`generation.prior`), mapped down: those nearest in the known
pixels. Each chain is inferred with the known pixels clamped, and counts by how
well its top layer, mapped down, fits them:

    w_k ∝ exp(−‖known · (g_1(… g_L(h_L^k)) − x)‖² / 2s²)

The filled image is the weighted mean; the weighted standard deviation says
where the chains disagree.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.engines.protocol import Simulator
from neuro_bpdl.spec import InferenceSpec

Array = NDArray[Any]
Mask = NDArray[np.bool_]
DRAWS, ROWS = 60_000, 100  # draws of the prior; images compared with them at once
CHAINED = {"steps": 20, "delta": 0.3, "alpha": 0.01}  # chosen on validation images of MNIST, 784-1000-100, fixed
FIT_VARIANCE = 1.0  # s², of the summed squared error over known pixels


@dataclass(frozen=True)
class Chains:
    """What several chains make of images.

    Attributes
    ----------
    filled : (M, n_0)
        Weighted mean; known pixels as they were.
    spread : (M, n_0)
        Weighted standard deviation; 0 at known pixels.
    weights : (K, M)
        Each image's sum to 1.
    """

    filled: Array
    spread: Array
    weights: Array


def fill(
    simulator: Simulator, x: Array, missing: Mask, bank: Array, inference: InferenceSpec, count: int
) -> Chains:
    """Fill the missing pixels of ``x`` by ``count`` chains for each image.

    Parameters
    ----------
    x : (M, n_0)
        What stands at missing pixels is not looked at.
    missing : (M, n_0) bool
    bank : (draws, n_0)
        Draws of the prior, or codes, mapped down; at least ``count``.
    """
    nearest = nearest_draws(x, missing, bank, count)
    fills, misfits = [], []
    for k in range(count):
        start = np.where(missing, bank[nearest[:, k]], x)
        state = simulator.infer(start, inference, missing=missing)
        fills.append(np.where(missing, np.asarray(state.reconstruction), x))
        top = simulator.generate(state.h[-1], inference, rounds=0)[0]
        misfits.append((((top - x) ** 2) * ~missing).sum(axis=1))
    fit = -np.array(misfits) / (2 * FIT_VARIANCE)
    weights = np.exp(fit - fit.max(axis=0))
    weights /= weights.sum(axis=0)
    filled, spread = _weighted(np.array(fills), weights)
    return Chains(np.where(missing, filled, x), np.where(missing, spread, 0), weights)


def nearest_draws(x: Array, missing: Mask, bank: Array, count: int) -> NDArray[np.int64]:
    """(M, count) the draws nearest to each image in its known pixels, nearest first."""
    return np.concatenate([*_nearest(x, missing, bank.astype(np.float32), min(count, len(bank)))])


def _nearest(x: Array, missing: Mask, bank: Array, count: int) -> Iterator[NDArray[np.int64]]:
    squares = bank * bank
    for start in range(0, len(x), ROWS):
        known = (~missing[start : start + ROWS]).astype(np.float32)
        picture = (known * x[start : start + ROWS]).astype(np.float32)
        distance = known @ squares.T - 2 * picture @ bank.T
        found = np.argpartition(distance, count - 1, axis=1)[:, :count]
        order = np.argsort(np.take_along_axis(distance, found, 1), axis=1, kind="stable")
        yield np.take_along_axis(found, order, 1)


def _weighted(fills: Array, weights: Array) -> tuple[Array, Array]:
    """Mean and standard deviation over the chains, (M, n_0) each."""
    mean = np.einsum("km,kmn->mn", weights, fills)
    variance = np.einsum("km,kmn->mn", weights, (fills - mean) ** 2)
    return mean, np.sqrt(variance)
