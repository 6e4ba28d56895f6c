"""Images as PNG files: grids of samples, rows of inpaintings."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.generation.inpainting import Inpainting
from neuro_bpdl.generation.samples import Samples

Array = NDArray[Any]
SCALE, GAP, PAPER = 2, 2, 1.0
MAX_SHOWN = 100
HOLE = (0.93, 0.55, 0.35)  # missing pixels, so that they cannot be taken for dark ones


def tiles(images: Array, columns: int) -> Array:
    """Images (n, H, W) or (n, H, W, 3) in a grid with ``columns`` columns, ink on paper.

    Returns
    -------
    (rows · (H + gap) − gap, …, 3) floats in [0, 1]
    """
    if images.ndim == 3:
        images = np.repeat(images[..., None], 3, axis=-1)
    n, height, width = images.shape[:3]
    rows = -(-n // columns)
    grid = np.full((rows * (height + GAP) - GAP, columns * (width + GAP) - GAP, 3), PAPER)
    for index, image in enumerate(images):
        top, left = index // columns * (height + GAP), index % columns * (width + GAP)
        grid[top : top + height, left : left + width] = image
    return grid


def png(picture: Array, scale: int = SCALE) -> bytes:
    """A picture (H, W, 3) in [0, 1] as PNG, every pixel ``scale`` wide."""
    import matplotlib.image

    buffer = io.BytesIO()
    large = np.clip(picture, 0, 1).repeat(scale, axis=0).repeat(scale, axis=1)
    matplotlib.image.imsave(buffer, large, format="png", metadata={"Software": "neuro-bpdl"})
    return buffer.getvalue()


def as_pictures(images: Array, image_shape: tuple[int, ...]) -> Array:
    """Rows of pixels as (n, H, W); images without a height become one row."""
    shape = image_shape if len(image_shape) == 2 else (1, image_shape[0])
    return np.asarray(images).reshape(-1, *shape)


def sample_grid(samples: Samples, image_shape: tuple[int, ...]) -> Array:
    """GENERATE's images in a square, at most `MAX_SHOWN`."""
    shown = as_pictures(samples.generated, image_shape)[:MAX_SHOWN]
    return tiles(shown, max(1, round(len(shown) ** 0.5)))


def inpainting_rows(result: Inpainting, image_shape: tuple[int, ...], n: int = 16) -> Array:
    """Three rows of images: the original, with its holes, and filled in."""
    n = min(n, len(result.original))
    original, masked, filled = (
        np.repeat(as_pictures(images[:n], image_shape)[..., None], 3, axis=-1)
        for images in (result.original, result.masked, result.inpainted)
    )
    masked = np.where(as_pictures(result.missing[:n], image_shape)[..., None], HOLE, masked)
    return tiles(np.concatenate([original, masked, filled]), n)
