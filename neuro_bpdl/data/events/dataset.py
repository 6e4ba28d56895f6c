"""Events as data sets: every window of a stream is a picture of rates."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.data.arrays import to_dataset
from neuro_bpdl.data.dataset import Dataset
from neuro_bpdl.data.events.files import read_events
from neuro_bpdl.data.events.saccades import event_counts
from neuro_bpdl.data.events.stream import FULL, windows
from neuro_bpdl.data.packaged import load_mnist_mini

BLOCK = 100  # pictures at once
SYNTHETIC = "synthetic events: mnist-mini moved by three saccades before a noiseless camera model, not a recording"


def load_events() -> Dataset:
    """mnist-mini as events of three saccades: a window is one picture's presentation. Synthetic, not N-MNIST.

    Raises
    ------
    DataUnavailable
        As `load_mnist_mini`.
    """
    mini = load_mnist_mini()
    raw = {
        "x_train": _counted(mini.x_train.reshape(-1, 28, 28)), "y_train": mini.labels("train").astype(np.uint8),
        "x_test": _counted(mini.test.reshape(-1, 28, 28)), "y_test": mini.labels("test").astype(np.uint8),
    }  # fmt: skip
    return to_dataset(
        raw, name="events", source=SYNTHETIC, attribution=f"{SYNTHETIC}; {mini.attribution}", maximum=FULL
    )


def load_recording(path: Path) -> Dataset:
    """A recording's windows of 300 ms as training images; see `read_events`."""
    events = read_events(path)
    pictures = np.stack(list(windows([events]))).reshape(-1, events.height, events.width)
    return to_dataset(
        {"x_train": pictures}, name=path.name, source=f"file {path.name}", attribution="not stated in the file"
    )


def _counted(images: NDArray[np.float32]) -> NDArray[np.uint8]:
    """(N, H, W) numbers of events in a presentation, `FULL` at most."""
    blocks = [np.minimum(event_counts(images[k : k + BLOCK]), FULL) for k in range(0, len(images), BLOCK)]
    return np.concatenate(blocks).astype(np.uint8)
