"""The report of a run with labels: how many are known, what is taken for what, with pictures."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.data import Dataset
from neuro_bpdl.plotting.charts import Chart, Curve, draw
from neuro_bpdl.report.confusions import (
    calibration_section,
    confusion_section,
    confusions_section,
    mistakes_section,
)
from neuro_bpdl.report.page import Section, counted, figure, key_numbers, page
from neuro_bpdl.report.play.labels import labels_section
from neuro_bpdl.report.play.section import play_style
from neuro_bpdl.report.provenance import provenance, trained
from neuro_bpdl.theory.teaching import alignment
from neuro_bpdl.training.answers import Answers, judge_answers, probabilities
from neuro_bpdl.training.checkpoint import write_atomically
from neuro_bpdl.training.run_dir import RunDir

Array = NDArray[Any]
SHOWN = 40  # mistakes


def write_labelled_report(run: RunDir, dataset: Dataset, extra: Sequence[Section] = ()) -> tuple[Path, Answers]:
    """Write RUN/report.html, one self-contained file; returns its path and the answers to all test images.

    Raises
    ------
    InvalidInput
        No test images, or no labels for them.
    CheckpointError
        The run cannot be read, or the report cannot be written.
    """
    answers = judge_answers(run, dataset)
    sizes = "-".join(str(n) for n in run.config.network.sizes)
    learned = "images and labels" if run.config.spec.joint else "labels"
    lead = (
        f"A network that learned {learned}, each synapse by dW = S_pre · dV_post/dt. "
        f"Computed by {answers.label}; trained {trained(run):%d %B %Y}."
    )
    sections = [
        labels_section(run, dataset), _curve(run),
        confusion_section(answers.confusion), confusions_section(answers, dataset), _mistakes(answers, dataset),
        calibration_section(answers), *extra, provenance(run),
    ]  # fmt: skip
    title = f"{sizes} on {run.config.data.name}, with labels"
    text = page(title, lead, _head(run, answers), sections, style=play_style())
    write_atomically(run.report, text.encode("utf-8"))
    return run.report, answers


def _head(run: RunDir, answers: Answers) -> str:
    params = run.checkpoint().params
    turned = ", ".join(f"{alignment(params, layer):.2f}" for layer in range(2, params.network.depth + 1))
    return key_numbers([
        (f"{100 * answers.accuracy:.2f} %", f"of {counted(len(answers.truth), 'test image')} known"),
        (f"{100 * answers.calibration_error:.1f}", "points between confidence and accuracy, on the average"),
        (turned, "cosine of G and F transposed: the feedback has found the weights it never saw"),
    ])  # fmt: skip


def _curve(run: RunDir) -> Section:
    lines = run.metrics()
    epochs, known = [line["epoch"] for line in lines], [100 * line["accuracy"] for line in lines]
    svg = draw([Chart("Known", "epoch", "% of images", [Curve("known", epochs, known)])])
    last = lines[-1]
    measured = counted(last["measured_images"], f"{last['split']} image")
    caption = f"{measured} after each epoch; epoch 0 is before learning."
    return Section("Learning", figure(svg, caption))


def _mistakes(answers: Answers, dataset: Dataset) -> Section:
    """The wrong answers that were surest."""
    said, sure = answers.net.argmax(axis=1), probabilities(answers.net).max(axis=1)
    wrong = np.flatnonzero(said != answers.truth)
    chosen = wrong[np.argsort(-sure[wrong])][:SHOWN]
    return mistakes_section(dataset, answers.truth, said, chosen, "Surest first: ")
