"""Line charts as inline SVG: axes, units, legends, nothing else. Their colours are the page's."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from matplotlib import rc_context
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

STYLE: dict[Any, Any] = {
    "svg.fonttype": "none", "svg.hashsalt": "neuro-bpdl", "font.size": 10.5, "font.family": "sans-serif"
}
INK, SOFT, LINE = "#1d2530", "#5c6773", "#e3e6ea"
COLOURS = ("#1f5fa8", "#c8591d", "#3b8f5f", "#7a5aa6")
# The page's style has a value for light and for dark behind each of these names.
NAMED = {INK: "--ink", SOFT: "--soft", LINE: "--line"} | {c: f"--curve-{k}" for k, c in enumerate(COLOURS, start=1)}
DASHES = {"beside": (0, (5, 2.5)), "floor": (0, (1, 2))}
SIZE = (4.3, 3.1)  # inches: readable at the width of a phone


@dataclass(frozen=True)
class Curve:
    """One line: its name and its points.

    ``beside`` names the curve that it is to be compared with, whose colour it
    takes, dashed; ``floor`` is what everything has to beat, dotted. ``low`` and
    ``high`` are the ends of a band around the line.
    """

    name: str
    x: Sequence[float]
    y: Sequence[float]
    beside: str = ""
    floor: bool = False
    low: Sequence[float] = ()
    high: Sequence[float] = ()


@dataclass(frozen=True)
class Chart:
    """A panel with its axes; ``log`` sets a logarithmic y axis."""

    title: str
    x: str
    y: str
    curves: Sequence[Curve]
    log: bool = False


def draw(charts: Sequence[Chart]) -> str:
    """Every chart as an SVG of its own, side by side where the page is wide enough."""
    return f'<div class="pair">{"".join(_svg(chart) for chart in charts)}</div>'


def to_svg(figure: Figure, label: str = "") -> str:
    """A matplotlib figure as an SVG element without metadata, the same bytes every time.

    Parameters
    ----------
    label : str
        What it shows, for those who do not see it.
    """
    text = io.StringIO()
    nothing = {"Date": None, "Creator": None, "Format": None, "Type": None}
    with rc_context(STYLE):
        figure.savefig(text, format="svg", metadata=nothing)
    svg = text.getvalue()
    svg = re.sub(r' id="[A-Za-z][\w.]*_\d+"', "", svg[svg.index("<svg") :])  # names of groups, the same in every figure
    return svg.replace("<svg", f'<svg role="img" aria-label="{escape(label)}"' if label else "<svg", 1)


def _svg(chart: Chart) -> str:
    with rc_context(STYLE):
        figure = Figure(figsize=SIZE, layout="constrained", facecolor="none")
        axes = figure.add_subplot()
        axes.set_facecolor("none")
        _panel(axes, chart)
        names = ", ".join(f"{curve.name} (ends at {curve.y[-1]:.4g})" for curve in chart.curves if len(curve.y))
        svg = to_svg(figure, f"{chart.title}, {chart.y} over {chart.x}: {names}")
    for colour, name in NAMED.items():
        svg = svg.replace(colour, f"var({name})")
    return svg.replace("<svg", '<svg class="themed"', 1)


def _panel(axes, chart: Chart) -> None:  # type: ignore[no-untyped-def]
    plain = (curve.name for curve in chart.curves if not (curve.beside or curve.floor))
    colours = dict(zip(plain, COLOURS, strict=False))
    for curve in chart.curves:
        if curve.floor or curve.beside:
            dashes, colour = DASHES["floor" if curve.floor else "beside"], colours.get(curve.beside, SOFT)
            axes.plot(curve.x, curve.y, color=colour, linewidth=1.4, linestyle=dashes, label=curve.name)
        else:
            dots = {"marker": "o", "markersize": 3.2} if len(curve.x) < 40 else {}
            axes.plot(curve.x, curve.y, color=colours[curve.name], linewidth=1.7, label=curve.name, **dots)
        if len(curve.low):
            axes.fill_between(curve.x, curve.low, curve.high, color=colours[curve.name], alpha=0.18, linewidth=0)
    axes.set_title(chart.title, loc="left", fontsize=11, color=INK, fontweight="semibold")
    axes.set_xlabel(chart.x, color=SOFT)
    axes.set_ylabel(chart.y, color=SOFT)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=6))
    if chart.log:
        axes.set_yscale("log")
    axes.grid(color=LINE, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.tick_params(colors=SOFT, which="both", length=0)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(LINE)
    if len(chart.curves) > 1:
        axes.legend(frameon=False, fontsize=9, labelcolor=INK)
