"""Numbers as a page holds them."""

from __future__ import annotations

import base64
import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray


def packed(matrices: list[NDArray[Any]]) -> str:
    """Whole numbers of 16 bits as text, one matrix after the other, row by row.

    0, -1, 1, -2, 2, … are counted as 0, 1, 2, 3, 4, …, so that most numbers
    have an upper byte of 0. All lower bytes, then all upper bytes, are
    deflated and written in base64.
    """
    flat = np.concatenate([matrix.ravel() for matrix in matrices]).astype(np.int16)
    counted = ((flat << 1) ^ (flat >> 15)).astype(np.uint16)
    planes = (counted & 255).astype(np.uint8).tobytes() + (counted >> 8).astype(np.uint8).tobytes()
    return base64.b64encode(zlib.compress(planes, 9)).decode("ascii")


def unpacked(text: str) -> NDArray[np.int16]:
    """What `packed` has packed, flat."""
    planes = np.frombuffer(zlib.decompress(base64.b64decode(text)), np.uint8).reshape(2, -1).astype(np.uint16)
    counted = planes[0] | (planes[1] << 8)
    return ((counted >> 1) ^ (0 - (counted & 1))).astype(np.int16)


def short(values: Any) -> list[float]:
    """Numbers of six digits."""
    return [float(f"{value:.6g}") for value in values]
