"""Line charts as inline SVG: axes, units, legends, nothing else."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib import rc_context
from matplotlib.figure import Figure

STYLE = {"svg.fonttype": "none", "svg.hashsalt": "neuro-bpdl", "font.size": 10.5, "font.family": "sans-serif"}
INK, SOFT, LINE = "#1d2530", "#5c6773", "#e3e6ea"
COLOURS = ("#1f5fa8", "#c8591d", "#3b8f5f", "#7a5aa6")


@dataclass(frozen=True)
class Curve:
    """One line: its name, its points, and dashes for what it is compared with."""

    name: str
    x: Sequence[float]
    y: Sequence[float]
    dashed: bool = False


@dataclass(frozen=True)
class Chart:
    """A panel with its axes; ``log`` sets a logarithmic y axis."""

    title: str
    x: str
    y: str
    curves: Sequence[Curve]
    log: bool = False


def draw(charts: Sequence[Chart]) -> str:
    """The charts side by side, as SVG for the page."""
    with rc_context(STYLE):
        figure = Figure(figsize=(4.9 * len(charts), 3.3), layout="constrained")
        for index, chart in enumerate(charts, start=1):
            _panel(figure.add_subplot(1, len(charts), index), chart)
        return to_svg(figure)


def to_svg(figure: Figure) -> str:
    """A matplotlib figure as an SVG element without metadata, the same bytes every time."""
    text = io.StringIO()
    nothing = {"Date": None, "Creator": None, "Format": None, "Type": None}
    with rc_context(STYLE):
        figure.savefig(text, format="svg", metadata=nothing)
    svg = text.getvalue()
    return svg[svg.index("<svg") :]


def _panel(axes, chart: Chart) -> None:  # type: ignore[no-untyped-def]
    plain = iter(COLOURS)
    for curve in chart.curves:
        if curve.dashed:
            axes.plot(curve.x, curve.y, color=SOFT, linewidth=1.2, linestyle=(0, (4, 3)), label=curve.name)
        else:
            dots = {"marker": "o", "markersize": 3.2} if len(curve.x) < 40 else {}
            axes.plot(curve.x, curve.y, color=next(plain), linewidth=1.7, label=curve.name, **dots)
    axes.set_title(chart.title, loc="left", fontsize=11, color=INK, fontweight="semibold")
    axes.set_xlabel(chart.x, color=SOFT)
    axes.set_ylabel(chart.y, color=SOFT)
    if chart.log:
        axes.set_yscale("log")
    axes.grid(color=LINE, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.tick_params(colors=SOFT, length=0)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(LINE)
    if len(chart.curves) > 1:
        axes.legend(frameon=False, fontsize=9.5, labelcolor=INK)
