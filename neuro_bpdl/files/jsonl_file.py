"""Lines of JSON, each with its own digest."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from neuro_bpdl.files.json_file import DIGEST, json_text, parse_json, require_digest, signed
from neuro_bpdl.files.reading import read_text
from neuro_bpdl.files.writing import write_text


def read_lines(path: Path, mend: str, *, digests: bool) -> list[dict[str, Any]]:
    """The objects of a file, in order, without their digests.

    Parameters
    ----------
    digests : bool
        Whether every line needs one; what is there is checked in any case.

    Raises
    ------
    BadFile
        Names the line.
    """
    records = []
    for number, line in enumerate(read_text(path, "lines of JSON", mend).splitlines(), start=1):
        place = f"{path}, line {number}"
        record = parse_json(line, place, mend)
        require_digest(record, place, mend, needed=digests)
        records.append({name: value for name, value in record.items() if name != DIGEST})
    return records


def write_lines(path: Path, records: list[dict[str, Any]], owned: Callable[[], None] | None = None) -> None:
    """Replace the file, atomically; ``owned`` as of `write_bytes`."""
    write_text(path, "".join(json_text(signed(record)) + "\n" for record in records), owned)
