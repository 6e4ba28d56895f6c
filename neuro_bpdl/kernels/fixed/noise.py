"""Corruption in integers: h̃ as payloads."""

from __future__ import annotations

import numpy as np

from neuro_bpdl.kernels.compiling import njit
from neuro_bpdl.numbers.widths import SOMA_FRACTION_BITS, SOMA_MAX
from neuro_bpdl.spec.plasticity import BERNOULLI_DRAWS

HALF = 1 << (SOMA_FRACTION_BITS - 1)


@njit(cache=True)
def gaussian(soma: np.ndarray, normal: np.ndarray, spread: np.float32, lowest: int, out: np.ndarray) -> None:
    """Payloads of states with Gaussian noise of standard deviation ``spread``, kept above ``lowest``."""
    for i in range(soma.size):
        moved = float(soma[i]) + float(np.rint(np.float32(normal[i]) * spread))
        kept = np.int32(min(max(moved, float(lowest)), float(SOMA_MAX)))
        out[i] = np.int32(np.int32(kept + np.int32(HALF)) >> np.int32(SOMA_FRACTION_BITS))


@njit(cache=True)
def bernoulli(soma: np.ndarray, uniform: np.ndarray, scale: float, first: int, out: np.ndarray) -> None:
    """Payloads of the mean of 3 Bernoulli draws, from the ``first`` on; ``scale`` is the state for an activity of 1."""
    for i in range(soma.size):
        count = 0
        for draw in range(BERNOULLI_DRAWS):
            count += uniform[draw, first + i] < soma[i] / scale
        out[i] = (np.int32(np.rint(count / BERNOULLI_DRAWS * scale)) + HALF) >> SOMA_FRACTION_BITS
