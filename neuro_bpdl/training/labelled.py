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

    Where few images carry their label, zeros stand behind the others; these
    are left out where nothing is learned from them.

    Raises
    ------
    InvalidInput
        The data set has no labels, or other ones than the top has units for; all are the same.
    """
    if spec.labels is None:
        return part.train_rows
    rows = labelled(spec, part.train_rows, part.labels("train"))
    if spec.training.labelled is None:
        return rows
    known = _drawn(spec, rows)
    if spec.training.unlabelled == "untold" and not spec.joint:
        return rows[known]
    rows[~known, part.pixels :] = 0
    return rows


def told(spec: RunSpec, rows: Array) -> NDArray[np.bool_]:
    """(N,) which of `learned_rows` carry a label."""
    return np.asarray(rows[:, rows.shape[1] - spec.classes :].any(axis=1))


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
    return shifted(spec, rows, stream(spec.training.seed, Stream.SHIFT, 0, epoch)) if spec.training.shift else rows


def _drawn(spec: RunSpec, rows: Array) -> NDArray[np.bool_]:
    """(N,) which rows keep their label: as many of each class, drawn by the seed.

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
    order = stream(spec.training.seed, Stream.LABELLED).permutation(len(rows))
    mixed = codes[order]
    keeps = np.zeros(len(rows), bool)
    keeps[order] = (mixed * (np.cumsum(mixed, axis=0) <= count // classes)).any(axis=1)
    return keeps


def shifted(spec: RunSpec, rows: Array, rng: np.random.Generator) -> Array:
    """The same moved by draws of ``rng``: see `moved`."""
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
