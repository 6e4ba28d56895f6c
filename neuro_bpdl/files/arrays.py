"""Named arrays with a header in one safetensors file, and a digest of all of it.

What is written is read back from memory and compared with the *source*
arrays: safetensors 0.8 takes a strided array's memory as if it were contiguous.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.errors import BadFile, InvalidInput, NotWritten
from neuro_bpdl.files.json_file import parse_json
from neuro_bpdl.files.reading import read_bytes
from neuro_bpdl.files.writing import write_bytes

HEADER = "neuro_bpdl"  # one metadata entry: safetensors does not keep the order of several
DIGEST = "digest"
KINDS = ("float64", "float32", "float16", "int64", "int32", "int16", "int8", "uint8", "bool")
Array = NDArray[Any]


def write_arrays(
    path: Path, arrays: dict[str, Array], header: dict[str, Any], owned: Callable[[], None] | None = None
) -> None:
    """Replace ``path``; the same arrays and header give the same bytes; ``owned`` as of `write_bytes`.

    Raises
    ------
    InvalidInput
        An array of another dtype than `KINDS`.
    NotWritten
        The place cannot be written, or memory does not hold what was given.
    """
    plain = {name: _plain(name, array) for name, array in arrays.items()}
    content = _serialised(plain, header)
    _require_equal(path, parse_arrays(content, str(path), "write it again")[0], arrays)
    write_bytes(path, content, owned)


def read_arrays(path: Path, mend: str) -> tuple[dict[str, Array], dict[str, Any]]:
    """Arrays that may be written to, and the header; the header holds the digest, if the file has one.

    Raises
    ------
    BadFile
        Missing, cut short, no safetensors file, or not what was written.
    """
    return parse_arrays(read_bytes(path, "a safetensors file", mend), str(path), mend)


def parse_arrays(content: bytes, file: str, mend: str) -> tuple[dict[str, Array], dict[str, Any]]:
    """As `read_arrays`, from memory."""
    from safetensors import SafetensorError
    from safetensors.numpy import load

    header = _metadata(content, file, mend)
    try:
        arrays = {name: array.copy() for name, array in load(content).items()}
    except (SafetensorError, ValueError, KeyError, TypeError, OverflowError) as error:
        reason = " ".join(str(error).split())
        raise BadFile(file, f"cut short or not a safetensors file ({reason})", "a whole one", mend) from None
    if DIGEST in header and header[DIGEST] != arrays_digest(arrays, header):
        raise BadFile(f"{file}: {DIGEST}", header[DIGEST], "that of its content: something was changed", mend)
    return arrays, header


def arrays_digest(arrays: dict[str, Array], header: dict[str, Any]) -> str:
    """SHA-256 over the header without its digest and over every array's name, dtype, shape and bytes."""
    rest = {name: value for name, value in header.items() if name != DIGEST}
    found = hashlib.sha256(json.dumps(rest, sort_keys=True, allow_nan=False).encode("utf-8"))
    for name in sorted(arrays):
        array = arrays[name]
        found.update(f"\n{name} {array.dtype.str} {array.shape}\n".encode())
        found.update(array.tobytes())
    return found.hexdigest()


def _plain(name: str, array: Array) -> Array:
    """C-contiguous and little-endian."""
    if array.dtype.newbyteorder("=").name not in KINDS:
        raise InvalidInput(name, str(array.dtype), ", ".join(KINDS), "convert it with astype")
    return np.asarray(array, dtype=array.dtype.newbyteorder("<"), order="C")


def _serialised(arrays: dict[str, Array], header: dict[str, Any]) -> bytes:
    from safetensors.numpy import save

    signed = {**header, DIGEST: arrays_digest(arrays, header)}
    return bytes(save(arrays, metadata={HEADER: json.dumps(signed, sort_keys=True, allow_nan=False)}))


def _require_equal(path: Path, written: dict[str, Array], source: dict[str, Array]) -> None:
    for name, array in source.items():
        found = written.get(name)
        same = found is not None and found.shape == array.shape and found.dtype == array.dtype.newbyteorder("=")
        if not same or np.asarray(found).tobytes() != _plain(name, array).tobytes():
            raise NotWritten(path, ValueError(f"{name} would not be read back as it is"))


def _metadata(content: bytes, file: str, mend: str) -> dict[str, Any]:
    """The header that `write_arrays` was given, from the file's first bytes; empty in a file of somebody else."""
    size = int.from_bytes(content[:8], "little")
    if len(content) < 8 or size > len(content) - 8:
        raise BadFile(file, f"cut short ({len(content)} bytes)", "a whole safetensors file", mend)
    try:
        text = content[8 : 8 + size].decode("utf-8")
    except UnicodeDecodeError:
        raise BadFile(file, "a head that is no UTF-8", "a whole safetensors file", mend) from None
    metadata = parse_json(text, file, mend).get("__metadata__") or {}
    if not isinstance(metadata, dict) or not isinstance(metadata.get(HEADER, ""), str):
        raise BadFile(file, "metadata of another form", "a file written by neuro-bpdl", mend)
    return parse_json(metadata[HEADER], f"{file}: header", mend) if HEADER in metadata else {}
