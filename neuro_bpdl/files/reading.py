"""Bytes of a file, and plain values out of a parsed one; every failure in one line."""

from __future__ import annotations

import math
import stat
from pathlib import Path
from typing import Any

from neuro_bpdl.errors import BadFile

LARGEST_TEXT = 256 << 20
_INTEGERS = range(-(2**63), 2**64)  # what other programs can hold


def read_bytes(path: Path, allowed: str, mend: str, largest: int | None = None) -> bytes:
    """All of a regular file.

    Raises
    ------
    BadFile
        No such file, not a file (a folder, a pipe), unreadable, or too large.
    """
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise BadFile(str(path), "no regular file", allowed, mend)
        if largest is not None and status.st_size > largest:
            raise BadFile(str(path), f"{status.st_size} bytes", f"{allowed} of at most {largest} bytes", mend)
        return path.read_bytes()
    except FileNotFoundError:
        raise BadFile(str(path), "no such file", allowed, mend) from None
    except (OSError, ValueError) as error:
        raise BadFile(str(path), _said(error), allowed, mend) from None


def read_text(path: Path, allowed: str, mend: str) -> str:
    """All of a UTF-8 file; raises `BadFile` as `read_bytes`, and where the bytes are no UTF-8."""
    content = read_bytes(path, allowed, mend, LARGEST_TEXT)
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadFile(str(path), f"byte {error.start} is no UTF-8", allowed, mend) from None


def require_plain(value: Any, file: str, mend: str, place: str = "") -> None:
    """Refuse, by its place, what no file of ours holds.

    That is infinity and NaN, integers beyond 64 bits, text with a NUL byte or
    half a character.

    Raises
    ------
    BadFile
    """
    if isinstance(value, dict):
        for key, part in value.items():
            require_plain(key, file, mend, place)
            require_plain(part, file, mend, f"{place}.{key}" if place else str(key))
    elif isinstance(value, (list, tuple)):
        for index, part in enumerate(value):
            require_plain(part, file, mend, f"{place}[{index}]")
    elif problem := _not_plain(value):
        raise BadFile(f"{file}: {place}" if place else file, value, problem, mend)


def _not_plain(value: Any) -> str:
    if isinstance(value, str):
        if "\0" in value:
            return "text without NUL bytes"
        return "" if value.isascii() or not any("\ud800" <= c <= "\udfff" for c in value) else "whole characters"
    if isinstance(value, int):
        return "" if value in _INTEGERS else "an integer of at most 64 bits"
    if isinstance(value, float):
        return "" if math.isfinite(value) else "a finite number"
    return ""


def _said(error: Exception) -> str:
    return getattr(error, "strerror", None) or " ".join(str(error).split())
