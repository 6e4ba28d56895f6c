"""Grids of samples, rows of inpaintings."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.generation.inpainting import Inpainting
from neuro_bpdl.generation.samples import Samples
from neuro_bpdl.plotting.images import as_pictures, tiles

Array = NDArray[Any]
MAX_SHOWN = 100
HOLE = (0.93, 0.55, 0.35)  # missing pixels, so that they cannot be taken for dark ones


def sample_grid(samples: Samples, image_shape: tuple[int, ...]) -> Array:
    """GENERATE's images in a square, at most `MAX_SHOWN`."""
    shown = as_pictures(samples.generated, image_shape)[:MAX_SHOWN]
    return tiles(shown, max(1, round(len(shown) ** 0.5)))


def inpainting_rows(result: Inpainting, image_shape: tuple[int, ...], n: int = 16) -> Array:
    """Three rows of images: the original, with its holes, and filled in; a fourth of the chains' spread, if several.

    The spread is white where chains agree, and black where they are half a range apart.
    """
    n = min(n, len(result.original))
    original, masked, filled = (
        np.repeat(as_pictures(images[:n], image_shape)[..., None], 3, axis=-1)
        for images in (result.original, result.masked, result.inpainted)
    )
    masked = np.where(as_pictures(result.missing[:n], image_shape)[..., None], HOLE, masked)
    rows = [original, masked, filled]
    if result.spread is not None:
        doubt = 1 - np.clip(2 * as_pictures(result.spread[:n], image_shape), 0, 1)
        rows.append(np.repeat(doubt[..., None], 3, axis=-1))
    return tiles(np.concatenate(rows), n)
