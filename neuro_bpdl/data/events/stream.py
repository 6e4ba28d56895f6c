"""A stretch of events, and rates of pixels out of a stream that need not end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.errors import InvalidInput

FULL = 24  # events of a pixel in a window that stand for the rate 1; more are clipped
WINDOW_US = 300_000


@dataclass(frozen=True, eq=False)
class Events:
    """Events of one camera, in order of time.

    Attributes
    ----------
    t : (n,) int64
        Microseconds; never running backwards.
    x, y : (n,) integers
        0 ≤ x < width from the left, 0 ≤ y < height from the top.
    on : (n,) bool
        Brighter (True) or darker.

    Raises
    ------
    InvalidInput
        Arrays of different lengths or types, pixels outside the picture, or a clock that runs backwards.
    """

    t: NDArray[np.int64]
    x: NDArray[Any]
    y: NDArray[Any]
    on: NDArray[np.bool_]
    width: int
    height: int

    def __post_init__(self) -> None:
        for name, array in (("t", self.t), ("x", self.x), ("y", self.y), ("on", self.on)):
            if array.shape != (len(self.t),) or array.dtype.kind not in "iub":
                raise InvalidInput(f"events.{name}", f"{array.dtype} of shape {array.shape}",
                                   f"{len(self.t)} whole numbers, one an event")  # fmt: skip
        for name, array, size in (("x", self.x, self.width), ("y", self.y, self.height)):
            if len(array) and (array.min() < 0 or array.max() >= size):
                raise InvalidInput(f"events.{name}", f"{array.min()} to {array.max()}", f"0 to {size - 1}",
                                   "give the camera's width and height")  # fmt: skip
        require_forward(self.t)

    def __len__(self) -> int:
        return len(self.t)

    @property
    def pixels(self) -> int:
        """width · height."""
        return self.width * self.height


def require_forward(t: NDArray[np.int64], after: int | None = None, first: int = 0) -> None:
    """Refuse a clock that runs backwards.

    Parameters
    ----------
    after : int, optional
        The time of the event before the first.
    first : int
        The number of the first event, for the message.

    Raises
    ------
    InvalidInput
        Names the first event that is earlier than the one before it.
    """
    before = t[:-1] if after is None else np.concatenate([[after], t[:-1]])
    back = np.flatnonzero(t[len(t) - len(before) :] < before)
    if len(back):
        k = int(back[0]) + len(t) - len(before)
        earlier = int(before[back[0]])
        raise InvalidInput("events.t", f"{int(t[k])} µs at event {first + k} after {earlier} µs",
                           "times that never run backwards", "sort the events, or split the recording there")


def windows(stream: Iterable[Events], window_us: int = WINDOW_US, full: int = FULL) -> Iterator[NDArray[np.float32]]:
    """Rates of the pixels, one (n_0,) array for each window that is over, as events come.

    The rate of a pixel is how many events it had, of either polarity, divided
    by ``full`` and at most 1. Windows follow the clock from the first event on;
    one without events is a dark picture. The last, unfinished window counts
    when the stream ends.

    Parameters
    ----------
    stream : iterable of Events
        Stretches one after the other, of one camera; may never end.

    Raises
    ------
    InvalidInput
        A window or a full count below 1, another camera, or a clock that runs backwards between stretches.
    """
    for name, value in (("window", window_us), ("full", full)):
        if value < 1:
            raise InvalidInput(name, value, "a whole number above 0")
    counts: NDArray[Any] | None = None
    size, end, last, seen = (0, 0), 0, 0, 0
    for part in stream:
        if not len(part):
            continue
        if counts is None:
            size, end, counts = (part.height, part.width), int(part.t[0]) + window_us, np.zeros(part.pixels, np.int64)
        elif (part.height, part.width) != size:
            raise InvalidInput("events", (part.height, part.width), f"one camera of {size} pixels")
        else:
            require_forward(part.t[:1], last, seen)
        done = 0
        while int(part.t[-1]) >= end:
            cut = int(np.searchsorted(part.t, end))
            yield _rates(counts + _counts(part, done, cut), full)
            counts, done, end = np.zeros(part.pixels, np.int64), cut, end + window_us
        counts = counts + _counts(part, done, len(part))
        last, seen = int(part.t[-1]), seen + len(part)
    if counts is not None:
        yield _rates(counts, full)


def _counts(part: Events, start: int, stop: int) -> NDArray[np.int64]:
    place = part.y[start:stop].astype(np.int64) * part.width + part.x[start:stop]
    return np.bincount(place, minlength=part.pixels)


def _rates(counts: NDArray[np.int64], full: int) -> NDArray[np.float32]:
    rates: NDArray[np.float32] = np.minimum(counts / full, 1).astype(np.float32)
    return rates
