"""A run's folder: config.json, metrics.jsonl, checkpoint.safetensors, report.html; and who may write in it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from neuro_bpdl.data import Dataset, load
from neuro_bpdl.errors import (
    BadFile,
    CheckpointError,
    Diverged,
    HardwareLimit,
    InvalidInput,
    MissingDependency,
)
from neuro_bpdl.files.folders import new_folder, quoted, require_new
from neuro_bpdl.files.json_file import read_json
from neuro_bpdl.files.jsonl_file import read_lines, write_lines
from neuro_bpdl.files.locking import LOCK, FolderLock, take_if_free
from neuro_bpdl.files.writing import sweep, write_text
from neuro_bpdl.training.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from neuro_bpdl.training.config import DataRecord, RunConfig
from neuro_bpdl.training.split import training_part

__all__ = ["DataRecord", "RunConfig", "RunDir", "creating", "require_pixels"]

CONFIG, METRICS, CHECKPOINT, REPORT = "config.json", "metrics.jsonl", "checkpoint.safetensors", "report.html"
WRITTEN = (CONFIG, METRICS, CHECKPOINT, REPORT, "samples.npz", "samples.png", "inpaint.npz", "inpaint.png")


class RunDir:
    """An existing run's folder; see `creating` for a new one, and `locked` before writing.

    Attributes
    ----------
    lock : FolderLock or None
        Held inside `creating` and `locked`: then every write looks first whether the folder is still ours.
    """

    def __init__(self, path: Path, config: RunConfig, lock: FolderLock | None = None) -> None:
        self.path, self.config, self.lock = path, config, lock

    @classmethod
    def open(cls, path: str | Path) -> RunDir:
        """Open a run; what a killed one left in it half-written goes.

        Raises
        ------
        CheckpointError
            Not a run, or its config cannot be read or was changed.
        """
        path = Path(path)
        try:
            fields = read_json(path / CONFIG, "train again")
        except BadFile as error:
            if error.value in ("no such file", "Not a directory"):
                raise CheckpointError(
                    f"RUN: got {str(path)!r}, allowed: the folder of a training run (with {CONFIG}); "
                    "make one with neuro-bpdl train --out RUN"
                ) from None
            raise
        config = RunConfig.from_record(fields, str(path / CONFIG))
        _sweep_if_free(path)
        return cls(path, config)

    @property
    def report(self) -> Path:
        """Where the HTML report goes."""
        return self.path / REPORT

    @contextmanager
    def locked(self) -> Iterator[RunDir]:
        """This run, owned by this process until the block ends; leftovers of killed ones are swept.

        Raises
        ------
        FolderInUse
            Another process trains it.
        NotWritten
            The folder cannot be written.
        """
        lock = FolderLock(self.path)
        lock.take()
        try:
            _sweep(self.path)
            yield RunDir(self.path, RunDir.open(self.path).config, lock)
        finally:
            lock.release()

    def checkpoint(self) -> Checkpoint:
        """The last checkpoint; raises CheckpointError when it cannot be used with this run."""
        path = self.path / CHECKPOINT
        checkpoint, training = load_checkpoint(path), self.config.spec.training
        if checkpoint.params.network != self.config.network:
            raise CheckpointError(
                f"{path}: holds a network of sizes {checkpoint.params.network.sizes}, "
                f"allowed: {self.config.network.sizes} as in {CONFIG}; the file belongs to another run"
            )
        done = checkpoint.progress
        for name, found, allowed in (
            ("seed", checkpoint.seed, training.seed),
            ("images", done.images, done.presentations * training.batch),
            ("epoch", done.epoch, min(done.epoch, training.epochs)),
        ):
            if found != allowed:
                raise BadFile(f"{path}: {name}", found, f"{allowed} as in {CONFIG}", "the file belongs to another run")
        return checkpoint

    def save(self, checkpoint: Checkpoint) -> None:
        """Replace the checkpoint; raises CheckpointError when the folder is another's now, or cannot be written."""
        save_checkpoint(self.path / CHECKPOINT, checkpoint, self._require_mine)

    def metrics(self) -> list[dict[str, Any]]:
        """The lines of metrics.jsonl, oldest first; none without the file.

        Raises
        ------
        BadFile
            A line that is damaged, changed or missing.
        """
        path, mend = self.path / METRICS, "restore the file, or remove it to go on without the curve so far"
        if not path.exists():
            return []
        lines = read_lines(path, mend, digests=self.config.format > 1)
        for before, line in zip([None, *lines], lines, strict=False):
            epoch = line.get("epoch")
            if type(epoch) is not int or (before is not None and epoch != before["epoch"] + 1):
                raise BadFile(f"{path}: epoch", epoch, "the epochs one after the other", mend)
        return lines

    def metrics_until(self, epoch: int) -> list[dict[str, Any]]:
        """The lines up to an epoch that a checkpoint says is done; raises `BadFile` when the last are missing."""
        lines = [line for line in self.metrics() if line["epoch"] <= epoch]
        if lines and lines[-1]["epoch"] < epoch:
            raise BadFile(
                str(self.path / METRICS), f"lines to epoch {lines[-1]['epoch']}", f"up to {epoch}, as the checkpoint",
                "restore the file, or remove it to go on without the curve so far",
            )  # fmt: skip
        return lines

    def write_metrics(self, lines: list[dict[str, Any]]) -> None:
        """Replace metrics.jsonl; raises as `save`, and InvalidInput for numbers that are not finite."""
        write_lines(self.path / METRICS, lines, self._require_mine)

    def extended(self, epochs: int) -> RunDir:
        """The same run with more epochs to do; rewrites config.json.

        Raises
        ------
        InvalidInput
            Fewer epochs than the config has: that would shorten it; or more,
            where what an epoch does depends on how many there are.
        """
        spec = self.config.spec
        if epochs != spec.training.epochs and (spec.training.falling or spec.training.unlabelled == "inferred"):
            why = "learning rates fall to 0" if spec.training.falling else "inferred labels are all taught"
            raise InvalidInput(
                "--epochs", epochs, f"{spec.training.epochs}, by which this run's {why}",
                "train a longer run into a new folder",
            )  # fmt: skip
        if epochs < spec.training.epochs:
            raise InvalidInput(
                "--epochs", epochs, f"at least the {spec.training.epochs} that the run was made for",
                "leave --epochs out, or train a shorter run into a new folder",
            )  # fmt: skip
        training = type(spec.training)(**{**spec.training.model_dump(), "epochs": epochs})
        return self._with_config(spec.model_copy(update={"training": training}))

    def upgraded(self) -> RunDir:
        """The same run with its files in the newest format (with digests); writes only where that is missing."""
        if self.config.format == type(self.config).format:
            return self
        checkpoint, lines = self.checkpoint(), self.metrics()
        self.write_metrics(lines)
        self.save(checkpoint)
        return self._with_config(self.config.spec)

    def dataset(self) -> Dataset:
        """All of the data this run learns from, its validation images included.

        Raises
        ------
        InvalidInput, DataUnavailable
            The data cannot be loaded.
        CheckpointError
            They are not the same any more.
        """
        return self.same_data(load(self.data))

    @property
    def data(self) -> str:
        """The name `load` takes; a file that has moved is looked for here and beside the run."""
        name = self.config.spec.data
        places = (Path(name), Path(self.config.data.name), self.path.parent / self.config.data.name)
        if not name.lower().endswith(".npz"):
            return name
        return next((str(place) for place in places if place.is_file()), name)

    def matching(self, dataset: Dataset) -> Dataset:
        """``dataset``, all of it, with the images that the run learns from as its training images.

        Raises
        ------
        CheckpointError
            It is not what the run has learned.
        """
        return training_part(self.same_data(dataset), self.config.spec.training)

    def same_data(self, dataset: Dataset) -> Dataset:
        """``dataset`` itself; raises CheckpointError when it is not what the run has learned."""
        if dataset.sha256 != self.config.data.sha256:
            raise CheckpointError(
                f"--data: got {dataset.name} (sha256 {dataset.sha256[:12]}), allowed: the data of the run, "
                f"{self.config.data.name} (sha256 {self.config.data.sha256[:12]}); restore the data or train again"
            )
        return dataset

    def _with_config(self, spec: Any) -> RunDir:
        config = RunConfig(spec, self.config.data, self.config.versions, self.config.commit)
        write_text(self.path / CONFIG, config.to_json(), self._require_mine)
        return RunDir(self.path, config, self.lock)

    def _require_mine(self) -> None:
        if self.lock is not None:
            self.lock.require()


class NewRun(RunDir):
    """A run in a hidden folder; `publish` gives it its name, and it stays locked."""

    def __init__(self, folder: Any, config: RunConfig) -> None:
        super().__init__(folder.path, config, folder.lock)
        self._folder = folder

    def publish(self) -> None:
        """Let the run appear; from here on it can be continued if training is cut short."""
        self._folder.publish()
        self.path = self._folder.path


@contextmanager
def creating(out: str | Path, config: RunConfig) -> Iterator[NewRun]:
    """A new run, owned by this process until the block ends.

    What the block writes appears at ``out`` when it calls `NewRun.publish`, or
    when it ends well; nothing appears before. A refusal before the first epoch
    is done takes a published run away again: nothing was learned.

    Raises
    ------
    CheckpointError
        ``out`` exists, or its place cannot be written.
    """
    path = Path(out)
    try:
        require_new(path, "--out")
    except InvalidInput as error:
        if not os.path.lexists(path):
            raise CheckpointError(str(error)) from None
        raise CheckpointError(
            f"--out: got {str(path)!r}, which exists, allowed: a new folder; "
            f"continue it with neuro-bpdl train --resume {quoted(path)}, or choose another name"
        ) from None
    with new_folder(path, "--out") as folder:
        write_text(folder.path / CONFIG, config.to_json())
        run = NewRun(folder, config)
        try:
            yield run
        except (InvalidInput, HardwareLimit, MissingDependency, Diverged):
            if folder.published and run.checkpoint().progress.epoch == 0:
                folder.remove()
            raise


def _sweep(path: Path) -> None:
    for name in WRITTEN:
        sweep(path / name)


def _sweep_if_free(path: Path) -> None:
    """Tidy up after a killed writer, unless somebody owns the folder."""
    try:
        hidden = [name for name in os.listdir(path) if name.startswith(".")]
    except OSError:
        return
    if not hidden:
        return
    lock = take_if_free(path) if os.access(path, os.W_OK) else None
    if lock is not None:
        if hidden != [LOCK]:
            _sweep(path)
        lock.release()


def require_pixels(run: RunDir, dataset: Dataset) -> None:
    """Refuse images of another size than the run's network sees."""
    visible = run.config.network.sizes[0]
    if dataset.pixels != visible:
        raise InvalidInput(
            "--data", f"{dataset.name}, images of {dataset.pixels} pixels", f"images of {visible} pixels, as trained",
            "choose the data the run has learned",
        )  # fmt: skip
