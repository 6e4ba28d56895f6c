"""Event files of the user: AEDAT 2.0 (DVS128), N-MNIST's .bin, HDF5, and .npz."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.data.events.stream import Events
from neuro_bpdl.errors import BadFile, InvalidInput, MissingDependency
from neuro_bpdl.files.npz_file import read_npz

KEYS = ("t", "x", "y", "p")
ALLOWED = "an event file: .aedat (2.0, DVS128), .bin (N-MNIST), .h5 or .npz with t, x, y, p"
DVS128, N_MNIST = 128, 34  # pixels a side
WRAP = 1 << 32  # AEDAT's clock has 32 bits: it starts anew after 71 minutes


def read_events(path: Path) -> Events:
    """All events of a file.

    .npz and HDF5 hold ``t`` (µs), ``x``, ``y`` and ``p`` (0 or 1, or −1 or
    1), and perhaps ``width`` and ``height``; HDF5 may have them in a group ``events``.

    Raises
    ------
    InvalidInput
        No such file or form, cut short, no events, or a clock that runs backwards.
    MissingDependency
        HDF5 without h5py.
    """
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise InvalidInput("events", path.name, ALLOWED)
    try:
        events = reader(path)
    except OSError as error:
        raise InvalidInput("events", str(path), ALLOWED, error.strerror or " ".join(str(error).split())) from None
    if not len(events):
        raise InvalidInput("events", str(path), "a file with events in it")
    return events


def _aedat(path: Path) -> Events:
    content = path.read_bytes()
    if not content.startswith(b"#!AER-DAT2.0"):
        raise BadFile(str(path), content[:14], "AEDAT 2.0, which begins with #!AER-DAT2.0", "convert the recording")
    while content.startswith(b"#"):
        content = content.partition(b"\n")[2]
    _require_whole(path, content, 8)
    words = np.frombuffer(content, ">u4").astype(np.int64).reshape(-1, 2)
    address, t = words[:, 0], words[:, 1]
    t = t + WRAP * np.cumsum(np.concatenate([[0], np.diff(t) < -WRAP // 2]))
    x, y = DVS128 - 1 - (address >> 1 & 127), DVS128 - 1 - (address >> 8 & 127)
    return Events(t, x, y, (address & 1) == 0, DVS128, DVS128)


def _n_mnist(path: Path) -> Events:
    """Five bytes an event: x, y, then polarity in the highest bit and 23 bits of µs."""
    content = path.read_bytes()
    _require_whole(path, content, 5)
    b = np.frombuffer(content, np.uint8).astype(np.int64).reshape(-1, 5)
    t = (b[:, 2] & 127) << 16 | b[:, 3] << 8 | b[:, 4]
    return Events(t, b[:, 0], b[:, 1], b[:, 2] > 127, N_MNIST, N_MNIST)


def _npz(path: Path) -> Events:
    return _of_arrays(str(path), read_npz(path, ALLOWED, (*KEYS, "width", "height")))


def _hdf5(path: Path) -> Events:
    try:
        import h5py
    except ImportError:
        raise MissingDependency("events: HDF5 needs h5py; pip install h5py, or save t, x, y, p as .npz") from None
    with h5py.File(path, "r") as file:
        group = file.get("events", file)
        names = (*KEYS, "width", "height")
        return _of_arrays(str(path), {name: np.asarray(group[name][()]) for name in names if name in group})


def _of_arrays(file: str, arrays: dict[str, NDArray[Any]]) -> Events:
    for name in KEYS:
        if name not in arrays:
            raise BadFile(f"{file}: {name}", None, "arrays t (µs), x, y and p", "save all four")
        if arrays[name].dtype.kind not in "iub":
            raise BadFile(f"{file}: {name}", str(arrays[name].dtype), "whole numbers", "t is in microseconds")
    sides = []
    for side, axis in (("width", "x"), ("height", "y")):
        longest = int(arrays[axis].max()) + 1 if arrays[axis].size else 1
        sides.append(int(arrays[side]) if side in arrays else longest)
    t, x, y, p = (arrays[name] for name in KEYS)
    return Events(t.astype(np.int64), x, y, p > 0, *sides)


def _require_whole(path: Path, content: bytes, size: int) -> None:
    if len(content) % size:
        raise BadFile(str(path), f"{len(content)} bytes of events", f"a multiple of {size}", "the file was cut short")


RECORDINGS = (".aedat", ".bin", ".h5", ".hdf5")  # what can be told from images by its ending
READERS: dict[str, Callable[[Path], Events]] = {
    ".aedat": _aedat, ".bin": _n_mnist, ".h5": _hdf5, ".hdf5": _hdf5, ".npz": _npz,
}  # fmt: skip
