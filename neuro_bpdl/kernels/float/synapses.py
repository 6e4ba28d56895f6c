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
    active, sent = np.empty(payload.size + 1, np.int64), 0
    for i in range(payload.size):
        active[sent] = i  # overwritten by the next one where it is silent: no jump that nobody can guess
        sent += payload[i] != 0
    whole = sent - sent % 4
    out[:] = 0
    for k in range(0, whole, 4):
        i, j, m, n = active[k], active[k + 1], active[k + 2], active[k + 3]
        a, b, c, d = weights[i], weights[j], weights[m], weights[n]
        p, q, r, s = payload[i], payload[j], payload[m], payload[n]
        for o in range(out.size):  # one after the other, with a fourth of the reads and writes of a sum
            out[o] = (((out[o] + a[o] * p) + b[o] * q) + c[o] * r) + d[o] * s
    for k in range(whole, sent):
        _add(payload[active[k]], weights[active[k]], out)
    if always == 0:
        return sent
    _add(out.dtype.type(always), weights[payload.size], out)
    return sent + 1


@njit(cache=True)
def _add(value: float, row: np.ndarray, out: np.ndarray) -> None:
    """out += value · row."""
    for j in range(out.size):
        out[j] += row[j] * value


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
