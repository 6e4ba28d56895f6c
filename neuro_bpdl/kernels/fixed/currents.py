"""Currents in integers: what payloads cause through weights, without work for silent units."""

from __future__ import annotations

import numpy as np

from neuro_bpdl.kernels.compiling import njit
from neuro_bpdl.numbers.widths import PAYLOAD_MAX

FLOAT32_INTEGERS = 2**24


@njit(cache=True)
def currents(weights: np.ndarray, payload: np.ndarray, active: np.ndarray, out: np.ndarray) -> None:
    """out = Σ_pre weights[pre] · payload[pre], four active presynaptic units at a time.

    Parameters
    ----------
    weights : (pre, post) int16
    payload : (pre,) int32, a unit with payload 0 is silent
    active : (pre,) int32, scratch
    out : (post,) int32
    """
    count = 0
    for i in range(payload.size):
        if payload[i] != 0:
            active[count] = i
            count += 1
    out[:] = 0
    whole = count - count % 4
    for k in range(0, whole, 4):
        i, j, m, n = active[k], active[k + 1], active[k + 2], active[k + 3]
        p, q, r, s = payload[i], payload[j], payload[m], payload[n]
        a, b, c, d = weights[i], weights[j], weights[m], weights[n]
        for o in range(out.size):
            out[o] += np.int32(np.int32(a[o]) * p + np.int32(b[o]) * q + np.int32(c[o]) * r + np.int32(d[o]) * s)
    for k in range(whole, count):
        row, p = weights[active[k]], payload[active[k]]
        for o in range(out.size):
            out[o] += np.int32(np.int32(row[o]) * p)


@njit(cache=True)
def currents_of_all(weights: np.ndarray, payloads: np.ndarray, out: np.ndarray) -> None:
    """`currents` of every replica: payloads (batch, pre), out (batch, post)."""
    active = np.empty(payloads.shape[1], np.int32)
    for replica in range(payloads.shape[0]):
        currents(weights, payloads[replica], active, out[replica])


@njit(cache=True)
def dense_currents(weights: np.ndarray, payloads: np.ndarray, product: np.ndarray, out: np.ndarray) -> None:
    """The same for many replicas as a product in float32, exact where `exact_in_float32` holds.

    Parameters
    ----------
    weights : (pre, post) float32
    payloads : (batch, pre) float32
    product : (batch, post) float32, scratch
    out : (batch, post) int32
    """
    np.dot(payloads, weights, product)
    exact, flat = product.ravel(), out.ravel()
    for i in range(flat.size):
        flat[i] = np.int32(exact[i])


def exact_in_float32(weights: np.ndarray, loud: int) -> bool:
    """Whether no sum of products can leave the integers that float32 holds, ± 2^24, in any order.

    Parameters
    ----------
    weights : (pre + 1, post) integers
        The last row is the bias unit's, whose payload is ``loud``.
    """
    reach = np.abs(weights.astype(np.int64))
    largest = reach[:-1].sum(axis=0) * PAYLOAD_MAX + reach[-1] * loud
    return bool(largest.max(initial=0) < FLOAT32_INTEGERS)
