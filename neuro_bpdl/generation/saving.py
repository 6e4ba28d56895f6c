"""Arrays to an .npz file and a picture beside it, each whole or not at all."""

from __future__ import annotations

import io
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.training.checkpoint import write_atomically


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
    if path.is_dir():
        raise InvalidInput("--out", str(out), "a file, not a folder", f"try {path / 'images.npz'}")
    if not path.parent.is_dir():
        raise InvalidInput("--out", str(out), "a file in an existing folder", f"make {path.parent} first")
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
    CheckpointError
        The place cannot be written.
    """
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    write_atomically(path, buffer.getvalue())
    image = path.with_suffix(".png")
    write_atomically(image, picture)
    return image
