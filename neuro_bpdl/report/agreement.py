"""The comparison as a section of the HTML report."""

from __future__ import annotations

import base64
from html import escape
from typing import TYPE_CHECKING

from neuro_bpdl.agreement.figures import images_figure, objective_figure, scatter_figure
from neuro_bpdl.agreement.results import Agreement
from neuro_bpdl.agreement.table import LAYER_COLUMNS, TERM_COLUMNS, layer_rows, remarks, term_rows
from neuro_bpdl.plotting.figures import png_bytes
from neuro_bpdl.report.page import Section, figure, note, table

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def agreement_section(agreement: Agreement, image_shape: tuple[int, ...] | None = None) -> Section:
    """Verdicts, curves, rates and images of every engine, for `neuro_bpdl.report.build.write_report`."""
    rows = [
        (engine.name, f"{check.quantity} {check.where}", f"{check.value:.5g}",
         f"{'≥' if check.at_least else '≤'} {check.limit:.9g}", "holds" if check.holds else "MISSED")
        for engine in agreement.engines for check in engine.checks()
    ]  # fmt: skip
    reasons = [(engine.name, engine.tolerance.reason) for engine in agreement.engines]
    draws = [] if agreement.taught else _draws(agreement, image_shape)
    parts = [
        note(f"{len(agreement.images)} images; every engine with the same weights against the theory engine."),
        *(note(line) for line in remarks(agreement)),
        _image(scatter_figure(agreement), "Rates at the end of inference: theory across, the engine up."),
        *draws,
        table(layer_rows(agreement), LAYER_COLUMNS),
        note("Dead and saturated: units at the low or the high end of their range for every image."),
        table(rows, ("Engine", "What", "Value", "Allowed", "Verdict")),
        table(reasons, ("Engine", "Why these tolerances")),
    ]
    return Section("Agreement with theory", "".join(parts))


def _draws(agreement: Agreement, image_shape: tuple[int, ...] | None) -> list[str]:
    """What only a network without labels has: the objective over inference, and images of its own."""
    return [
        _image(objective_figure(agreement), "Both terms of the objective over inference, mean over images."),
        table(term_rows(agreement), TERM_COLUMNS),
        _image(images_figure(agreement, image_shape), "The same images and the same draws on every engine."),
    ]


def _image(drawing: Figure, caption: str) -> str:
    data = base64.b64encode(png_bytes(drawing)).decode("ascii")
    return figure(f'<img alt="{escape(caption)}" src="data:image/png;base64,{data}">', caption)
