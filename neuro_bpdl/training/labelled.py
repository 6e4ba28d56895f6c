"""What training with labels has besides: rows of image and label, images that move, a start of its own."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.data import Dataset
from neuro_bpdl.data.classes import labelled_rows
from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.numbers.streams import Stream, stream
from neuro_bpdl.spec import RunSpec
from neuro_bpdl.theory.taught_start import joint_parameters, taught_parameters
from neuro_bpdl.training.checkpoint import Checkpoint, Progress

Array = NDArray[Any]
STARTING_IMAGES = 1000  # enough for a mean and a spread


def learned_rows(spec: RunSpec, part: Dataset) -> Array:
    """What is learned from: images, and behind each its label where the spec has labels.

    Raises
    ------
    InvalidInput
        The data set has no labels, or other ones than the top has units for; all are the same.
    """
    if spec.labels is None:
        return part.train_rows
    rows = labelled(spec, part.train_rows, part.labels("train"))
    if spec.training.labelled is not None:
        rows[_unlabelled(spec, rows), part.pixels :] = 0
    return rows


def labelled(spec: RunSpec, images: Array, labels: Any) -> Array:
    """Rows of (N, n_0 + classes); errors as `learned_rows`."""
    rows = labelled_rows(images, labels, spec.classes)
    if len(np.unique(labels)) < 2:
        raise InvalidInput("labels", "one class only", "two classes or more", "there is nothing to tell apart")
    if spec.training.shift:
        _side(images.shape[1])
    return rows


def labelled_start(spec: RunSpec, rows: Array) -> Checkpoint:
    """Before the first epoch: a start of `theory.taught_start`, inside the range of fixed-point weights."""
    images, seed = rows[:, : rows.shape[1] - spec.classes], spec.training.seed
    network, dtype = spec.network(images.shape[1]), np.dtype(spec.engine.precision).type
    start = joint_parameters if network.generates else taught_parameters
    params = start(network, images[:STARTING_IMAGES], seed, dtype)
    if spec.engine.arithmetic == "fixed":
        from neuro_bpdl.kernels.fixed.quantize import saturate

        saturate(params, spec.plasticity)
    return Checkpoint(params, images.mean(axis=0, dtype=np.float64), Progress(), seed)


def moved(spec: RunSpec, rows: Array, epoch: int) -> Array:
    """Every image moved by up to ``training.shift`` pixels each way, black coming in from outside; labels stay."""
    return _moved(spec, rows, stream(spec.training.seed, Stream.SHIFT, 0, epoch)) if spec.training.shift else rows


def lessons(spec: RunSpec, rows: Array, epoch: int) -> Array:
    """What an epoch teaches where images are learned too: every labelled row ``repeat`` times, each time moved anew.

    (M, n_0 + classes), in random order, M a multiple of the batch.
    """
    known = np.flatnonzero(rows[:, rows.shape[1] - spec.classes :].any(axis=1))
    rng = stream(spec.training.seed, Stream.SHIFT, 1, epoch)
    order = np.concatenate([rng.permutation(known) for _ in range(spec.training.repeat)])
    order = order[: len(order) // spec.training.batch * spec.training.batch]
    return _moved(spec, rows[order], rng) if spec.training.shift else rows[order]


def _unlabelled(spec: RunSpec, rows: Array) -> Array:
    """The rows that are learned without their label: all but the first ones of each class, as many of each.

    Raises
    ------
    InvalidInput
        ``training.labelled`` is not a multiple of the classes, or above what there is of one.
    """
    count, classes = spec.training.labelled or 0, spec.classes
    codes = rows[:, rows.shape[1] - classes :]
    most = int(codes.sum(axis=0).min()) * classes
    if count % classes or not classes <= count <= most:
        raise InvalidInput("training.labelled", count, f"a multiple of {classes}, the classes, up to {most}")
    return np.flatnonzero((codes * (np.cumsum(codes, axis=0) > count // classes)).any(axis=1))


def _moved(spec: RunSpec, rows: Array, rng: np.random.Generator) -> Array:
    reach, pixels = spec.training.shift, rows.shape[1] - spec.classes
    side, n = _side(pixels), len(rows)
    wide = np.zeros((n, side + 2 * reach, side + 2 * reach), rows.dtype)
    wide[:, reach : reach + side, reach : reach + side] = rows[:, :pixels].reshape(n, side, side)
    down, right = rng.integers(0, 2 * reach + 1, (2, n))
    windows = np.lib.stride_tricks.sliding_window_view(wide, (side, side), (1, 2))
    out = rows.copy()
    out[:, :pixels] = windows[np.arange(n), down, right].reshape(n, pixels)
    return out


def _side(pixels: int) -> int:
    side = math.isqrt(pixels)
    if side * side != pixels:
        raise InvalidInput("training.shift", "more than 0", f"0 for images of {pixels} pixels, which are not square")
    return side
