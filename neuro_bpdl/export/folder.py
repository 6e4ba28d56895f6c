"""A folder that is whole or not there, and whose files are what was written."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from neuro_bpdl.errors import CheckpointError, InvalidInput

CHECKSUMS = "checksums.json"
ALGORITHM = "sha256"
MEND = "export it again"


@contextmanager
def new_folder(out: str | Path) -> Iterator[Path]:
    """A hidden folder to write into; at the end of the block it gets checksums and the name ``out``.

    Nothing appears at ``out`` when the block fails.

    Raises
    ------
    InvalidInput
        ``out`` exists, or nothing can be written there.
    """
    path = Path(out)
    if path.exists() or path.is_symlink():
        raise InvalidInput("out", str(path), "a folder that does not exist yet", "remove it or choose another name")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        hidden = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
    except OSError as error:
        raise _not_writable(path, error) from None
    try:
        yield hidden
        _write_checksums(hidden)
        for file in hidden.iterdir():
            file.chmod(0o644)
        hidden.chmod(0o755)
        hidden.rename(path)
    except OSError as error:
        raise _not_writable(path, error) from None
    finally:
        shutil.rmtree(hidden, ignore_errors=True)


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
        try:
            found = hashlib.sha256((path / name).read_bytes()).hexdigest()
        except OSError as error:
            raise CheckpointError(f"{path / name}: cannot be read ({error.strerror}); {MEND}") from None
        if found != expected:
            raise CheckpointError(f"{path / name}: {ALGORITHM} is {found}, {CHECKSUMS} says {expected}; {MEND}")


def read_json(path: Path) -> dict[str, Any]:
    """The object in a JSON file; raises CheckpointError when there is none."""
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise CheckpointError(f"{path}: cannot be read ({error.strerror}); give a folder made by export") from None
    except ValueError as error:
        raise CheckpointError(f"{path}: is not JSON ({error}); {MEND}") from None
    if not isinstance(record, dict):
        raise CheckpointError(f"{path}: holds a {type(record).__name__}, allowed: an object; {MEND}")
    return record


def write_json(path: Path, record: dict[str, Any]) -> None:
    """An object as JSON, without the numbers that JSON has not (NaN, infinity)."""
    path.write_text(json.dumps(record, indent=1, allow_nan=False) + "\n", encoding="utf-8")


def _recorded(path: Path) -> dict[str, str]:
    record = read_json(path / CHECKSUMS)
    files = record.get("files")
    if record.get("algorithm") != ALGORITHM or not isinstance(files, dict):
        raise CheckpointError(f"{path / CHECKSUMS}: is not a list of {ALGORITHM} sums; {MEND}")
    if any(Path(name).name != name for name in files):
        raise CheckpointError(f"{path / CHECKSUMS}: names a file outside the folder; {MEND}")
    return files


def _write_checksums(folder: Path) -> None:
    sums = {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in sorted(folder.iterdir())}
    write_json(folder / CHECKSUMS, {"algorithm": ALGORITHM, "files": sums})


def _not_writable(path: Path, error: OSError) -> InvalidInput:
    return InvalidInput("out", str(path), "a new folder where you may write", f"{error.strerror}: choose another")
