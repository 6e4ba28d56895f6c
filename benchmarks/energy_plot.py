"""The picture of `energy_tradeoff`: energy, error and time over the number of inference steps."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from energy_table import together
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

Row = dict[str, Any]
TARGET = "loihi1"  # its own constants, its own cores
RENNER_MJ, RENNER_MS = 0.59, 1.5
GROUPS = {  # group → colour, marker, text
    "fixed": ("#1f5fa8", "o", "fixed point, δ = 0.1, 4 epochs"),
    "float": ("#7a5aa6", "^", "float, δ = 0.1, batch 20, 10 epochs"),
    "larger step": ("#c8591d", "s", "fixed point, N = 3 with δ = 0.5, N = 1 with δ = 1, 4 epochs"),
    "changes": ("#3b8f5f", "D", "fixed point, changes only: N = 15 with δ = 0.1, and the same N = 3 and N = 1"),
}


def plot(rows: Sequence[Row], path: Path) -> None:
    """Draw every group that has rows into a PNG file."""
    figure = Figure(figsize=(13.5, 5.2), layout="constrained")
    FigureCanvasAgg(figure)
    left, middle, right = figure.subplots(1, 3)
    for group in (name for name in GROUPS if any(row["group"] == name for row in rows)):
        chosen = [_mean(seeds) for seeds in together([row for row in rows if row["group"] == group])]
        _curve(left, group, chosen, "energy_J", "reconstruction")
        _curve(middle, group, chosen, "energy_J", "deep_reconstruction")
        _curve(right, group, chosen, "energy_J", "time_s", scale=1e3)
    for axes, error in ((left, "from layer 1"), (middle, "from the top layer")):
        _errors(axes, error)
    right.axhline(RENNER_MS, color="0.5", linestyle="--", linewidth=1)
    _plain(right, (0.1, 0.2, 0.5, 1, 2, 4))
    right.set(xlabel="energy per training image [mJ]", ylabel="time per training image [ms]",
              title="Time; horizontal line: Renner's 1.5 ms")
    for axes in (left, middle, right):
        axes.axvline(RENNER_MJ, color="0.5", linestyle="--", linewidth=1)
        axes.set_xlim(0, 1.0)
        axes.grid(color="0.92")
    handles, labels = left.get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=2, fontsize=8.5, frameon=False)
    figure.suptitle("784-500-100 on mnist-mini: counted events x Loihi 1 constants (pre-silicon, Davies 2018); "
                    "modelled, not run on a chip.\nFilled: the fewest cores; open: spread over most cores of a chip. "
                    "Numbers: steps N; means of seeds. Dashed: Renner et al. 2024, another task", fontsize=9.5)
    figure.savefig(path, dpi=130)


def _mean(rows: Sequence[Row]) -> Row:
    """Of the seeds of one training what is drawn."""
    places = [f"{TARGET}, {place} cores" for place in ("fewest", "most")]
    costs = {place: {name: float(np.mean([row["costs"][place][name] for row in rows]))
                     for name in ("energy_J", "time_s")} for place in places}  # fmt: skip
    return {**rows[0], "costs": costs, **{name: float(np.mean([row[name] for row in rows]))
                                          for name in ("reconstruction", "deep_reconstruction")}}  # fmt: skip


def _curve(axes: Any, group: str, rows: list[Row], x: str, y: str, scale: float = 1.0) -> None:
    colour, marker, text = GROUPS[group]
    for spread, fill in ((f"{TARGET}, fewest cores", colour), (f"{TARGET}, most cores", "white")):
        values = [scale * (row["costs"][spread][y] if y in row["costs"][spread] else row[y]) for row in rows]
        energy = [1e3 * row["costs"][spread][x] for row in rows]
        axes.plot(energy, values, color=colour, marker=marker, markerfacecolor=fill, linewidth=1, markersize=5.5,
                  label=text if fill == colour else None)
        for row, where, value in zip(rows, energy, values, strict=True):
            axes.annotate(str(row["steps"]), (where, value), textcoords="offset points", xytext=(5, 4), fontsize=8,
                          color=colour)


def _errors(axes: Any, name: str) -> None:
    axes.set(xlabel="energy per training image [mJ]", ylabel="squared error / mean image's",
             title=f"Reconstruction {name}")
    _plain(axes, (0.03, 0.05, 0.1, 0.2, 0.4, 0.8))


def _plain(axes: Any, ticks: Sequence[float]) -> None:
    """A logarithmic axis with plain numbers."""
    axes.set_yscale("log")
    axes.set_yticks(ticks, labels=[f"{tick:g}" for tick in ticks])
    axes.minorticks_off()
