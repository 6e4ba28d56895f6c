"""The comparison as matplotlib figures (objects; nothing is shown or written)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.agreement.measures import TERMS
from neuro_bpdl.agreement.results import Agreement
from neuro_bpdl.plotting.figures import blank

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Array = NDArray[Any]
COLOURS = ("#c8591d", "#3b8f5f", "#7a5aa6", "#b8860b", "#a23b52", "#2a8c95", "#6b705c", "#d081b0")
THEORY = "#1d2530"
POINTS = 3000
TERM_TITLES = {"reconstruction": "reconstruction, log p(x | h₁)", "latent": "latent, Σ log p(hₗ | hₗ₊₁)"}


def objective_figure(agreement: Agreement) -> Figure:
    """Both terms of the objective over inference, every engine on one plot per term."""
    terms = [term for term in TERMS if any(agreement.theory.terms[term])]
    figure = blank(4.8 * len(terms), 3.6)
    for axes, term in zip(_grid(figure, 1, len(terms)), terms, strict=True):
        theory = agreement.theory.terms[term]
        axes.plot(theory, color=THEORY, linewidth=5, alpha=0.25, label="theory")
        for engine, colour, i in _coloured(agreement):
            axes.plot(engine.terms[term], color=colour, linewidth=1.4, linestyle=_dashes(i), label=engine.name)
        axes.set_title(TERM_TITLES[term], loc="left", fontsize=10)
        axes.set_xlabel("inference step")
        axes.set_ylabel("nats per image")
    figure.axes[0].legend(frameon=False, fontsize=8)
    return figure


def scatter_figure(agreement: Agreement) -> Figure:
    """Every engine's rates against theory's at the end of inference: one row an engine, one column a layer."""
    depth = len(agreement.theory.layers)
    figure = blank(2.9 * depth, 2.7 * len(agreement.engines))
    cells = iter(_grid(figure, len(agreement.engines), depth))
    for engine, colour, _ in _coloured(agreement):
        for layer in engine.layers:
            axes = next(cells)
            expected, found = (np.ravel(h[layer.layer]) for h in (agreement.theory.h, engine.h))
            chosen = np.linspace(0, expected.size - 1, min(POINTS, expected.size)).astype(int)
            low, high = min(expected.min(), found.min()), max(expected.max(), found.max())
            axes.plot([low, high], [low, high], color="#c9ced6", linewidth=1, zorder=0)
            axes.plot(expected[chosen], found[chosen], ".", color=colour, markersize=2, alpha=0.4, rasterized=True)
            axes.set_title(f"{engine.name}, h_{layer.layer}: r {layer.r:.5f}", loc="left", fontsize=8)
            axes.set_xlabel("theory", fontsize=8)
    return figure


def images_figure(agreement: Agreement, image_shape: tuple[int, ...] | None = None) -> Figure:
    """Inpainted and generated images of theory and every engine, one below the other.

    Parameters
    ----------
    image_shape : (H, W), optional
        Without it a square is tried, then a strip.
    """
    everyone = (agreement.theory, *agreement.engines)
    rows = [("image", agreement.images[: len(agreement.masked)]), ("half replaced", agreement.masked)]
    rows += [(f"inpainted, {engine.name}", engine.inpainted) for engine in everyone]
    rows += [(f"generated, {engine.name}", engine.generated) for engine in everyone]
    columns = len(agreement.masked)
    shape = _shape(agreement.images.shape[1], image_shape)
    figure = blank(2.0 + 0.75 * columns, 0.75 * len(rows))
    cells = iter(_grid(figure, len(rows), columns))
    for title, images in rows:
        for column, image in enumerate(images):
            axes = next(cells)
            axes.imshow(np.reshape(image, shape), cmap="gray", vmin=0, vmax=1)
            axes.set(xticks=[], yticks=[])
            if column == 0:
                axes.set_ylabel(title, rotation=0, ha="right", va="center", fontsize=8)
    return figure


def _grid(figure: Figure, rows: int, columns: int) -> Sequence[Any]:
    axes: list[Any] = list(figure.subplots(rows, columns, squeeze=False).ravel())
    for cell in axes:
        cell.tick_params(labelsize=8)
        for side in ("top", "right"):
            cell.spines[side].set_visible(False)
    return axes


def _coloured(agreement: Agreement) -> list[tuple[Any, str, int]]:
    return [(engine, COLOURS[i % len(COLOURS)], i) for i, engine in enumerate(agreement.engines)]


def _dashes(i: int) -> Any:
    """Engines that agree lie on one another: dashes of different phase keep them all in sight."""
    return (4 * i, (4, 4))


def _shape(pixels: int, image_shape: tuple[int, ...] | None) -> tuple[int, ...]:
    if image_shape is not None and len(image_shape) == 2:
        return image_shape
    side = math.isqrt(pixels)
    return (side, side) if side * side == pixels else (1, pixels)
