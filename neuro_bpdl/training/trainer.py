"""Training into a run folder: a measurement and a checkpoint after each epoch."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

from neuro_bpdl.data import Dataset
from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.spec import RunSpec
from neuro_bpdl.training.checkpoint import Checkpoint
from neuro_bpdl.training.few_labels import images_in_all
from neuro_bpdl.training.labelled import learned_rows
from neuro_bpdl.training.loop import epochs as trained_epochs
from neuro_bpdl.training.loop import start
from neuro_bpdl.training.metrics import checked_line
from neuro_bpdl.training.prior import fit_end
from neuro_bpdl.training.run_dir import RunConfig, RunDir, creating
from neuro_bpdl.training.split import training_part
from neuro_bpdl.training.steps_from_data import settled
from neuro_bpdl.training.verdict import verdict


class Observer(Protocol):
    """Looks on while a network trains; every method may do nothing."""

    def images_done(self, done: int, total: int) -> None:
        """``done`` of ``total`` images of the whole training have been presented."""

    def epoch_done(self, metrics: dict[str, Any]) -> None:
        """An epoch has been measured."""


class Silent:
    """An `Observer` that does nothing."""

    def images_done(self, done: int, total: int) -> None:
        """Nothing."""

    def epoch_done(self, metrics: dict[str, Any]) -> None:
        """Nothing."""


def train(spec: RunSpec, dataset: Dataset, out: str | Path, observer: Observer | None = None) -> RunDir:
    """Train a network on the training images of ``dataset`` that the spec leaves to it, into the new folder ``out``.

    ``out`` appears once the network has been built and measured; from then on
    it holds a checkpoint to continue from.

    Raises
    ------
    InvalidInput
        The spec does not suit the data or the backend.
    CheckpointError
        ``out`` exists or cannot be written.
    Diverged
        Training did; the last finite checkpoint stays.
    MissingDependency, SimulationError
        The backend cannot run.
    """
    part = training_part(dataset, spec.training)
    spec = settled(spec, part.train_rows)
    require_sense(spec, part)
    config = RunConfig.of(spec, part)
    checkpoint = start(spec, learned_rows(spec, part))
    with creating(out, config) as run:
        lines = [checked_line(spec, dataset, checkpoint)]
        run.write_metrics(lines)
        run.save(checkpoint)
        run.publish()
        observer = observer or Silent()
        observer.epoch_done(lines[0])
        _go_on(run, dataset, checkpoint, lines, observer)
    return RunDir(Path(out), config)


def resume(
    run: RunDir, dataset: Dataset | None = None, *, epochs: int | None = None, observer: Observer | None = None
) -> RunDir:
    """Continue a run from its checkpoint, to the same bytes as one that was never interrupted.

    Parameters
    ----------
    dataset : Dataset, optional
        All of it; loaded by the name in the run's config unless given.
    epochs : int, optional
        Total number of epochs, when it is to become larger.

    Raises
    ------
    CheckpointError
        The run cannot be continued, or its data have changed.
    InvalidInput
        ``epochs`` is below what the run was made for, or the run's rates have
        already fallen to 0.
    """
    dataset = run.dataset() if dataset is None else run.same_data(dataset)
    with run.locked() as owned:
        checkpoint = owned.checkpoint()
        lines = owned.metrics_until(checkpoint.progress.epoch)
        current = (owned if epochs is None else owned.extended(epochs)).upgraded()
        current.write_metrics(lines)
        _go_on(current, dataset, checkpoint, lines, observer or Silent())
    return RunDir(current.path, current.config)


def require_sense(spec: RunSpec, dataset: Dataset) -> None:
    """Refuse a batch larger than the data, and more layers than halving the pixels allows.

    Raises
    ------
    InvalidInput
    """
    images, batch = len(dataset.train_rows), spec.training.batch
    if batch > images:
        raise InvalidInput("--batch", batch, f"at most the {images} training images", "choose a smaller batch")
    deepest = max(1, dataset.pixels.bit_length() - 1)
    if len(spec.layers) > deepest:
        raise InvalidInput(
            "--layers", spec.layers, f"at most {deepest} hidden layers for images of {dataset.pixels} pixels",
            "leave layers out",
        )  # fmt: skip


def _go_on(
    run: RunDir, dataset: Dataset, checkpoint: Checkpoint, lines: list[dict[str, Any]], observer: Observer
) -> None:
    """Train until the last epoch, then fit what belongs to the end."""
    spec = run.config.spec
    part = training_part(dataset, spec.training)
    images, total = learned_rows(spec, part), images_in_all(spec, len(part.train_rows))
    for epoch in trained_epochs(spec, images, checkpoint, lambda done: observer.images_done(done, total)):
        checkpoint = epoch.checkpoint
        line = checked_line(spec, dataset, checkpoint, epoch.seconds, epoch.images)
        lines.append({**line, "saturations": epoch.saturations})
        taught = spec.labels is not None  # then accuracy tells
        found = None if taught else verdict(lines, checkpoint.params.network.depth, spec.plasticity.rate_text)
        if found is not None:
            lines[-1]["verdict"] = found.to_dict()
        run.write_metrics(lines)
        run.save(checkpoint)
        observer.epoch_done(lines[-1])
    if checkpoint.params.prior_mean is None or checkpoint.params.recognition_variance is None:
        fit_end(spec, checkpoint.params, images)
        run.save(checkpoint)
