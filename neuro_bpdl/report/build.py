"""From a run to report.html."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from neuro_bpdl.report import sections
from neuro_bpdl.report.material import Material, gather
from neuro_bpdl.report.page import Section, page
from neuro_bpdl.report.play.section import play_section, play_style
from neuro_bpdl.report.verdict import verdict
from neuro_bpdl.training.checkpoint import write_atomically
from neuro_bpdl.training.run_dir import RunDir

SECTIONS = (
    play_section,
    sections.learning_curves,
    sections.inference_curves,
    sections.reconstructions,
    sections.samples,
    sections.inpainting,
    sections.weights,
    sections.units,
    sections.fixed_point,
    sections.what_was_run,
)


def write_report(run: RunDir, material: Material | None = None, extra: Sequence[Section] = ()) -> Path:
    """Write RUN/report.html, one self-contained file.

    Parameters
    ----------
    material : Material, optional
        What to show; computed from the run and its data unless given.
    extra : sequence of Section
        Further sections, e.g. the mapping on a chip, put at the end.

    Returns
    -------
    Path of the report.

    Raises
    ------
    CheckpointError
        The run cannot be read, or the report cannot be written.
    """
    material = material or gather(run, run.dataset())
    write_atomically(run.report, report_text(material, extra).encode("utf-8"))
    return run.report


def report_text(material: Material, extra: Sequence[Section] = ()) -> str:
    """The report's HTML."""
    config = material.run.config
    sizes = "-".join(str(n) for n in material.params.network.sizes)
    lead = (
        "A generative network that learned images without labels, each synapse by dW = S_pre · dV_post/dt. "
        f"Computed by {material.label}; trained {material.trained:%d %B %Y}."
    )
    own = [part for section in SECTIONS if (part := section(material)) is not None]
    parts = [*own[:-1], *extra, own[-1]]  # what was run stands last, where one looks it up
    return page(f"{sizes} on {config.data.name}", lead, verdict(material), parts, style=play_style())
