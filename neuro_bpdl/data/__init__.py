"""Images to learn from: `load` a data set, `presentation_order`, `missing_mask`."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from pathlib import Path

from neuro_bpdl.data.arrays import to_dataset
from neuro_bpdl.data.clothes_and_faces import load_faces, load_fashion
from neuro_bpdl.data.dataset import Dataset, raw_sha256
from neuro_bpdl.data.events.dataset import load_events, load_recording
from neuro_bpdl.data.events.files import RECORDINGS
from neuro_bpdl.data.masks import missing_mask
from neuro_bpdl.data.mnist import load_mnist
from neuro_bpdl.data.npz import read_npz
from neuro_bpdl.data.order import presentation_order
from neuro_bpdl.data.packaged import load_digits, load_mnist_mini
from neuro_bpdl.errors import InvalidInput

__all__ = ["NAMES", "Dataset", "load", "missing_mask", "presentation_order", "raw_sha256"]

NAMED: dict[str, Callable[[], Dataset]] = {
    "mnist-mini": load_mnist_mini, "digits": load_digits, "mnist": load_mnist, "fashion": load_fashion,
    "faces": load_faces, "events": load_events,
}  # fmt: skip
NAMES: tuple[str, ...] = tuple(NAMED)


def load(name: str, *, data_file: Path | None = None) -> Dataset:
    """A data set by name, or from a file ``FILE.npz``. Never another one than was asked for.

    Parameters
    ----------
    name : str
        "mnist-mini" (a real subset of MNIST, in the package), "digits"
        (scikit-learn), "mnist" (all of it; see `neuro_bpdl.data.mnist`), "fashion" or
        "faces" (`neuro_bpdl.data.clothes_and_faces`), "events" (synthetic; see
        `neuro_bpdl.data.events`), an event camera's recording, or the path of an .npz file
        with ``x_train`` and optionally ``x_test``, ``y_train``, ``y_test``: uint8,
        or floats in [0, 1]; shape (N, H, W) or (N, D).
    data_file : Path, optional
        A mnist.npz to take "mnist" from.

    Raises
    ------
    InvalidInput
        Unknown name, ``data_file`` with another name than "mnist", or a file
        that cannot be read or used.
    DataUnavailable
        A known data set that no source could deliver.
    """
    if data_file is not None and name != "mnist":
        raise InvalidInput("--data-file", str(data_file), 'only with the data set "mnist"', "pass the file as --data")
    if data_file is not None:
        return load_mnist(Path(data_file))
    if name in NAMED:
        return NAMED[name]()
    if str(name).lower().endswith(".npz"):
        return _load_file(Path(name))
    if Path(name).suffix.lower() in RECORDINGS:
        return load_recording(Path(name))
    close = difflib.get_close_matches(str(name).lower(), NAMES, n=1)
    raise InvalidInput("data", name, ", ".join(NAMES) + " or FILE.npz", f"did you mean {close[0]}?" if close else "")


def _load_file(path: Path) -> Dataset:
    return to_dataset(read_npz(path), name=path.name, source=f"file {path.name}", attribution="not stated in the file")
