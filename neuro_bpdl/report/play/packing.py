"""Numbers as a page holds them."""

from __future__ import annotations

import base64
import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray


def packed(matrices: list[NDArray[Any]]) -> str:
    """Base64 of deflated little-endian int16, one matrix after the other, row by row."""
    flat = np.concatenate([matrix.ravel() for matrix in matrices]).astype("<i2")
    return base64.b64encode(zlib.compress(flat.tobytes(), 9)).decode("ascii")


def short(values: Any) -> list[float]:
    """Numbers of six digits."""
    return [float(f"{value:.6g}") for value in values]
