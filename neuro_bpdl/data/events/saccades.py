"""A synthetic event camera: what it would report of a picture that three saccades move. No recording.

After Orchard, Jayawant, Cohen and Thakor (2015), "Converting static image
datasets to spiking neuromorphic datasets using saccades": the picture moves
along the sides of a triangle, 100 ms each, and comes back. A pixel reports
when its log intensity has changed by a threshold since it last did.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.data.events.stream import Events

SACCADE_US, STEPS = 100_000, 10  # of one saccade; pictures rendered on the way
CORNERS = ((0.0, 0.0), (2.0, 1.0), (-1.0, 2.0), (0.0, 0.0))  # (right, down), pixels
THRESHOLD, DARK = 0.3, 0.1  # of log(intensity + DARK)
PRESENTATION_US = SACCADE_US * (len(CORNERS) - 1)


def saccades(images: Iterable[NDArray[Any]], start_us: int = 0) -> Iterator[Events]:
    """The events of each (H, W) picture in [0, 1], one picture after the other, `PRESENTATION_US` each.

    Deterministic: the camera has no noise. A picture appears at rest, without
    events of its own.
    """
    for k, image in enumerate(images):
        yield _presentation(np.asarray(image, np.float64), start_us + k * PRESENTATION_US)


def event_counts(images: NDArray[Any]) -> NDArray[np.int64]:
    """How many events every pixel of (N, H, W) pictures has in a presentation: those of `saccades`, counted."""
    total = np.zeros(images.shape, np.int64)
    for count, _ in _camera(np.asarray(images, np.float64)):
        total += count
    return total


def _camera(images: NDArray[Any]) -> Iterator[tuple[NDArray[np.int64], NDArray[np.bool_]]]:
    """For each step how many events every pixel of (…, H, W) has, and whether it became brighter."""
    level = np.log(images + DARK)
    for right, down in _path():
        now = np.log(_moved(images, right, down) + DARK)
        count = np.floor(np.abs(now - level) / THRESHOLD + 1e-9).astype(np.int64)
        on = now > level
        level = level + np.where(on, 1, -1) * count * THRESHOLD
        yield count, on


def _presentation(image: NDArray[Any], start: int) -> Events:
    height, width = image.shape
    step = SACCADE_US // STEPS
    parts = [_step(count, on, start + number * step, step) for number, (count, on) in enumerate(_camera(image))]
    t, y, x, polarity = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    return Events(t, x, y, polarity, width, height)


def _path() -> Iterator[tuple[float, float]]:
    """Where the picture is after each step."""
    for (x0, y0), (x1, y1) in itertools.pairwise(CORNERS):
        for k in range(1, STEPS + 1):
            yield x0 + (x1 - x0) * k / STEPS, y0 + (y1 - y0) * k / STEPS


def _moved(image: NDArray[Any], right: float, down: float) -> NDArray[Any]:
    """The picture moved by a part of a pixel, black coming in at its sides."""
    for axis, way in ((-2, down), (-1, right)):
        whole = int(np.floor(way))
        image = (1 - (way - whole)) * _shifted(image, whole, axis) + (way - whole) * _shifted(image, whole + 1, axis)
    return image


def _shifted(image: NDArray[Any], by: int, axis: int) -> NDArray[Any]:
    moved = np.roll(image, by, axis)
    if by:
        edge = [slice(None)] * image.ndim
        edge[axis] = slice(0, by) if by > 0 else slice(by, None)
        moved[tuple(edge)] = 0
    return moved


def _step(count: NDArray[np.int64], on: NDArray[np.bool_], start: int, step: int) -> tuple[NDArray[Any], ...]:
    """Times, rows, columns and polarities of a step: a pixel's events spread evenly over it, in order of time."""
    rows, columns = np.nonzero(count)
    times = count[rows, columns]
    which = np.repeat(np.arange(len(rows)), times)
    nth = np.arange(len(which)) - np.repeat(np.cumsum(times) - times, times)
    t = start + (nth + 1) * step // (times[which] + 1)
    order = np.argsort(t, kind="stable")
    which = which[order]
    return t[order].astype(np.int64), rows[which], columns[which], on[rows, columns][which]
