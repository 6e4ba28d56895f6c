"""A sweep's folder: runs/NAME, results.csv, report.html; one sweep at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from neuro_bpdl.errors import NotWritten
from neuro_bpdl.files.folders import require_new
from neuro_bpdl.files.locking import LOCK, FolderLock, take_if_free
from neuro_bpdl.files.writing import sweep_all, write_text
from neuro_bpdl.workflows.sweep.job import Order, Outcome, run_job
from neuro_bpdl.workflows.sweep.page import sweep_page
from neuro_bpdl.workflows.sweep.results import RESULTS, tidy, write_results
from neuro_bpdl.workflows.sweep.run import RUNS, Silent, Watcher, run_jobs
from neuro_bpdl.workflows.sweep.spec import SweepSpec

if TYPE_CHECKING:
    from distributed import Client

REPORT = "report.html"


def run_sweep(
    sweep: SweepSpec,
    out: Path,
    connect: Callable[[], AbstractContextManager[Client]],
    watcher: Watcher | None = None,
    work: Callable[[Order], Outcome] = run_job,
) -> dict[str, Outcome]:
    """Run the sweep into ``out`` and write its table and report; a later call goes on with what is not done.

    Table and report are written too when the sweep is cut short.

    Parameters
    ----------
    connect : callable
        Returns a block with a Dask client, such as `cluster.connected`.

    Raises
    ------
    InvalidInput
        ``out`` is something else than a sweep's folder, or what ``connect`` refuses.
    FolderInUse
        Another sweep runs there.
    SimulationError
        The scheduler was lost.
    """
    jobs = sweep.jobs  # refused before anything is started or written
    _require_place(out)
    found = _Collecting(watcher or Silent())
    try:
        with connect() as client, _owned(out) as lock:
            try:
                run_jobs(jobs, out, client, found, work)
            finally:
                write_results(out / RESULTS, tidy(sweep, found.outcomes), lock.require)
                write_text(out / REPORT, sweep_page(f"Sweep {out.name}", sweep, found.outcomes), lock.require)
    finally:
        _swept(out / RUNS)  # a cluster that is closed kills its workers in the middle of what they do
    return {job.name: found.outcomes[job.name] for job in jobs}


def _swept(runs: Path) -> None:
    """Take away what killed workers left; what a living one has, on whatever machine, stays."""
    sweep_all(runs)
    for lock in runs.glob(f"*/{LOCK}"):
        if (stale := take_if_free(lock.parent)) is not None:
            sweep_all(lock.parent)
            stale.release()


class _Collecting:
    """A `Watcher` that keeps the outcomes and tells another one."""

    def __init__(self, other: Watcher) -> None:
        self._other = other
        self.outcomes: dict[str, Outcome] = {}

    def tick(self, workers: int, unfinished: Sequence[str]) -> None:
        self._other.tick(workers, unfinished)

    def done(self, outcome: Outcome) -> None:
        self.outcomes[outcome.name] = outcome
        self._other.done(outcome)


def _require_place(out: Path) -> None:
    """A new folder, or one that holds a sweep."""
    if not (out / RUNS).is_dir():
        require_new(out, "--out", "a sweep goes on in its own folder only: choose another name")


@contextmanager
def _owned(out: Path) -> Iterator[FolderLock]:
    try:
        (out / RUNS).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise NotWritten(out, error, "--out") from None
    lock = FolderLock(out)
    lock.take()
    try:
        yield lock
    finally:
        lock.release()
