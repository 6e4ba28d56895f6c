"""Reading ``FILE.npz`` without trusting it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy.typing as npt

from neuro_bpdl.data.dataset import KEYS
from neuro_bpdl.errors import BadFile, InvalidInput
from neuro_bpdl.files import npz_file

ALLOWED = "a .npz file with x_train and optionally x_test, y_train, y_test"


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
        arrays = npz_file.read_npz(path, ALLOWED, KEYS)
    except BadFile as error:
        raise InvalidInput(argument, str(path), ALLOWED, f"{error.value}: {error.mend}") from None
    if "x_train" not in arrays:
        raise InvalidInput(f"{argument}.x_train", str(path), "an array x_train", "save the images under it")
    return arrays
