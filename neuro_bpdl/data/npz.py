"""Reading ``FILE.npz`` without trusting it."""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from neuro_bpdl.data.dataset import KEYS
from neuro_bpdl.errors import InvalidInput

ALLOWED = "a .npz file with x_train and optionally x_test, y_train, y_test"
# What zipfile, zlib and numpy's header parser raise on damaged or hostile files.
_UNREADABLE = (
    OSError, ValueError, EOFError, KeyError, NotImplementedError, RuntimeError, MemoryError, OverflowError,
    zipfile.BadZipFile, zlib.error,
)


def read_npz(path: Path, *, argument: str = "data") -> dict[str, npt.NDArray[Any]]:
    """The arrays of an .npz file that a data set can have; others are ignored.

    Nothing in the file is unpickled.

    Raises
    ------
    InvalidInput
        The file is missing, unreadable, no .npz archive, cut short, holds
        Python objects, or has no x_train.
    """
    try:
        if not path.exists():
            raise InvalidInput(argument, str(path), ALLOWED, "there is no such file: check the path")
        if not zipfile.is_zipfile(path):
            raise InvalidInput(argument, str(path), ALLOWED, "this is no .npz archive, or one cut short: save it anew")
        with np.load(path, allow_pickle=False) as archive:
            if "x_train" not in archive.files:
                raise InvalidInput(f"{argument}.x_train", archive.files, "an array x_train", "save the images under it")
            arrays = {key: archive[key] for key in KEYS if key in archive.files}
    except InvalidInput:
        raise
    except _UNREADABLE as error:
        raise InvalidInput(argument, str(path), ALLOWED, _mend(error)) from None
    for key, array in arrays.items():
        if not isinstance(array, np.ndarray):
            raise InvalidInput(f"{argument}.{key}", "no numpy array", "arrays", "save the file with numpy.savez")
    return arrays


def _mend(error: BaseException) -> str:
    text = " ".join(str(error).split()) or type(error).__name__
    if "allow_pickle" in text:
        return "it holds Python objects, which are never unpickled: save plain arrays of numbers"
    return f"it cannot be read ({text[:120]}): save it anew"
