"""What is confused with what, as pictures, and how far the answers can be trusted."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.data import Dataset
from neuro_bpdl.plotting.charts import Chart, Curve, draw
from neuro_bpdl.plotting.images import as_pictures, png, tiles
from neuro_bpdl.report.page import Section, counted, figure, note, pixels, table
from neuro_bpdl.training.answers import Answers, probabilities

Array = NDArray[Any]
PAIRS, SHOWN = 6, 12  # rows, and images in a row


def confusion_section(counts: Array) -> Section:
    """How many of each class (rows) were taken for each (columns), and the share of wrong ones."""
    rows = [
        [truth, *map(int, row), f"{100 * (1 - row[truth] / row.sum()):.1f}" if row.sum() else "–"]
        for truth, row in enumerate(counts)
    ]
    head = ["class", *(f"as {k}" for k in range(len(counts))), "error, %"]
    return Section("What is taken for what", table(rows, head))


def mistakes_section(dataset: Dataset, truth: Array, said: Array, chosen: Array, lead: str) -> Section:
    """Test images with a wrong answer, ``chosen`` by their numbers."""
    if not len(chosen):
        return Section("Mistakes", "<p>None.</p>")
    picture = tiles(1 - as_pictures(dataset.test[chosen], dataset.image_shape), 10)
    told = "; ".join(f"{truth[i]} as {said[i]}" for i in chosen)
    return Section("Mistakes", figure(pixels(png(picture), "Test images with a wrong answer"), f"{lead}{told}."))


def confusions_section(answers: Answers, dataset: Dataset) -> Section:
    """The most frequent confusions, an image row for each; the surest answer first."""
    said, sure = answers.net.argmax(axis=1), probabilities(answers.net).max(axis=1)
    parts = []
    for truth, taken, count in answers.confused[:PAIRS]:
        found = np.flatnonzero((answers.truth == truth) & (said == taken))
        chosen = found[np.argsort(-sure[found], kind="stable")][:SHOWN]
        picture = tiles(1 - as_pictures(dataset.test[chosen], dataset.image_shape), SHOWN)
        alt = f"Test images of class {truth} that were taken for {taken}"
        shown = "all shown" if count <= SHOWN else f"the {SHOWN} surest shown"
        caption = f"{truth} taken for {taken}: {counted(count, 'image')}, {shown}."
        parts.append(figure(pixels(png(picture), alt), caption))
    return Section("What is confused with what", "".join(parts) or "<p>Nothing.</p>")


def calibration_section(answers: Answers) -> Section:
    """Accuracy beside confidence, bin by bin."""
    bins = answers.reliability
    sure, right = [100 * row.confidence for row in bins], [100 * row.accuracy for row in bins]
    curves = [Curve("right", sure, right), Curve("as sure as right", [0.0, 100.0], [0.0, 100.0], floor=True)]
    svg = draw([Chart("Calibration", "confidence, %", "right, %", curves)])
    rows = [(f"{100 * row.confidence:.1f}", f"{100 * row.accuracy:.1f}", row.images) for row in bins]
    caption = "Test images in ten bins of confidence, the softmax of the label population's net inputs."
    off = f"On the average confidence and accuracy differ by {100 * answers.calibration_error:.2f} points."
    head = ("confidence, %", "right, %", "images")
    return Section("Calibration", figure(svg, caption) + note(off) + table(rows, head))
