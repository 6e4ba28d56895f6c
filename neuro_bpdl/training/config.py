"""config.json: the spec of a run, and what else it takes to repeat it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from pydantic import Field
from pydantic.dataclasses import dataclass as checked

from neuro_bpdl.data import Dataset
from neuro_bpdl.errors import BadFile
from neuro_bpdl.files.json_file import json_text, require_digest, signed
from neuro_bpdl.files.records import record
from neuro_bpdl.spec import NetworkSpec, RunSpec
from neuro_bpdl.spec.base import Spec
from neuro_bpdl.training.provenance import commit, versions

FORMAT = 2  # 1 had no digest; it is read, and written anew when the run goes on
MEND = "restore it from a copy, or train again"
Size = Annotated[int, Field(ge=1, le=100_000_000)]


@checked(frozen=True)
class DataRecord:
    """Which data a run has learned from."""

    name: str
    sha256: str
    source: str
    train_images: Annotated[int, Field(ge=1)]
    test_images: Annotated[int, Field(ge=0)]
    image_shape: Annotated[tuple[Size, ...], Field(min_length=1, max_length=2)]

    @classmethod
    def of(cls, dataset: Dataset) -> DataRecord:
        """The record of a loaded (and perhaps limited) data set."""
        tests = 0 if dataset.test_rows is None else len(dataset.test_rows)
        shape = dataset.image_shape
        return cls(dataset.name, dataset.sha256, dataset.source, len(dataset.train_rows), tests, shape)


class _Text(Spec):
    """config.json as it is in the file."""

    format: Annotated[int, Field(ge=1, le=FORMAT)]
    spec: RunSpec
    data: DataRecord
    visible: Size
    versions: dict[str, str]
    commit: str | None
    digest: str | None = None


@checked(frozen=True)
class RunConfig:
    """The spec, and what else it takes to repeat the run."""

    spec: RunSpec
    data: DataRecord
    versions: dict[str, str]
    commit: str | None
    format: int = FORMAT

    @classmethod
    def of(cls, spec: RunSpec, dataset: Dataset) -> RunConfig:
        """The config of a run that starts now; paths in it hold from every folder."""
        return cls(anchored(spec), DataRecord.of(dataset), versions(), commit())

    @property
    def network(self) -> NetworkSpec:
        """The network, the visible layer included."""
        visible = 1
        for size in self.data.image_shape:
            visible *= size
        return self.spec.network(visible)

    def to_json(self) -> str:
        """The text of config.json."""
        shape = list(self.data.image_shape)
        fields = {
            "format": FORMAT,
            "spec": self.spec.model_dump(mode="json"),
            "data": {**{name: getattr(self.data, name) for name in DATA_FIELDS}, "image_shape": shape},
            "visible": self.network.sizes[0],
            "versions": self.versions,
            "commit": self.commit,
        }
        return json_text(signed(fields), indent=2) + "\n"

    @classmethod
    def from_record(cls, fields: dict[str, Any], file: str) -> RunConfig:
        """What config.json's object says.

        Raises
        ------
        BadFile
            A field that is missing, of another type or out of range, another version, or a file that was changed.
        """
        found = record(_Text, fields, file, MEND)
        require_digest(fields, file, MEND, needed=found.format > 1)
        config = cls(found.spec, found.data, found.versions, found.commit, found.format)
        if config.network.sizes[0] != found.visible:
            raise BadFile(f"{file}: visible", found.visible, f"{config.network.sizes[0]}, the pixels of data", MEND)
        return config


DATA_FIELDS = ("name", "sha256", "source", "train_images", "test_images", "image_shape")


def anchored(spec: RunSpec) -> RunSpec:
    """The spec with its files named from the root, so that a run can be continued from any folder."""
    files = {"data": (spec.data, ".npz"), "target": (spec.target, ".toml")}
    found = {
        field: str(Path(value).absolute())
        for field, (value, ending) in files.items()
        if value is not None and value.lower().endswith(ending) and Path(value).is_file()
    }
    return spec.model_copy(update=found) if found else spec
