"""Images as pictures: grids of them, and PNG files with every pixel as a square."""

from __future__ import annotations

import base64
import io
from html import escape
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
SCALE, GAP, PAPER = 2, 2, 1.0


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


def signed_tiles(fields: Array, image_shape: tuple[int, ...], columns: int = 8) -> Array:
    """Weights (n, D) as colours: blue below zero, red above, each unit scaled by its own largest weight."""
    scaled = fields / np.maximum(np.abs(fields).max(axis=1, keepdims=True), 1e-12)
    up, down = np.clip(scaled, 0, 1)[..., None], np.clip(-scaled, 0, 1)[..., None]
    red, blue = np.array([0.70, 0.09, 0.17]), np.array([0.13, 0.40, 0.67])
    colours = 1 - up * (1 - red) - down * (1 - blue)
    height, width = image_shape if len(image_shape) == 2 else (1, image_shape[0])
    return tiles(colours.reshape(-1, height, width, 3), columns)


def html_grid(images: Array, image_shape: tuple[int, ...], columns: int, alt: str) -> str:
    """Images (n, D) as one <img> for a notebook."""
    return html_picture(tiles(as_pictures(images, image_shape), columns), alt)


def html_picture(picture: Array, alt: str) -> str:
    """A picture (H, W, 3) as one <img> for a notebook, its pixels kept sharp."""
    data = base64.b64encode(png(picture)).decode("ascii")
    style = "image-rendering:pixelated;max-width:100%"
    return f'<img alt="{escape(alt)}" style="{style}" src="data:image/png;base64,{data}">'
