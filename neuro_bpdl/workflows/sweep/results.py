"""What a sweep found: one tidy table, and its points ranked."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, stdev
from typing import Any

from neuro_bpdl.files.writing import write_text
from neuro_bpdl.workflows.sweep.job import Outcome
from neuro_bpdl.workflows.sweep.spec import Job, Measure, SweepSpec

RESULTS = "results.csv"
LABELS = ("backend", "model", "arithmetic", "rounding", "data")
RANKED: dict[Measure, str] = {
    "reconstruction": "error of the reconstruction through the first layer, mean image = 1",
    "from_top": "error of the reconstruction from the top layer, mean image = 1",
    "objective": "log p(x, h) after inference, nats per image",
}
Row = dict[str, Any]
Measured = dict[Measure, float]


def measures(line: Mapping[str, Any]) -> Measured:
    """What points are ranked by, of one line of metrics.jsonl."""
    mean = line["mean_image_mse"]
    return {
        "reconstruction": line["reconstruction_mse"] / mean,
        "from_top": line["deep_reconstruction_mse"] / mean,
        "objective": line["objective_end"]["total"],
    }


def tidy(sweep: SweepSpec, outcomes: Mapping[str, Outcome]) -> list[Row]:
    """One row for each run and epoch; one without numbers for a run that has none."""
    return [row for job in sweep.jobs for row in _rows(job, sweep, outcomes.get(job.name))]


def _rows(job: Job, sweep: SweepSpec, outcome: Outcome | None) -> list[Row]:
    status = "waiting" if outcome is None else outcome.status
    head: Row = {"run": job.name, "point": job.point, **job.values, "seed": job.seed, "status": status}
    lines = [] if outcome is None else outcome.lines
    if not lines:
        return [{**head, "said": "" if outcome is None else outcome.said}]
    return [
        {
            **head, "epoch": line["epoch"], "images": line["images"], "seconds": line["seconds"],
            **{str(name): value for name, value in measures(line).items()},
            "split": line["split"], "measured_images": line["measured_images"],
            **{name: line[name] for name in LABELS}, "said": "" if outcome is None else outcome.said,
        }
        for line in lines
    ]  # fmt: skip


def write_results(path: Path, rows: Sequence[Row], owned: Callable[[], None] | None = None) -> None:
    """The rows as CSV, whole or not at all; ``owned`` and NotWritten as of `files.writing.write_bytes`."""
    names = dict.fromkeys(name for row in rows for name in row)
    text = io.StringIO()
    writer = csv.DictWriter(text, list(names), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    write_text(path, text.getvalue(), owned)


@dataclass(frozen=True)
class Point:
    """What is swept at some values, over its seeds.

    Attributes
    ----------
    curves : list
        For each finished seed what `measures` says after every epoch.
    """

    name: str
    values: dict[str, Any]
    split: str
    curves: list[list[Measured]]

    def mean(self, measure: Measure) -> float:
        """Mean over seeds after the last epoch."""
        return fmean(curve[-1][measure] for curve in self.curves)

    def spread(self, measure: Measure) -> float:
        """Standard deviation over seeds; NaN of a single one."""
        last = [curve[-1][measure] for curve in self.curves]
        return stdev(last) if len(last) > 1 else math.nan


def ranked(sweep: SweepSpec, outcomes: Mapping[str, Outcome]) -> list[Point]:
    """The points of which a run has finished, best first by ``sweep.best``."""
    points: dict[str, Point] = {}
    for job in sweep.jobs:
        outcome = outcomes.get(job.name)
        if outcome is None or outcome.status != "finished":
            continue
        point = points.setdefault(job.point, Point(job.point, job.values, outcome.lines[-1]["split"], []))
        point.curves.append([measures(line) for line in outcome.lines])
    sign = -1 if sweep.best == "objective" else 1
    return sorted(points.values(), key=lambda point: sign * point.mean(sweep.best))
