"""A folder that is whole or not there, and whose files are what was written."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from neuro_bpdl.errors import CheckpointError
from neuro_bpdl.files import json_file
from neuro_bpdl.files.folders import new_folder as new_hidden_folder
from neuro_bpdl.files.locking import LOCK
from neuro_bpdl.files.reading import read_bytes

CHECKSUMS = "checksums.json"
ALGORITHM = "sha256"
MEND = "export it again (neuro-bpdl export RUN --out NEW)"


@contextmanager
def new_folder(out: str | Path) -> Iterator[Path]:
    """A hidden folder to write into; at the end of the block it gets checksums and the name ``out``.

    Nothing appears at ``out`` when the block fails.

    Raises
    ------
    InvalidInput
        ``out`` exists.
    NotWritten
        Nothing can be written there.
    """
    with new_hidden_folder(out) as folder:
        yield folder.path
        _write_checksums(folder.path)


def verify(path: Path, required: tuple[str, ...]) -> None:
    """Refuse a folder with a file that is missing or not as it was written.

    Raises
    ------
    CheckpointError
        Names the file, its checksum and the recorded one.
    """
    recorded = _recorded(path)
    for name in required:
        if name not in recorded:
            raise CheckpointError(f"{path / CHECKSUMS}: has no checksum of {name}; {MEND}")
    for name, expected in recorded.items():
        found = hashlib.sha256(read_bytes(path / name, "a file of the export", MEND)).hexdigest()
        if found != expected:
            raise CheckpointError(f"{path / name}: {ALGORITHM} is {found}, {CHECKSUMS} says {expected}; {MEND}")


def read_json(path: Path) -> dict[str, Any]:
    """The object in a JSON file; raises CheckpointError when there is none."""
    return json_file.read_json(path, MEND)


def write_json(path: Path, record: dict[str, Any]) -> None:
    """An object as JSON, without the numbers that JSON has not (NaN, infinity)."""
    json_file.write_json(path, record)


def _recorded(path: Path) -> dict[str, str]:
    record = read_json(path / CHECKSUMS)
    files = record.get("files")
    if record.get("algorithm") != ALGORITHM or not isinstance(files, dict):
        raise CheckpointError(f"{path / CHECKSUMS}: is not a list of {ALGORITHM} sums; {MEND}")
    if any(Path(name).name != name for name in files):
        raise CheckpointError(f"{path / CHECKSUMS}: names a file outside the folder; {MEND}")
    return files


def _write_checksums(folder: Path) -> None:
    files = [file for file in sorted(folder.iterdir()) if file.name != LOCK]
    sums = {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in files}
    write_json(folder / CHECKSUMS, {"algorithm": ALGORITHM, "files": sums})
