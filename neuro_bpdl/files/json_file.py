"""JSON objects: read with every doubt, written so that any other program can read them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from neuro_bpdl.errors import BadFile, InvalidInput
from neuro_bpdl.files.reading import read_text, require_plain
from neuro_bpdl.files.writing import write_text

DIGEST = "digest"


def read_json(path: Path, mend: str) -> dict[str, Any]:
    """The object in a file.

    Raises
    ------
    BadFile
        Unreadable, no UTF-8, no JSON, nested too deeply, not an object, a name
        given twice, or a value that `require_plain` refuses.
    """
    return parse_json(read_text(path, "a JSON file", mend), str(path), mend)


def parse_json(text: str, file: str, mend: str) -> dict[str, Any]:
    """The object in a text; ``file`` is for the message. Raises `BadFile` as `read_json`."""
    try:
        value = json.loads(text, object_pairs_hook=_object)
    except RecursionError:
        raise BadFile(file, "brackets nested too deeply", "JSON", mend) from None
    except ValueError as error:
        raise BadFile(file, " ".join(str(error).split()), "JSON", mend) from None
    if not isinstance(value, dict):
        raise BadFile(file, value, "a JSON object", mend)
    require_plain(value, file, mend)
    return value


def json_text(value: Any, indent: int | None = None) -> str:
    """A value as JSON, without the numbers that JSON has not.

    Raises
    ------
    InvalidInput
        NaN or infinity: whoever calls has to catch divergence before.
    """
    try:
        return json.dumps(value, indent=indent, allow_nan=False)
    except ValueError:
        raise InvalidInput("JSON", "NaN or infinity", "finite numbers", "a computation has diverged") from None


def write_json(
    path: Path, record: dict[str, Any], indent: int | None = 1, owned: Callable[[], None] | None = None
) -> None:
    """An object into a file, atomically; ``owned`` and what is raised as of `json_text` and `write_text`."""
    write_text(path, json_text(record, indent) + "\n", owned)


def signed(record: dict[str, Any]) -> dict[str, Any]:
    """The record with a digest of all else in it."""
    return {**record, DIGEST: digest(record)}


def digest(record: dict[str, Any]) -> str:
    """SHA-256 of the record without its digest: of its values, not of how it is laid out."""
    rest = {name: value for name, value in record.items() if name != DIGEST}
    text = json.dumps(rest, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def require_digest(record: dict[str, Any], file: str, mend: str, *, needed: bool) -> None:
    """Refuse a record that is not what was written.

    Parameters
    ----------
    needed : bool
        Whether a record without a digest is refused too (files of older versions have none).

    Raises
    ------
    BadFile
    """
    if DIGEST not in record:
        if needed:
            raise BadFile(f"{file}: {DIGEST}", None, "the SHA-256 of the rest", mend)
        return
    if record[DIGEST] != digest(record):
        raise BadFile(f"{file}: {DIGEST}", record[DIGEST], "the SHA-256 of the rest: something was changed", mend)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"{twice!r} is given twice")
    return found
