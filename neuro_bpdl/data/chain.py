"""A known data set through a chain of sources, each held to the same pinned hashes."""

from __future__ import annotations

import os
import tempfile
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np

from neuro_bpdl.data import pins
from neuro_bpdl.data.arrays import to_dataset
from neuro_bpdl.data.dataset import Dataset
from neuro_bpdl.data.downloads import Raw, SourceFailed
from neuro_bpdl.data.npz import read_npz
from neuro_bpdl.errors import DataUnavailable, InvalidInput

DATA_DIR_VARIABLE = "NEURO_BPDL_DATA_DIR"


@dataclass(frozen=True)
class Known:
    """A data set that is known by the hashes of its arrays.

    Attributes
    ----------
    title : str
        What it is in a message, e.g. "MNIST".
    sources : sequence of (name, function)
        Where it is taken from when no file has it; best first.
    mend : str
        What to do where no source delivers.
    """

    name: str
    title: str
    pins: Mapping[str, pins.Pin]
    attribution: str
    sources: Sequence[tuple[str, Callable[[], Raw]]]
    mend: str

    @property
    def file_name(self) -> str:
        """Its file in the cache, or in ``$NEURO_BPDL_DATA_DIR``."""
        return f"{self.name}.npz"


def load_known(known: Known) -> Dataset:
    """The data set from ``$NEURO_BPDL_DATA_DIR``, the user's cache, or the first source that has it.

    What a source brought is kept in the first of those two folders; one that
    cannot be written to costs a warning only.

    Raises
    ------
    DataUnavailable
        No source delivered (the message lists them and what each said), or a
        source delivered something else.
    """
    said: list[str] = []
    for source, path in local_files(known.file_name):
        if path.exists():
            return _from_local(known, source, path)
        said.append(f"{source}: no {path}")
    return _from_sources(known, said)


def local_files(file_name: str) -> list[tuple[str, Path]]:
    """Where a file is looked for before any download: (source, path), best first."""
    files = [("cache", _cache_dir() / file_name)]
    if folder := os.environ.get(DATA_DIR_VARIABLE):
        files.insert(0, (DATA_DIR_VARIABLE, Path(folder) / file_name))
    return files


def dataset_of(known: Known, raw: Raw, source: str) -> Dataset:
    """The raw arrays as the data set they are."""
    return to_dataset(raw, name=known.name, source=source, attribution=known.attribution)


def _cache_dir() -> Path:
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "neuro-bpdl"


def _from_local(known: Known, source: str, path: Path) -> Dataset:
    try:
        raw = read_npz(path)
    except InvalidInput as error:
        raise DataUnavailable(
            f"{known.name} from {source}: {error}, or delete it to download {known.title}"
        ) from None
    _require_known(known, raw, source, f"delete {path} to download {known.title}")
    return dataset_of(known, raw, source)


def _from_sources(known: Known, said: list[str]) -> Dataset:
    for source, fetch in known.sources:
        try:
            raw = fetch()
        except SourceFailed as error:
            said.append(f"{source}: {error}")
            continue
        _require_known(known, raw, source, f"use a {known.file_name} you trust")
        _keep(known, raw)
        return dataset_of(known, raw, source)
    raise DataUnavailable(f"{known.name}: no source has it ({' | '.join(said)}); {known.mend}")


def _require_known(known: Known, raw: Raw, source: str, mend: str) -> None:
    if problem := pins.mismatch(raw, known.pins):
        raise DataUnavailable(f"{known.name} from {source}: not the official arrays: {problem}; {mend}")


def _keep(known: Known, raw: Raw) -> None:
    """Write the cache: complete or not at all."""
    path = local_files(known.file_name)[0][1]
    temporary = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        prefix = f".{known.name}-"
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=prefix, suffix=".tmp", delete=False) as file:
            temporary = Path(file.name)
            np.savez_compressed(file, **cast("dict[str, Any]", raw))
        os.replace(temporary, path)
    except OSError as error:
        warnings.warn(f"{known.name} was not kept in {path.parent} ({error}): it is downloaded again next time",
                      RuntimeWarning, stacklevel=2)
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
