"""neuro-bpdl sweep"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from neuro_bpdl.cli import options as o
from neuro_bpdl.cli.output import console, emit, note, resumable

if TYPE_CHECKING:
    from rich.console import Group

    from neuro_bpdl.workflows.sweep.job import Outcome
    from neuro_bpdl.workflows.sweep.spec import SweepSpec

SweepFile = Annotated[
    Path, typer.Argument(metavar="SWEEP.toml", help="What to run: docs/sweep.md.", show_default=False)
]
Out = Annotated[
    Path | None,
    typer.Option("--out", metavar="FOLDER", show_default="sweeps/SWEEP", rich_help_panel=o.OUTPUT,
                 help="A new folder, or the sweep's own to go on."),
]  # fmt: skip
Scheduler = Annotated[
    str | None,
    typer.Option("--scheduler", metavar="ADDRESS", show_default="a cluster on this machine",
                 help="A running Dask scheduler, such as tcp://host:8786."),
]  # fmt: skip
Workers = Annotated[
    int | None,
    typer.Option("--workers", metavar="N", min=1, max=1024, show_default="one for each core",
                 help="Processes on this machine."),
]  # fmt: skip
SHOWN, EVERY = 8, 2.0  # running jobs in the live table; seconds between looks into their folders
FAILED = 1


def sweep_command(
    sweep: SweepFile, out: Out = None, scheduler: Scheduler = None, workers: Workers = None, as_json: o.Json = False
) -> None:
    """Run many trainings at once, on this machine or on a cluster: a grid or random draws over any fields and seeds.

    Every run is a folder in FOLDER/runs. What is interrupted or killed goes on with the same command.

    Examples:

      neuro-bpdl sweep rates.toml

      neuro-bpdl sweep rates.toml --scheduler tcp://head:8786 --out /shared/rates
    """
    from neuro_bpdl.errors import InvalidInput
    from neuro_bpdl.files.folders import quoted
    from neuro_bpdl.workflows.sweep.cluster import connected
    from neuro_bpdl.workflows.sweep.folder import run_sweep
    from neuro_bpdl.workflows.sweep.spec import SweepSpec

    if scheduler is not None and workers is not None:
        raise InvalidInput("--workers", workers, "with a cluster on this machine only", "leave --workers out")
    plan, place = SweepSpec.from_toml(sweep), out or Path("sweeps", sweep.stem)
    began = time.perf_counter()
    with _watching(plan, place) as watcher, resumable(f"sweep {quoted(sweep)} --out {quoted(place)}"):
        outcomes = run_sweep(plan, place, lambda: connected(scheduler, workers), watcher)
    result = summary(plan, outcomes, place, time.perf_counter() - began)
    emit(result, as_json, "Swept", _rows(result))
    if result["runs"].get("failed"):
        raise typer.Exit(FAILED)


def summary(plan: SweepSpec, outcomes: dict[str, Outcome], out: Path, seconds: float) -> dict[str, Any]:
    """What came of it, for JSON."""
    from neuro_bpdl.workflows.sweep.folder import REPORT
    from neuro_bpdl.workflows.sweep.results import RANKED, RESULTS, ranked

    points = ranked(plan, outcomes)
    best: dict[str, Any] | None = None
    if points:
        best = {
            "values": points[0].values,
            "runs": [f"runs/{job.name}" for job in plan.jobs if job.point == points[0].name],
            "split": points[0].split,
            "by": plan.best,
            **{str(name): points[0].mean(name) for name in RANKED},
        }
    return {
        "out": str(out), "runs": dict(Counter(outcome.status for outcome in outcomes.values())), "seconds": seconds,
        "best": best, "results": str(out / RESULTS), "report": str(out / REPORT),
        "said": sorted({outcome.said for outcome in outcomes.values() if outcome.status == "failed"}),
    }  # fmt: skip


def _rows(result: dict[str, Any]) -> dict[str, Any]:
    rows = {"runs": ", ".join(f"{n} {status}" for status, n in sorted(result["runs"].items()))}
    if best := result["best"]:
        rows["best point"] = ", ".join(f"{name} = {value}" for name, value in best["values"].items()) or "the only one"
        rows[f"its {best['by']} ({best['split']} images, mean over seeds)"] = f"{best[best['by']]:.4g}"
    rows |= {f"failed ({k + 1})": said for k, said in enumerate(result["said"][:3])}
    return rows | {"table": result["results"], "report": result["report"]}


@contextmanager
def _watching(plan: SweepSpec, out: Path) -> Iterator[_Live]:
    """A live table on a terminal, a line a run elsewhere."""
    from rich.live import Live

    screen = console(stderr=True)
    if not screen.is_terminal:
        yield _Live(plan, out, None)
        return
    with Live(console=screen, transient=True, auto_refresh=False) as live:
        yield _Live(plan, out, live)


class _Live:
    """The `Watcher` of the command line."""

    def __init__(self, plan: SweepSpec, out: Path, live: Any) -> None:
        self._out, self._live, self._began, self._looked = out, live, time.perf_counter(), 0.0
        self._total, self._counts = len(plan.jobs), Counter[str]()
        self._values = {
            job.name: ", ".join([*(f"{name.split('.')[-1]} {value}" for name, value in job.values.items()),
                                 f"seed {job.seed}"])
            for job in plan.jobs
        }  # fmt: skip

    def tick(self, workers: int, unfinished: Sequence[str]) -> None:
        """Draw the table anew now and then."""
        now = time.perf_counter()
        if self._live is not None and now - self._looked > EVERY:
            self._looked = now
            self._live.update(self._table(workers, unfinished), refresh=True)

    def done(self, outcome: Outcome) -> None:
        """Count; on a terminal the table tells the rest."""
        self._counts[outcome.status] += 1
        if self._live is None:
            said = f": {outcome.said}" if outcome.said else ""
            done = sum(self._counts.values())
            note(f"{done}/{self._total} {outcome.name} ({self._values[outcome.name]}) {outcome.status}{said}")

    def _table(self, workers: int, unfinished: Sequence[str]) -> Group:
        from rich.console import Group
        from rich.progress_bar import ProgressBar
        from rich.table import Table

        done = self._total - len(unfinished)
        left = (time.perf_counter() - self._began) / done * len(unfinished) if done else None
        counts = ", ".join(f"{n} {status}" for status, n in self._counts.items()) or "none yet"
        table = Table(box=None, padding=(0, 2), title_justify="left")
        for name in ("run", "values", "epoch", "error from the top"):
            table.add_column(name)
        for name, line in self._running(unfinished):
            error = line["deep_reconstruction_mse"] / line["mean_image_mse"]
            table.add_row(name, self._values[name], str(line["epoch"]), f"{error:.4f}")
        head = f"{done} of {self._total} runs ({counts}), {workers} workers" + (
            f", about {left:.0f} s left" if left is not None else "")  # fmt: skip
        return Group(head, ProgressBar(total=self._total, completed=done, width=60), table)

    def _running(self, unfinished: Sequence[str]) -> Iterator[tuple[str, dict[str, Any]]]:
        """The jobs under way with their last measurement; they are where the queue begins."""
        from neuro_bpdl.errors import NeuroBpdlError
        from neuro_bpdl.training.run_dir import RunDir

        shown = 0
        for name in unfinished[: 8 * SHOWN]:
            try:
                lines = RunDir.open(self._out / "runs" / name).metrics() if shown < SHOWN else []
            except NeuroBpdlError:  # not begun, or being written just now
                continue
            if lines:
                shown += 1
                yield name, lines[-1]
