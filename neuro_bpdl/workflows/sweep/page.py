"""A sweep's report: what was swept, the points ranked, curves with their spread over seeds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import numpy as np
from matplotlib import rc_context
from matplotlib.figure import Figure

from neuro_bpdl.plotting.charts import COLOURS, LINE, SOFT, STYLE, to_svg
from neuro_bpdl.report.page import Section, figure, key_numbers, note, page, table
from neuro_bpdl.workflows.sweep.job import Outcome
from neuro_bpdl.workflows.sweep.results import RANKED, Point, ranked
from neuro_bpdl.workflows.sweep.spec import SweepSpec, places

CURVES, ROWS, SAID = len(COLOURS), 200, 20


def sweep_page(title: str, sweep: SweepSpec, outcomes: Mapping[str, Outcome]) -> str:
    """The report's HTML, one self-contained file."""
    points = ranked(sweep, outcomes)
    counts = Counter(outcome.status for outcome in outcomes.values())
    lead = f"{len(sweep.jobs)} runs: " + ", ".join(f"{n} {status}" for status, n in sorted(counts.items()))
    head = "" if not points else key_numbers([
        (f"{points[0].mean(sweep.best):.4g}", f"the best point's {RANKED[sweep.best]} ({_split(points)} images)"),
        (str(len(points)), f"points with {len(sweep.seeds)} seed{'s' if len(sweep.seeds) > 1 else ''} each"),
    ])  # fmt: skip
    found = [_ranking(sweep, points), _curves(sweep, points), *_fields(sweep, points)] if points else []
    return page(title, lead, head, [_swept(sweep), *found, *_failures(outcomes)])


def _split(points: Sequence[Point]) -> str:
    return ", ".join(sorted({point.split for point in points}))


def _swept(sweep: SweepSpec) -> Section:
    rows: list[tuple[str, Any]] = [(name, ", ".join(map(str, values))) for name, values in sweep.grid.items()]
    if sweep.random is not None:
        for name, found in sweep.random.fields.items():
            text = ", ".join(map(str, found)) if isinstance(found, tuple) else (
                f"{found.low:g} to {found.high:g}, {found.scale}")  # fmt: skip
            rows.append((name, f"{sweep.random.draws} draws: {text}"))
    rows += [("seeds", ", ".join(map(str, sweep.seeds))), ("everything else", _base(sweep))]
    return Section("What was swept", table(rows, ("field", "values")))


def _base(sweep: SweepSpec) -> str:
    parts = [] if sweep.recipe is None else [f"recipe {sweep.recipe}"]
    parts += [f"{'.'.join(place)} = {_text(value)}" for place, value in places(sweep.base).items()]
    return ", ".join(parts) or "the defaults"


def _ranking(sweep: SweepSpec, points: Sequence[Point]) -> Section:
    head = (*sweep.fields, *(f"{name} ± spread" for name in RANKED), "seeds", "runs")
    rows = [
        (*(_text(point.values[name]) for name in sweep.fields), *(_measured(point, name) for name in RANKED),
         len(point.curves), f"runs/{point.name}-s…")
        for point in points[:ROWS]
    ]  # fmt: skip
    what = note(
        f"Ranked by {RANKED[sweep.best]}: mean and standard deviation over seeds after the last epoch, on a few "
        f"{_split(points)} images." + (" Chosen on test images: hold a validation set back before you report a best."
                                       if "test" in _split(points) else "")
    )  # fmt: skip
    return Section("Points", what + table(rows, head))


def _measured(point: Point, name: Any) -> str:
    spread = point.spread(name)
    return f"{point.mean(name):.4g}" + ("" if np.isnan(spread) else f" ± {spread:.2g}")


def _text(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _curves(sweep: SweepSpec, points: Sequence[Point]) -> Section:
    with rc_context(STYLE):
        drawing = Figure(figsize=(9.8, 4.2), layout="constrained")
        axes = drawing.add_subplot()
        for point, colour in zip(points, COLOURS, strict=False):
            runs = [[line[sweep.best] for line in curve] for curve in point.curves]
            epochs = min(map(len, runs))
            values = np.array([run[:epochs] for run in runs])
            name = ", ".join(f"{field.split('.')[-1]} {_text(point.values[field])}" for field in sweep.fields)
            axes.plot(values.mean(axis=0), color=colour, linewidth=1.7, label=name or point.name)
            axes.fill_between(range(epochs), values.min(axis=0), values.max(axis=0), color=colour, alpha=0.15, lw=0)
        _tidy(axes, "epoch", sweep.best)
        axes.legend(frameon=False, fontsize=9)
    caption = f"The best {min(CURVES, len(points))} points: mean over seeds, and from the lowest to the highest seed. "
    return Section("Learning curves", figure(to_svg(drawing), caption + RANKED[sweep.best].capitalize() + "."))


def _fields(sweep: SweepSpec, points: Sequence[Point]) -> list[Section]:
    """Every point at each field that is a number."""
    numeric = [
        name for name in sweep.fields
        if all(isinstance(p.values[name], int | float) and not isinstance(p.values[name], bool) for p in points)
    ]  # fmt: skip
    if not numeric:
        return []
    with rc_context(STYLE):
        drawing = Figure(figsize=(4.9 * min(2, len(numeric)), 3.3 * -(-len(numeric) // 2)), layout="constrained")
        for index, name in enumerate(numeric, start=1):
            axes = drawing.add_subplot(-(-len(numeric) // 2), min(2, len(numeric)), index)
            axes.plot([p.values[name] for p in points], [p.mean(sweep.best) for p in points], "o",
                      color=COLOURS[0], markersize=4)  # fmt: skip
            _tidy(axes, name, sweep.best)
    return [Section("Field by field", figure(to_svg(drawing), "Every dot is a point, the mean over its seeds."))]


def _tidy(axes: Any, x: str, y: str) -> None:
    axes.set_xlabel(x, color=SOFT)
    axes.set_ylabel(y, color=SOFT)
    axes.grid(color=LINE, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.tick_params(colors=SOFT, length=0)
    axes.spines[["top", "right"]].set_visible(False)


def _failures(outcomes: Mapping[str, Outcome]) -> list[Section]:
    bad = [outcome for outcome in outcomes.values() if outcome.status != "finished"]
    if not bad:
        return []
    rest = "" if len(bad) <= SAID else f"<p>… and {len(bad) - SAID} more, in results.csv</p>"
    rows = "".join(f"<p><code>{escape(o.name)}</code>: {escape(o.said)}</p>" for o in bad[:SAID])
    return [Section("Runs that diverged or failed", rows + rest)]
