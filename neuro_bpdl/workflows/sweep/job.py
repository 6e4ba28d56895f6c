"""One job of a sweep, on a worker: a run that is made, continued, or found finished."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from neuro_bpdl.data import Dataset, load
from neuro_bpdl.errors import CheckpointError, Diverged, InvalidInput, NeuroBpdlError
from neuro_bpdl.spec import RunSpec
from neuro_bpdl.training.provenance import versions
from neuro_bpdl.training.run_dir import RunDir
from neuro_bpdl.training.split import training_part
from neuro_bpdl.training.steps_from_data import settled
from neuro_bpdl.training.trainer import Observer, resume, train

PACKAGE = "neuro-bpdl"


@dataclass(frozen=True)
class Order:
    """What travels to a worker: about 1.5 kB."""

    name: str
    spec: dict[str, Any]
    folder: str
    version: str


@dataclass(frozen=True)
class Outcome:
    """What travels back: about 1 kB an epoch.

    Attributes
    ----------
    status : str
        "finished", "diverged" or "failed"; ``said`` then tells why.
    lines : list
        The run's metrics.
    """

    name: str
    status: str
    said: str
    lines: list[dict[str, Any]]


def run_job(order: Order, observer: Observer | None = None) -> Outcome:
    """Train what ``order`` describes, from where a killed worker left it.

    A run that is refused or diverges is an outcome: the others go on.
    """
    path = Path(order.folder, order.name)
    try:
        _require_same_place(order)
        _complete(RunSpec(**order.spec), path, observer)
        return Outcome(order.name, "finished", "", RunDir.open(path).metrics())
    except Diverged as error:
        return Outcome(order.name, "diverged", str(error), RunDir.open(path).metrics() if path.exists() else [])
    except NeuroBpdlError as error:
        return Outcome(order.name, "failed", str(error), [])


def _complete(spec: RunSpec, path: Path, observer: Observer | None) -> None:
    dataset = _loaded(spec.data)
    if not path.exists():
        train(spec, dataset, path, observer)
        return
    run = RunDir.open(path)
    _require_same_run(run, spec, dataset)
    checkpoint = run.checkpoint()
    if checkpoint.progress.epoch < spec.training.epochs or checkpoint.params.recognition_variance is None:
        resume(run, dataset, observer=observer)


def _require_same_run(run: RunDir, spec: RunSpec, dataset: Dataset) -> None:
    """Refuse a folder that has the job's name, but in which another run is (its data may have moved)."""
    wanted = settled(spec, training_part(dataset, spec.training).train_rows)
    run.same_data(dataset)
    if run.config.spec != wanted.model_copy(update={"data": run.config.spec.data}):
        raise CheckpointError(f"{run.path}: holds another run than this job; move it away, and the sweep trains it")


@lru_cache(maxsize=2)
def _loaded(name: str) -> Dataset:
    """A worker reads a data set once, not once a run."""
    return load(name)


def _require_same_place(order: Order) -> None:
    """Refuse a worker that has another version, or does not see the sweep's folder."""
    here = versions()[PACKAGE]
    if here != order.version:
        raise InvalidInput("worker", f"{PACKAGE} {here}", f"{order.version}, as where the sweep was started",
                           "install the same on every worker")  # fmt: skip
    if not Path(order.folder).is_dir():
        raise InvalidInput("--out", order.folder, "a folder that every worker sees", "use a shared file system")
