"""What every reader does: one file after the other, its rates or its own message. Needs numpy; torch is theirs."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np


def work(rates: Callable[[str, Any, int, float], Any]) -> None:
    """``rates(file, x, steps, dt)`` for every job of the file named on the command line.

    A job has ``file``, ``inputs`` (an .npz with x, (N, n)), ``out``, ``steps`` and ``dt``; ``out`` gets rates (N, m),
    means over the steps, or refused, what the reader says.
    """
    for job in json.loads(Path(sys.argv[1]).read_text()):
        try:
            x = np.load(job["inputs"])["x"].astype(np.float32)
            np.savez(job["out"], rates=rates(job["file"], x, job["steps"], job["dt"]))
        except Exception as error:  # whatever a reader raises is its answer
            np.savez(job["out"], refused=" ".join(f"{type(error).__name__}: {error}".split())[:200])


def in_steps(network: Callable[[Any, Any], tuple[Any, Any]], x: Any, steps: int) -> Any:
    """Means over the steps of a torch network that takes an input and its own state, and gives both back."""
    import torch

    total, state = 0, None
    with torch.no_grad():
        for _ in range(steps):
            y, state = network(torch.tensor(x), state)
            total = total + y
    return (total / steps).numpy()
