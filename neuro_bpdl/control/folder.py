"""A folder with one agent per seed: config.json, agent-SEED.safetensors, result.json; locked while it is written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field
from typing_extensions import Self

from neuro_bpdl.errors import BadFile, CheckpointError
from neuro_bpdl.files.folders import new_folder
from neuro_bpdl.files.json_file import read_json, require_digest, signed, write_json
from neuro_bpdl.files.locking import FolderLock
from neuro_bpdl.files.records import record
from neuro_bpdl.files.writing import sweep
from neuro_bpdl.spec.base import Spec
from neuro_bpdl.training.provenance import commit, versions

CONFIG, RESULT = "config.json", "result.json"
MEND = "restore it from a copy, or train again"


def kind_of(path: str | Path) -> str | None:
    """What kind of run a folder's config.json says it is; None where it says nothing.

    Raises
    ------
    BadFile
    """
    file = Path(path) / CONFIG
    kind = read_json(file, MEND).get("kind") if file.is_file() else None
    return kind if isinstance(kind, str) else None


class Config(Spec):
    """config.json; subclasses add the spec."""

    format: Literal[1] = 1
    kind: str
    seeds: Annotated[tuple[int, ...], Field(min_length=1, max_length=1000)]
    versions: dict[str, str]
    commit: str | None
    digest: str | None = None
    spec: Any


class SeedRuns:
    """An existing run's folder; subclasses say what a seed's agent is.

    Attributes
    ----------
    path : Path
    config : Config
    """

    kind: ClassVar[str]
    config_type: ClassVar[type[Config]]
    command: ClassVar[str]

    def __init__(self, path: Path, config: Any, lock: FolderLock | None = None) -> None:
        self.path, self.config, self._lock = path, config, lock

    @property
    def computed_by(self) -> str:
        """Backend, model, arithmetic and rounding."""
        raise NotImplementedError

    @classmethod
    def open(cls, path: str | Path) -> Self:
        """Open a run.

        Raises
        ------
        CheckpointError
            No run of this kind, or changed.
        """
        file = Path(path) / CONFIG
        if not file.is_file():
            raise CheckpointError(
                f"RUN: got {str(path)!r}, allowed: the folder of a {cls.kind} run (with {CONFIG}); make one with "
                f"{cls.command} --out RUN"
            )
        fields = read_json(file, MEND)
        if fields.get("kind") != cls.kind:
            raise BadFile(f"{file}: kind", fields.get("kind"), cls.kind, f"choose a run of {cls.command}")
        config = record(cls.config_type, fields, str(file), MEND)
        require_digest(fields, str(file), MEND, needed=True)
        return cls(Path(path), config)

    @contextmanager
    def locked(self) -> Iterator[Self]:
        """This run, owned by this process until the block ends; raises FolderInUse."""
        lock = FolderLock(self.path)
        lock.take()
        try:
            for name in (CONFIG, RESULT, *(self.file(seed).name for seed in self.config.seeds)):
                sweep(self.path / name)
            yield type(self)(self.path, type(self).open(self.path).config, lock)
        finally:
            lock.release()

    @classmethod
    @contextmanager
    def creating(cls, out: str | Path, spec: Any, seeds: int) -> Iterator[Self]:
        """A new run for the seeds spec.seed … + ``seeds`` − 1, owned by this process until the block ends.

        The folder appears at once, so that a run that is cut can be resumed; it goes again when nothing was learned.

        Raises
        ------
        InvalidInput
            ``out`` exists.
        """
        chosen = tuple(range(spec.seed, spec.seed + seeds))
        config = cls.config_type(kind=cls.kind, spec=spec, seeds=chosen, versions=versions(), commit=commit())
        with new_folder(out, "--out") as folder:
            write_json(folder.path / CONFIG, signed(config.model_dump(mode="json", exclude={"digest"})))
            folder.publish()
            try:
                yield cls(folder.path, config, folder.lock)
            except Exception:
                if not any(folder.path.glob("agent-*")):
                    folder.remove()
                raise

    def spec_of(self, seed: int) -> Any:
        """The spec with this seed."""
        return self.config.spec.model_copy(update={"seed": seed})

    def file(self, seed: int) -> Path:
        """Where a seed's agent is."""
        return self.path / f"agent-{seed}.safetensors"

    def require_mine(self) -> None:
        """Refuse to write into a folder that is another's now; raises CheckpointError."""
        if self._lock is not None:
            self._lock.require()

    def finish(self, result: dict[str, Any]) -> dict[str, Any]:
        """Write result.json."""
        write_json(self.path / RESULT, signed(result), owned=self.require_mine)
        return result
