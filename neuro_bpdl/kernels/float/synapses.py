"""One replica's products: currents through a matrix (pre + 1, post), and what its synapses learn.

A presynaptic unit after the other, so that a silent one costs nothing and the sums have one order on every machine:
BLAS has another one for every processor.
"""

from __future__ import annotations

import numpy as np

from neuro_bpdl.kernels.compiling import njit


@njit(cache=True)
def currents(weights: np.ndarray, payload: np.ndarray, always: float, out: np.ndarray) -> int:
    """out = Σ_pre weights[pre] · payload[pre], the always-on unit last; returns how many units send.

    Parameters
    ----------
    payload : (pre,)
    always : float
        What the unit behind the last one sends.
    out : (post,)
    """
    sent, pre = 0, payload.size
    out[:] = 0
    for i in range(pre + 1):
        value = payload[i] if i < pre else out.dtype.type(always)
        if value != 0:
            sent += 1
            row = weights[i]
            for j in range(out.size):
                out[j] += row[j] * value
    return sent


@njit(cache=True)
def learn(weights: np.ndarray, payload: np.ndarray, always: float, swing: np.ndarray, rate: float) -> int:
    """weights[pre] += rate · payload[pre] · V̇; returns how many units sent."""
    sent, pre = 0, payload.size
    for i in range(pre + 1):
        value = payload[i] if i < pre else weights.dtype.type(always)
        if value != 0:
            sent += 1
            row, gain = weights[i], weights.dtype.type(rate * value)
            for j in range(swing.size):
                row[j] += gain * swing[j]
    return sent
