"""Images that stay bytes until somebody looks at them: a quarter of the memory."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import numpy.typing as npt

BLOCK = 1000  # images made into floats at once


class GreyImages:
    """(N, D) images of bytes; what is taken from them by an index or a slice is float32 in [0, 1].

    Whoever needs all of them at once makes an array of it: ``numpy.asarray(images)``.

    Parameters
    ----------
    raw : (N, D) uint8
    white : int
        The byte that stands for 1.

    Attributes
    ----------
    shape, ndim, size, dtype
        Those of the float32 array that this stands for.
    """

    ndim, dtype = 2, np.dtype(np.float32)

    def __init__(self, raw: npt.NDArray[np.uint8], white: int) -> None:
        self._raw, self._white = raw, np.float32(white)

    @property
    def shape(self) -> tuple[int, int]:
        """(N, D)."""
        return (self._raw.shape[0], self._raw.shape[1])

    @property
    def size(self) -> int:
        """N · D."""
        return self._raw.size

    def __len__(self) -> int:
        return len(self._raw)

    def __getitem__(self, key: Any) -> Any:
        values = self._raw[key].astype(np.float32)
        values /= self._white  # in place: a large set is not held twice
        return values

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> npt.NDArray[Any]:
        if copy is False:
            raise ValueError("images that are bytes have to be copied to become floats: leave copy=False out")
        return np.asarray(self[:], dtype)

    def first(self, n: int) -> GreyImages:
        """The first ``n`` of them, still bytes."""
        return GreyImages(self._raw[:n], int(self._white))

    def mean(self, axis: Literal[0] | None = None, dtype: Any = np.float64) -> Any:
        """Mean of all pixels, or the mean image (``axis`` 0), as numpy's of the float32 array in ``dtype``."""
        if axis not in (None, 0):
            raise ValueError(f"axis: got {axis}, allowed: 0 or None; take numpy.asarray(images).mean({axis})")
        total = np.zeros(self.shape[1], dtype)
        for start in range(0, len(self), BLOCK):
            # The running total is a row of the sum, so that rows are added in the order in which numpy adds them all.
            total = np.add.reduce(np.vstack([total, self[start : start + BLOCK]]), axis=0)
        return total / len(self) if axis == 0 else total.sum() / self.size


def first_rows(images: Any, n: int) -> Any:
    """The first ``n`` images of an array or of `GreyImages`, as what they are."""
    return images.first(n) if isinstance(images, GreyImages) else images[:n]
