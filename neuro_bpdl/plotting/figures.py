"""Figures without a display: panels, digits in a grid, and a file."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray

from neuro_bpdl.files.writing import write_bytes

Array = NDArray[Any]
COLOURS = ("#1b4f8a", "#c8553d", "#3a8f5c", "#8a6d1b", "#6b4c9a", "#555555")


def blank(width: float, height: float) -> Figure:
    """A figure of so many inches that can be drawn and saved where there is no display."""
    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def panels(rows: int, columns: int, width: float = 4.6, height: float = 3.4) -> tuple[Figure, Any]:
    """A figure and its axes as a (rows, columns) array."""
    figure = Figure(figsize=(width * columns, height * rows), layout="constrained")
    return figure, figure.subplots(rows, columns, squeeze=False)


def save(figure: Figure, path: Path) -> None:
    """Write a PNG, whole or not at all, with nothing in it that changes from run to run."""
    write_bytes(path, png_bytes(figure, 130, {"Software": "neuro-bpdl"}))


def png_bytes(figure: Figure, dpi: int = 110, metadata: dict[str, str] | None = None) -> bytes:
    """A figure as PNG."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=dpi, metadata=metadata)
    return buffer.getvalue()


def digits(axis: Any, images: Array, image_shape: tuple[int, ...], columns: int, title: str) -> None:
    """Images (n, D) as a grid of ``columns``, ink on white."""
    height, width = image_shape if len(image_shape) == 2 else (1, image_shape[0])
    rows = -(-len(images) // columns)
    sheet = np.zeros((rows * (height + 1) - 1, columns * (width + 1) - 1))
    for k, image in enumerate(np.asarray(images).reshape(-1, height, width)):
        top, left = k // columns * (height + 1), k % columns * (width + 1)
        sheet[top : top + height, left : left + width] = image
    axis.imshow(sheet, cmap="gray_r", vmin=0, vmax=1, interpolation="nearest")
    axis.set_title(title, fontsize=10)
    axis.set_axis_off()


def label(axis: Any, x: str, y: str, title: str = "") -> None:
    """Axis labels, with units, and a title."""
    axis.set_xlabel(x)
    axis.set_ylabel(y)
    axis.set_title(title, fontsize=10)
    axis.spines[["top", "right"]].set_visible(False)
