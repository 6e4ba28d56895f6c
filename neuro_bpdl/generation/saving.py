"""Arrays to an .npz file and a picture beside it, each whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.files.folders import quoted
from neuro_bpdl.files.npz_file import write_npz
from neuro_bpdl.files.writing import write_bytes


def require_npz(out: str | Path) -> Path:
    """``out`` as a path, checked before anything is computed.

    Raises
    ------
    InvalidInput
        Not an .npz file in an existing folder that can be written.
    """
    path = Path(out)
    if path.suffix != ".npz":
        raise InvalidInput("--out", str(out), "a file name ending in .npz", f"try {path.with_suffix('.npz')}")
    try:
        is_folder = path.is_dir()
        os.access(path, os.F_OK)
        os.stat(path.parent)
    except (FileNotFoundError, NotADirectoryError):
        mend = f"make {quoted(path.parent)} first"
        raise InvalidInput("--out", str(out), "a file in an existing folder", mend) from None
    except (OSError, ValueError) as error:
        said = getattr(error, "strerror", None) or str(error)
        raise InvalidInput("--out", str(out), "a name that the system takes", f"{said}: choose another") from None
    if is_folder:
        raise InvalidInput("--out", str(out), "a file, not a folder", f"try {path / 'images.npz'}")
    if len(os.fsencode(path.name)) > 255:
        raise InvalidInput("--out", str(out), "a name of at most 255 bytes", "choose a shorter one")
    try:
        tempfile.TemporaryFile(dir=path.parent).close()
    except OSError as error:
        allowed = "a file in a folder that you may write to"
        raise InvalidInput("--out", str(out), allowed, f"choose another ({error.strerror})") from None
    return path


def save_arrays(path: Path, arrays: dict[str, NDArray[Any]], picture: bytes) -> Path:
    """Write the arrays to ``path`` and the PNG beside it; return the PNG's path.

    Raises
    ------
    NotWritten
        The place cannot be written.
    """
    write_npz(path, arrays)
    image = path.with_suffix(".png")
    write_bytes(image, picture)
    return image
