"""A run's folder: config.json, metrics.jsonl, checkpoint.safetensors, report.html."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from neuro_bpdl.data import Dataset, load
from neuro_bpdl.errors import CheckpointError, InvalidInput
from neuro_bpdl.spec import NetworkSpec, RunSpec
from neuro_bpdl.training.checkpoint import Checkpoint, load_checkpoint, save_checkpoint, write_atomically
from neuro_bpdl.training.provenance import commit, versions

FORMAT = 1
CONFIG, METRICS, CHECKPOINT, REPORT = "config.json", "metrics.jsonl", "checkpoint.safetensors", "report.html"


@dataclass(frozen=True)
class DataRecord:
    """Which data a run has learned from."""

    name: str
    sha256: str
    source: str
    train_images: int
    test_images: int
    image_shape: tuple[int, ...]

    @classmethod
    def of(cls, dataset: Dataset) -> DataRecord:
        """The record of a loaded (and perhaps limited) data set."""
        tests = 0 if dataset.x_test is None else len(dataset.x_test)
        return cls(dataset.name, dataset.sha256, dataset.source, len(dataset.x_train), tests, dataset.image_shape)


@dataclass(frozen=True)
class RunConfig:
    """config.json: the spec, and what else it takes to repeat the run."""

    spec: RunSpec
    data: DataRecord
    versions: dict[str, str]
    commit: str | None

    @classmethod
    def of(cls, spec: RunSpec, dataset: Dataset) -> RunConfig:
        """The config of a run that starts now."""
        return cls(spec, DataRecord.of(dataset), versions(), commit())

    @property
    def network(self) -> NetworkSpec:
        """The network, the visible layer included."""
        visible = 1
        for size in self.data.image_shape:
            visible *= size
        return self.spec.network(visible)

    def to_json(self) -> str:
        """The text of config.json."""
        record = {
            "format": FORMAT,
            "spec": self.spec.model_dump(mode="json"),
            "data": {**vars(self.data), "image_shape": list(self.data.image_shape)},
            "visible": self.network.sizes[0],
            "versions": self.versions,
            "commit": self.commit,
        }
        return json.dumps(record, indent=2) + "\n"

    @classmethod
    def from_json(cls, text: str) -> RunConfig:
        """Read config.json's text; raises KeyError, TypeError or ValueError when it is something else."""
        record = json.loads(text)
        if record["format"] != FORMAT:
            raise ValueError(f"format {record['format']!r}, allowed: {FORMAT}")
        data = {**record["data"], "image_shape": tuple(record["data"]["image_shape"])}
        return cls(RunSpec(**record["spec"]), DataRecord(**data), record["versions"], record["commit"])


class RunDir:
    """An existing run's folder; see `creating` for a new one."""

    def __init__(self, path: Path, config: RunConfig) -> None:
        self.path, self.config = path, config

    @classmethod
    def open(cls, path: str | Path) -> RunDir:
        """Open a run.

        Raises
        ------
        CheckpointError
            Not a run, or its config cannot be read.
        """
        path = Path(path)
        try:
            text = (path / CONFIG).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            raise CheckpointError(
                f"RUN: got {str(path)!r}, allowed: the folder of a training run (with {CONFIG}); "
                "make one with neuro-bpdl train --out RUN"
            ) from None
        try:
            return cls(path, RunConfig.from_json(text))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            reason = " ".join(str(error).split())
            raise CheckpointError(f"{path / CONFIG}: not a config of this version ({reason}); train again") from None

    @property
    def report(self) -> Path:
        """Where the HTML report goes."""
        return self.path / REPORT

    def checkpoint(self) -> Checkpoint:
        """The last checkpoint; raises CheckpointError when it cannot be used with this run."""
        checkpoint = load_checkpoint(self.path / CHECKPOINT)
        if checkpoint.params.network != self.config.network:
            raise CheckpointError(
                f"{self.path / CHECKPOINT}: holds a network of sizes {checkpoint.params.network.sizes}, "
                f"allowed: {self.config.network.sizes} as in {CONFIG}; the file belongs to another run"
            )
        return checkpoint

    def save(self, checkpoint: Checkpoint) -> None:
        """Replace the checkpoint."""
        save_checkpoint(self.path / CHECKPOINT, checkpoint)

    def metrics(self) -> list[dict[str, Any]]:
        """The lines of metrics.jsonl, oldest first; a last line cut short is left out."""
        try:
            lines = (self.path / METRICS).read_text(encoding="utf-8").splitlines()
        except OSError:
            return []
        return [line for line in map(_parsed, lines) if line is not None]

    def write_metrics(self, lines: list[dict[str, Any]]) -> None:
        """Replace metrics.jsonl."""
        text = "".join(json.dumps(line) + "\n" for line in lines)
        write_atomically(self.path / METRICS, text.encode("utf-8"))

    def extended(self, epochs: int) -> RunDir:
        """The same run with more epochs to do; rewrites config.json."""
        spec = self.config.spec
        longer = spec.model_copy(update={"training": spec.training.model_copy(update={"epochs": epochs})})
        config = RunConfig(longer, self.config.data, self.config.versions, self.config.commit)
        write_atomically(self.path / CONFIG, config.to_json().encode("utf-8"))
        return RunDir(self.path, config)

    def dataset(self) -> Dataset:
        """The data this run learns from, limited as it was.

        Raises
        ------
        InvalidInput, DataUnavailable
            The data cannot be loaded.
        CheckpointError
            They are not the same any more.
        """
        return self.matching(load(self.config.spec.data))

    def matching(self, dataset: Dataset) -> Dataset:
        """``dataset`` limited as in training; raises CheckpointError when it is another one."""
        if dataset.sha256 != self.config.data.sha256:
            raise CheckpointError(
                f"--data: got {dataset.name} (sha256 {dataset.sha256[:12]}), allowed: the data of the run, "
                f"{self.config.data.name} (sha256 {self.config.data.sha256[:12]}); restore the data or train again"
            )
        limit = self.config.spec.training.limit
        return dataset if limit is None else dataset.limit(limit)


@contextmanager
def creating(out: str | Path, config: RunConfig) -> Iterator[RunDir]:
    """A new run: what the block writes appears at ``out`` when it ends well, and nothing otherwise.

    Raises
    ------
    CheckpointError
        ``out`` exists, or its place cannot be written.
    """
    path = Path(out)
    if path.exists() or path.is_symlink():
        raise CheckpointError(
            f"--out: got {str(path)!r}, which exists, allowed: a new folder; "
            f"continue it with neuro-bpdl train --resume {path}, or choose another name"
        )
    hidden = _hidden_folder(path)
    try:
        (hidden / CONFIG).write_text(config.to_json(), encoding="utf-8")
        yield RunDir(hidden, config)
        _publish(hidden, path)
    finally:
        shutil.rmtree(hidden, ignore_errors=True)


def _hidden_folder(path: Path) -> Path:
    """A temporary folder on the file system of ``path``, in its nearest existing parent."""
    parent = next(folder for folder in path.absolute().parents if folder.exists())
    try:
        return Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=parent))
    except OSError as error:
        raise _not_writable(path, error) from None


def _publish(hidden: Path, path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        hidden.chmod(0o755)
        hidden.rename(path)
    except OSError as error:
        raise _not_writable(path, error) from None


def _not_writable(path: Path, error: OSError) -> CheckpointError:
    return CheckpointError(
        f"--out: got {str(path)!r}, where nothing can be written ({error.strerror}), "
        "allowed: a new folder in a place that you may write to; choose another --out"
    )


def _parsed(line: str) -> dict[str, Any] | None:
    try:
        record = json.loads(line)
    except json.JSONDecodeError:
        return None
    return record if isinstance(record, dict) else None


def require_pixels(run: RunDir, dataset: Dataset) -> None:
    """Refuse images of another size than the run's network sees."""
    visible = run.config.network.sizes[0]
    if dataset.pixels != visible:
        raise InvalidInput(
            "--data", f"{dataset.name}, images of {dataset.pixels} pixels", f"images of {visible} pixels, as trained",
            "choose the data the run has learned",
        )  # fmt: skip
