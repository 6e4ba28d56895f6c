"""A mapping to look at: a table for the terminal, a picture of the chips by load."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.hardware.cores import Core
from neuro_bpdl.hardware.mapping import Mapping
from neuro_bpdl.hardware.utilisation import core_shares

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap
    from matplotlib.figure import Figure
    from rich.table import Table

CORES_DRAWN_UP_TO = 12  # chips; above that one cell is one chip
LABELS_UP_TO = 4  # chips
FORMATS = (".png", ".pdf", ".svg")


def table(mapping: Mapping) -> Table:
    """Use of every resource, the fullest core first named by its bottleneck."""
    from rich.markup import escape
    from rich.table import Table

    title = (f"{'-'.join(map(str, mapping.sizes))} on {mapping.target.title}: {mapping.core_count} cores, "
             f"{mapping.chip_count} chip(s), {'sizes fit' if mapping.fits else 'sizes do not fit'}")
    caption = f"bottleneck: {mapping.bottleneck}; not run on a chip"
    result = Table(title=title, caption=caption)
    for heading, side in (("resource", "left"), ("fullest", "right"), ("mean", "right"), ("limit", "right"),
                          ("used", "right"), ("limit is", "left")):
        result.add_column(heading, justify=side, overflow="fold")  # type: ignore[arg-type]
    for entry in mapping.resources:
        unit, scale = (" [KiB]", 8192) if entry.unit == "bit" else ("", 1)
        share = "-" if entry.share is None else f"{100 * entry.share:.1f} %"
        limit = "-" if entry.limit is None else f"{entry.limit / scale:,.0f}"
        result.add_row(escape(entry.name + unit), f"{entry.peak / scale:,.0f}", f"{entry.mean / scale:,.1f}", limit,
                       share, entry.status)
    return result


def load(core: Core, mapping: Mapping) -> float | None:
    """Largest share of any checked per-core resource; None when no limit is known."""
    shares = core_shares(core, mapping.target)
    return max(shares) if shares else None


def draw(mapping: Mapping) -> Figure:
    """The chips, cores coloured by load (their fullest resource); above twelve chips a cell is a chip's mean.

    Places in a chip are in order of filling, not its floor plan.

    Raises
    ------
    InvalidInput
        The target has no limits, so no core has a load.
    """
    if any(load(core, mapping) is None for core in mapping.cores):
        raise InvalidInput("target", mapping.target.name, "a target with a known limit per core", "take e.g. 'loihi2'")
    chips = [_chip_cells(mapping, index) for index in range(mapping.chip_count)]
    if mapping.chip_count <= CORES_DRAWN_UP_TO:
        places = int(mapping.target.limit("cores_per_chip") or max(map(len, chips)))
        figure = _grid_of_chips(chips, places, labels=mapping.chip_count <= LABELS_UP_TO)
    else:
        figure = _one_cell_per_chip(chips, mapping)
    fits = "sizes fit" if mapping.fits else "sizes do not fit one such target"
    figure.suptitle(f"{'-'.join(map(str, mapping.sizes))} on {mapping.target.title} ({fits}): "
                    f"{mapping.core_count:,} cores, {mapping.chip_count:,} chip(s)\n"
                    f"bottleneck: {mapping.bottleneck}; computed, not run on a chip", fontsize=10)
    return figure


def save(mapping: Mapping, path: str | Path) -> Path:
    """Write `draw`'s picture to a .png, .pdf or .svg file."""
    path = Path(path)
    if path.suffix.lower() not in FORMATS:
        raise InvalidInput("picture", str(path), f"a file name ending in {', '.join(FORMATS)}")
    if not path.parent.is_dir():
        raise InvalidInput("picture", str(path), "a file in a folder that exists", f"create {path.parent}")
    draw(mapping).savefig(path, dpi=150)
    return path


def _chip_cells(mapping: Mapping, chip: int) -> list[tuple[float, str]]:
    cells: list[tuple[float, str]] = []
    for run in mapping.chips[chip]:
        core = mapping.cores[run.core]
        mark = {"neurons": "", "dendrites": "d", "relay": "r"}[core.role]
        cells += [(load(core, mapping) or 0.0, f"{core.layer}{mark}")] * run.cores
    return cells


def _grid_of_chips(chips: list[list[tuple[float, str]]], places: int, *, labels: bool) -> Figure:
    from neuro_bpdl.plotting.figures import blank

    columns = min(2 if labels else 4, len(chips))
    rows = math.ceil(len(chips) / columns)
    side = 8.0 if columns == 1 else 10.0 / columns
    figure = blank(max(side * columns, 7.0), 1.7 + side * 0.6 * rows)
    axes = figure.subplots(rows, columns, squeeze=False).ravel()
    for index, axis in enumerate(axes):
        if index < len(chips):
            _draw_cells(axis, chips[index], places, labels=labels, title=f"chip {index + 1}")
        else:
            axis.set_axis_off()
    _colour_bar(figure, list(axes), "load of a core: its fullest checked resource"
                + ("; label = layer (d dendrites, r relay), x = no core" if labels else ""))
    return figure


def _one_cell_per_chip(chips: list[list[tuple[float, str]]], mapping: Mapping) -> Figure:
    from neuro_bpdl.plotting.figures import blank

    means = [(sum(share for share, _ in chip) / len(chip), "") for chip in chips]
    places = len(means) if math.isinf(mapping.target.chips) else max(len(means), int(mapping.target.chips))
    figure = blank(8, 6)
    axis = figure.subplots()
    _draw_cells(axis, means, places, labels=False, title=f"{len(means):,} of {places:,} chips in use")
    _colour_bar(figure, [axis], "mean load of a chip's cores in use")
    return figure


def _draw_cells(axis: Axes, cells: list[tuple[float, str]], places: int, *, labels: bool, title: str) -> None:
    import numpy as np

    columns = math.ceil(math.sqrt(places * 2))
    rows = math.ceil(places / columns)
    loads = np.full(rows * columns, np.nan)
    loads[: len(cells)] = [share for share, _ in cells]
    axis.imshow(loads.reshape(rows, columns), cmap=_colours(), vmin=0, vmax=1)
    axis.set_xticks(np.arange(columns + 1) - 0.5, labels=[])
    axis.set_yticks(np.arange(rows + 1) - 0.5, labels=[])
    axis.grid(color="white", linewidth=0.8)
    axis.tick_params(length=0)
    axis.set_title(title, fontsize=9)
    for blank in range(places, rows * columns):
        axis.text(blank % columns, blank // columns, "x", ha="center", va="center", fontsize=6, color="0.6")
    for index, (share, text) in enumerate(cells if labels else ()):
        axis.text(index % columns, index // columns, text, ha="center", va="center", fontsize=7,
                  color="white" if share < 0.6 else "black")


def _colours() -> Colormap:
    import matplotlib

    return matplotlib.colormaps["viridis"].with_extremes(bad="0.9")


def _colour_bar(figure: Figure, axes: list[Axes], label: str) -> None:
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import Normalize

    colours = ScalarMappable(Normalize(0, 1), _colours())
    bar = figure.colorbar(colours, ax=axes, location="bottom", shrink=0.7, aspect=40)
    bar.set_label(label, fontsize=8)
