"""What notebooks show: the report's pictures one at a time, and tables of a run."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from html import escape
from pathlib import Path
from typing import Any

from neuro_bpdl.files.writing import write_text
from neuro_bpdl.report import sections
from neuro_bpdl.report.material import Material, gather
from neuro_bpdl.report.page import Section, page, table
from neuro_bpdl.report.play.labels import labels_section
from neuro_bpdl.report.play.section import play_section, play_style
from neuro_bpdl.report.verdict import verdict
from neuro_bpdl.training.run_dir import RunDir

# The colours that the page's style sheet defines: a notebook has another one, light or dark, that we cannot ask.
STYLE = (
    "--paper:#fff;--ink:#1d2530;--soft:#55606c;--line:#e3e6ea;--wash:#f6f7f9;--mark:#1f5fa8;"
    "--curve-1:#1f5fa8;--curve-2:#c8591d;--curve-3:#3b8f5f;--curve-4:#7a5aa6;"
    "background:#fff;color:#1d2530;padding:8px 12px;display:grid;gap:8px;max-width:1000px"
)


class Picture:
    """A section of the report by itself: shows itself in a notebook, and can be saved as a page."""

    def __init__(self, section: Section, style: str = "") -> None:
        self.section, self._style = section, style

    def save(self, path: str | Path) -> Path:
        """Write it as an HTML page of its own; raises `NotWritten` where that cannot be."""
        write_text(Path(path), page(self.section.title, "", "", [self.section], style=self._style))
        return Path(path)

    def __repr__(self) -> str:
        return f"<Picture {self.section.title!r}: shown in notebooks; .save('picture.html') elsewhere>"

    def _repr_html_(self) -> str:
        return f'<div style="{STYLE}">{self.section.html}</div>'


class Plots:
    """What the report shows; computed by the run's engine when first asked for."""

    def __init__(self, folder: RunDir) -> None:
        self._folder = folder

    @cached_property
    def _material(self) -> Material:
        return gather(self._folder, self._folder.dataset())

    def _made(self, section: Callable[[Material], Section]) -> Picture:
        return Picture(section(self._material))

    def verdict(self) -> Picture:
        """What the network can do, beside what it has to beat."""
        return Picture(Section("Verdict", verdict(self._material)))

    def learning(self) -> Picture:
        """Errors and the objective over epochs."""
        return self._made(sections.learning_curves)

    def inference(self) -> Picture:
        """The objective in its two terms over inference steps."""
        return self._made(sections.inference_curves)

    def reconstructions(self) -> Picture:
        """Test images, redrawn from h₁ and from the top layer."""
        return self._made(sections.reconstructions)

    def samples(self) -> Picture:
        """Images nobody has drawn."""
        return self._made(sections.samples)

    def inpainting(self) -> Picture:
        """Hidden pixels filled in, and the way there."""
        return self._made(sections.inpainting)

    def weights(self) -> Picture:
        """F₁'s rows and G₁'s columns."""
        return self._made(sections.weights)

    def play(self) -> Picture:
        """The network to play with; save it, and open the page in a browser."""
        if self._folder.config.spec.labels is not None:
            return Picture(labels_section(self._folder, self._folder.dataset()), play_style())
        return Picture(play_section(self._material), play_style())

    def __repr__(self) -> str:
        return "<Plots: verdict, learning, inference, reconstructions, samples, inpainting, weights, play>"


def run_html(title: str, lines: list[dict[str, Any]]) -> str:
    """A table of the epochs, the last ten of them."""
    rows = [
        (line["epoch"], line["reconstruction_mse"] / line["mean_image_mse"],
         line["deep_reconstruction_mse"] / line["mean_image_mse"], line["objective_end"]["total"])
        for line in lines[-10:]
    ]  # fmt: skip
    head = ("epoch", "error from h₁ (mean image 1)", "from the top layer", "log p(x, h), nats")
    return f"<p><code>{escape(title)}</code></p>{table(rows, head)}"
