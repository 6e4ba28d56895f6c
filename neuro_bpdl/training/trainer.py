"""The training loop: epochs of presentations, a measurement and a checkpoint after each."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.backends.factory import simulating
from neuro_bpdl.backends.protocol import Simulator
from neuro_bpdl.data import Dataset, presentation_order
from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.parameters import initial_parameters
from neuro_bpdl.spec import EngineSpec, RunSpec
from neuro_bpdl.theory.climb import RECOGNITION_IMAGES, fit_recognition
from neuro_bpdl.theory.sampling import fit_prior
from neuro_bpdl.training.baselines import mean_image_mse
from neuro_bpdl.training.checkpoint import Checkpoint, Progress
from neuro_bpdl.training.measure import measure, top_states
from neuro_bpdl.training.run_dir import RunConfig, RunDir, creating

Array = NDArray[Any]
MEASURED_IMAGES = {"fused": 100, "composed": 10}  # after each epoch; composed is slow


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
    """Train a network on the (limited) training images of ``dataset`` into the new folder ``out``.

    ``out`` appears once the network has been built and measured; from then on
    it holds a checkpoint to continue from.

    Raises
    ------
    InvalidInput
        The spec does not suit the data or the backend.
    CheckpointError
        ``out`` exists or cannot be written.
    MissingDependency, SimulationError
        The backend cannot run.
    """
    limit = spec.training.limit
    dataset = dataset if limit is None else dataset.limit(limit)
    require_sense(spec, dataset)
    observer = observer or Silent()
    config = RunConfig.of(spec, dataset)
    params = initial_parameters(config.network, spec.training.seed)
    mean_image = dataset.x_train.mean(axis=0, dtype=np.float64)
    start = Checkpoint(params, mean_image, Progress(), spec.training.seed)
    with _simulating(spec, start) as simulator:
        with creating(out, config) as run:
            lines = [_Loop(run, dataset, simulator, start, observer).metrics(Progress(), 0.0)]
            run.write_metrics(lines)
            run.save(start)
        observer.epoch_done(lines[0])
        run = RunDir(Path(out), config)
        _Loop(run, dataset, simulator, start, observer).epochs()
    return run


def resume(
    run: RunDir, dataset: Dataset | None = None, *, epochs: int | None = None, observer: Observer | None = None
) -> RunDir:
    """Continue a run from its checkpoint, to the same bytes as one that was never interrupted.

    Parameters
    ----------
    dataset : Dataset, optional
        Loaded by the name in the run's config unless given.
    epochs : int, optional
        Total number of epochs, when it is to become larger.

    Raises
    ------
    CheckpointError
        The run cannot be continued, or its data have changed.
    InvalidInput
        ``epochs`` is below the number of epochs done.
    """
    dataset = run.dataset() if dataset is None else run.matching(dataset)
    checkpoint = run.checkpoint()
    if epochs is not None:
        if epochs < checkpoint.progress.epoch:
            raise InvalidInput("--epochs", epochs, f"at least the {checkpoint.progress.epoch} epochs that are done")
        run = run.extended(epochs)
    run.write_metrics([line for line in run.metrics() if line["epoch"] <= checkpoint.progress.epoch])
    with _simulating(run.config.spec, checkpoint) as simulator:
        _Loop(run, dataset, simulator, checkpoint, observer or Silent()).epochs()
    return run


def require_sense(spec: RunSpec, dataset: Dataset) -> None:
    """Refuse a batch larger than the data, and more layers than halving the pixels allows.

    Raises
    ------
    InvalidInput
    """
    images, batch = len(dataset.x_train), spec.training.batch
    if batch > images:
        raise InvalidInput("--batch", batch, f"at most the {images} training images", "choose a smaller batch")
    deepest = max(1, dataset.pixels.bit_length() - 1)
    if len(spec.layers) > deepest:
        raise InvalidInput(
            "--layers", spec.layers, f"at most {deepest} hidden layers for images of {dataset.pixels} pixels",
            "leave layers out",
        )  # fmt: skip


def _simulating(spec: RunSpec, checkpoint: Checkpoint):  # type: ignore[no-untyped-def]
    return simulating(
        spec.engine, checkpoint.params, spec.inference, spec.plasticity,
        batch=spec.training.batch, seed=spec.training.seed,
    )  # fmt: skip


@dataclass
class _Loop:
    """What all epochs of a run share."""

    run: RunDir
    dataset: Dataset
    simulator: Simulator
    checkpoint: Checkpoint
    observer: Observer

    @property
    def spec(self) -> RunSpec:
        return self.run.config.spec

    def epochs(self) -> None:
        """Train until the last epoch, then fit the prior and the recognition variance."""
        lines = self.run.metrics()
        while self.checkpoint.progress.epoch < self.spec.training.epochs:
            began = time.perf_counter()
            progress = self._epoch()
            seconds, clipped = time.perf_counter() - began, getattr(self.simulator, "saturated", None)
            lines.append({**self.metrics(progress, seconds), "saturations": clipped})
            self.run.write_metrics(lines)
            self._save(progress)
            self.observer.epoch_done(lines[-1])
        self._finish()

    def _epoch(self) -> Progress:
        """Present every image once, up to a multiple of the batch."""
        done, training = self.checkpoint.progress, self.spec.training
        images = self.dataset.x_train
        order = presentation_order(len(images), done.epoch, 1, training.seed)
        order = order[: len(order) // training.batch * training.batch]
        total = len(order) * training.epochs
        self.simulator.learn(
            images, order, done.presentations, lambda n: self.observer.images_done(done.images + n, total)
        )
        return Progress(done.epoch + 1, done.images + len(order), done.presentations + len(order) // training.batch)

    def _save(self, progress: Progress) -> None:
        """Checkpoint without prior and recognition variance: they belong to the end of training."""
        self.checkpoint = Checkpoint(
            self.simulator.parameters(), self.checkpoint.mean_image, progress, self.checkpoint.seed
        )
        params = self.checkpoint.params
        params.prior_mean = params.prior_variance = params.recognition_variance = None
        self.run.save(self.checkpoint)

    def _finish(self) -> None:
        """Fit what belongs to the end of training, where a checkpoint lacks it."""
        params, images = self.checkpoint.params, self.dataset.x_train
        if params.prior_mean is not None and params.recognition_variance is not None:
            return
        if params.prior_mean is None:
            fit_prior(params, top_states(self.simulator, images, self.spec.inference))
        fit_recognition(params, images[:RECOGNITION_IMAGES], self.spec.plasticity, self.checkpoint.seed)
        self.run.save(self.checkpoint)

    def metrics(self, progress: Progress, seconds: float) -> dict[str, Any]:
        """One line of metrics.jsonl, measured on a few test images (training images where there are none)."""
        split = "train" if self.dataset.x_test is None else "test"
        images = self.dataset.x_train if self.dataset.x_test is None else self.dataset.x_test
        images = images[: measured_images(self.spec.engine)]
        result = measure(self.simulator, images, self.spec.inference)
        objective = result.objective()
        presented = progress.images - self.checkpoint.progress.images
        return {
            "epoch": progress.epoch,
            "images": progress.images,
            "presentations": progress.presentations,
            "seconds": round(seconds, 3),
            "images_per_second": round(presented / seconds, 1) if seconds else None,
            "split": split,
            "measured_images": len(images),
            "reconstruction_mse": result.reconstruction_mse,
            "deep_reconstruction_mse": result.deep_reconstruction_mse,
            "mean_image_mse": mean_image_mse(images, self.checkpoint.mean_image),
            "objective_start": {name: values[0] for name, values in objective.items()},
            "objective_end": {name: values[-1] for name, values in objective.items()},
            "variance": [float(v) for v in self.simulator.parameters().variance],
            "dead": [int(units.dead.sum()) for units in result.units],
            "saturated": [int(units.saturated.sum()) for units in result.units],
            **self.simulator.label.to_dict(),
            "data": self.dataset.name,
        }


def measured_images(engine: EngineSpec) -> int:
    """How many images are looked at after each epoch."""
    return MEASURED_IMAGES[engine.model if engine.backend == "lava" else "fused"]
