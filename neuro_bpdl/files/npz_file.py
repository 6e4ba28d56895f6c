"""Arrays in an .npz archive: written to the same bytes whatever the clock says, read without trust."""

from __future__ import annotations

import io
import lzma
import struct
import tokenize
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.errors import BadFile
from neuro_bpdl.files.reading import read_bytes
from neuro_bpdl.files.writing import write_bytes

# What zipfile, zlib and numpy's header parser raise on damaged or hostile files.
_UNREADABLE = (
    OSError, ValueError, EOFError, LookupError, NotImplementedError, RuntimeError, MemoryError, ArithmeticError,
    TypeError, AttributeError, SyntaxError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error,
    tokenize.TokenError,
)  # fmt: skip
_EPOCH = (1980, 1, 1, 0, 0, 0)  # zip's first day: archives do not depend on the clock


def write_npz(path: Path, arrays: dict[str, NDArray[Any]]) -> None:
    """Replace ``path``; the same arrays give the same bytes. Raises `NotWritten`."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, array in arrays.items():
            part = io.BytesIO()
            np.save(part, array, allow_pickle=False)
            info = zipfile.ZipInfo(f"{name}.npy", _EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, part.getvalue())
    write_bytes(path, buffer.getvalue())


def read_npz(path: Path, allowed: str, names: Sequence[str]) -> dict[str, NDArray[Any]]:
    """Those of the arrays called ``names`` that the archive has. Nothing is unpickled.

    Raises
    ------
    BadFile
        Missing, unreadable, no archive, cut short, or with Python objects in it.
    """
    content = read_bytes(path, allowed, "check the path")
    if not zipfile.is_zipfile(io.BytesIO(content)):
        raise BadFile(str(path), "no .npz archive, or one cut short", allowed, "save it anew")
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as archive:
            _require_all(archive.zip, content)
            arrays = {name: archive[name] for name in names if name in archive.files}
    except _UNREADABLE as error:
        raise BadFile(str(path), _said(error), allowed, _mend(error)) from None
    for name, array in arrays.items():
        if not isinstance(array, np.ndarray):
            raise BadFile(f"{path}: {name}", "no numpy array", "arrays", "save the file with numpy.savez")
    return arrays


def _require_all(archive: zipfile.ZipFile, content: bytes) -> None:
    """Damage in the directory could hide an array: a name, or a length that swallows the next entry."""
    members = archive.infolist()
    for member in members:
        archive.open(member).close()
    end = content.rfind(b"PK\5\6")
    told = int.from_bytes(content[end + 10 : end + 12], "little")
    if told not in (len(members), 0xFFFF):  # as many as that are counted elsewhere
        raise ValueError(f"{len(members)} arrays where its end tells of {told}")


def _said(error: BaseException) -> str:
    return " ".join(str(error).split())[:120] or type(error).__name__


def _mend(error: BaseException) -> str:
    if "allow_pickle" in str(error):
        return "it holds Python objects, which are never unpickled: save plain arrays of numbers"
    return "it cannot be read: save it anew"
