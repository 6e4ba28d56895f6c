"""A sweep from its jobs to their outcomes, whoever dies on the way."""

from __future__ import annotations

import queue
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from neuro_bpdl.errors import SimulationError
from neuro_bpdl.training.config import anchored
from neuro_bpdl.training.provenance import versions
from neuro_bpdl.workflows.sweep.job import PACKAGE, Order, Outcome, run_job
from neuro_bpdl.workflows.sweep.spec import Job

if TYPE_CHECKING:
    from distributed import Client, Future

TICK = 0.5  # seconds between looks at what is running
ATTEMPTS = 10  # for a job whose workers keep dying: by Dask's count first, then by ours
RUNS = "runs"


class Watcher(Protocol):
    """Looks on while a sweep runs."""

    def tick(self, workers: int, unfinished: Sequence[str]) -> None:
        """Called often: how many workers there are, and which jobs are not done."""

    def done(self, outcome: Outcome) -> None:
        """A job has ended."""


class Silent:
    """A `Watcher` that does nothing."""

    def tick(self, workers: int, unfinished: Sequence[str]) -> None:
        """Nothing."""

    def done(self, outcome: Outcome) -> None:
        """Nothing."""


def run_jobs(
    jobs: Sequence[Job],
    out: Path,
    client: Client,
    watcher: Watcher | None = None,
    work: Callable[[Order], Outcome] = run_job,
) -> dict[str, Outcome]:
    """Run every job in ``out``/runs/NAME on the client's workers; outcomes by name.

    A job whose worker dies goes to another one and continues from its
    checkpoint. The same call continues a sweep that was cut short.

    Raises
    ------
    SimulationError
        The scheduler was lost.
    """
    watcher = watcher or Silent()
    folder = out.absolute() / RUNS
    folder.mkdir(parents=True, exist_ok=True)
    version = versions()[PACKAGE]
    orders = {
        job.name: Order(job.name, anchored(job.spec).model_dump(mode="json"), str(folder), version) for job in jobs
    }
    return _Crowd(client, work, watcher, orders).outcomes()


class _Crowd:
    """All jobs under way at once; Dask hands them out."""

    def __init__(
        self, client: Client, work: Callable[[Order], Outcome], watcher: Watcher, orders: dict[str, Order]
    ) -> None:
        self._client, self._work, self._watcher, self._orders = client, work, watcher, orders
        self._futures: dict[str, Future] = {}
        self._tries = dict.fromkeys(orders, 0)
        self._ended: queue.SimpleQueue[str] = queue.SimpleQueue()

    def outcomes(self) -> dict[str, Outcome]:
        """Wait for all of them."""
        found: dict[str, Outcome] = {}
        try:
            self._submit(list(self._orders))
            while len(found) < len(self._orders):
                self._require_scheduler()
                self._watcher.tick(self._workers(), [name for name in self._orders if name not in found])
                for name in self._news():
                    outcome = self._outcome(name)
                    if outcome is not None:
                        found[name] = outcome
                        self._watcher.done(outcome)
        finally:
            self._client.cancel(list(self._futures.values()))
        return {name: found[name] for name in self._orders}

    def _submit(self, names: list[str]) -> None:
        futures = self._client.map(
            self._work, [self._orders[name] for name in names], pure=False, batch_size=1000,
            key=[f"{name}-try{self._tries[name]}" for name in names],
        )  # fmt: skip
        for name, future in zip(names, futures, strict=True):
            self._futures[name] = future
            future.add_done_callback(lambda _, name=name: self._ended.put(name))

    def _news(self) -> list[str]:
        """Names of jobs that have ended since; waits a moment for the first."""
        names = []
        try:
            names.append(self._ended.get(timeout=TICK))
            while True:
                names.append(self._ended.get_nowait())
        except queue.Empty:
            return names

    def _outcome(self, name: str) -> Outcome | None:
        """What became of a job; None where it is tried once more."""
        from distributed import KilledWorker

        future = self._futures[name]
        if future.status == "finished":
            return future.result()
        self._require_scheduler()
        if future.status != "error":
            self._lost()
        error = future.exception()
        if isinstance(error, KilledWorker) and self._tries[name] < ATTEMPTS:
            self._tries[name] += 1
            self._submit([name])
            return None
        return Outcome(name, "failed", f"{type(error).__name__}: {' '.join(str(error).split())}", [])

    def _workers(self) -> int:
        return len(self._client.scheduler_info(n_workers=-1)["workers"])

    def _require_scheduler(self) -> None:
        if self._client.status != "running":
            self._lost()

    def _lost(self) -> Any:
        raise SimulationError("sweep: the scheduler was lost; the same command goes on with what is not done")
