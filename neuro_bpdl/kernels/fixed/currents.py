"""Currents in integers: what payloads cause through weights, without work for silent units."""

from __future__ import annotations

import math

import numpy as np

from neuro_bpdl.kernels.compiling import njit
from neuro_bpdl.numbers.widths import PAYLOAD_MAX, WEIGHT_MIN

FLOAT32_INTEGERS = 2**24


@njit(cache=True)
def currents(weights: np.ndarray, payload: np.ndarray, active: np.ndarray, out: np.ndarray) -> None:
    """out = Σ_pre weights[pre] · payload[pre], eight active presynaptic units at a time.

    A product of a weight and a payload has 16 bits, of which a register holds
    twice as many as of the sums. What is louder than a payload, a bias unit or
    a change, comes by itself.

    Parameters
    ----------
    weights : (pre, post) int16
    payload : (pre,) int32, a unit with payload 0 is silent
    active : (pre,) int32, scratch
    out : (post,) int32
    """
    count, loud = 0, payload.size
    for i in range(payload.size):
        if abs(payload[i]) > PAYLOAD_MAX:
            loud -= 1
            active[loud] = i
        elif payload[i] != 0:
            active[count] = i
            count += 1
    out[:] = 0
    whole = count - count % 8
    for k in range(0, whole, 8):
        _add_eight(weights, payload, active[k : k + 8], out)
    for k in range(whole, count):
        _add(weights[active[k]], payload[active[k]], out)
    for k in range(loud, payload.size):
        _add(weights[active[k]], payload[active[k]], out)


@njit(cache=True)
def _add(row: np.ndarray, payload: np.int32, out: np.ndarray) -> None:
    for o in range(out.size):
        out[o] += np.int32(np.int32(row[o]) * payload)


@njit(cache=True)
def _add_eight(weights: np.ndarray, payload: np.ndarray, active: np.ndarray, out: np.ndarray) -> None:
    a, b, c, d = weights[active[0]], weights[active[1]], weights[active[2]], weights[active[3]]
    e, f, g, h = weights[active[4]], weights[active[5]], weights[active[6]], weights[active[7]]
    p, q, r, s = _short(payload, active[:4])
    t, u, v, w = _short(payload, active[4:])
    for o in range(out.size):
        first = np.int32(np.int32(np.int16(a[o] * p)) + np.int32(np.int16(b[o] * q)))
        second = np.int32(np.int32(np.int16(c[o] * r)) + np.int32(np.int16(d[o] * s)))
        third = np.int32(np.int32(np.int16(e[o] * t)) + np.int32(np.int16(f[o] * u)))
        fourth = np.int32(np.int32(np.int16(g[o] * v)) + np.int32(np.int16(h[o] * w)))
        out[o] += np.int32(np.int32(first + second) + np.int32(third + fourth))


@njit(cache=True, inline="always")
def _short(payload: np.ndarray, units: np.ndarray) -> tuple[np.int16, np.int16, np.int16, np.int16]:
    a, b, c, d = payload[units[0]], payload[units[1]], payload[units[2]], payload[units[3]]
    return np.int16(a), np.int16(b), np.int16(c), np.int16(d)


@njit(cache=True)
def currents_of_all(weights: np.ndarray, payloads: np.ndarray, out: np.ndarray) -> None:
    """`currents` of every replica: payloads (batch, pre), out (batch, post)."""
    active = np.empty(payloads.shape[1], np.int32)
    for replica in range(payloads.shape[0]):
        currents(weights, payloads[replica], active, out[replica])


@njit(cache=True)
def dense_currents(
    weights: np.ndarray, payloads: np.ndarray, block: int, product: np.ndarray, out: np.ndarray
) -> None:
    """The same for many replicas as products in float32, each of so few units that it is exact: see `exact_block`.

    Parameters
    ----------
    weights : (pre, post) float32
    payloads : flat float32
        One (batch, units) after the other, of ``block`` units each: see `place`.
    product : (batch, post) float32, scratch
    out : (batch, post) int32
    """
    batch, pre = out.shape[0], weights.shape[0]
    exact, flat = product.ravel(), out.ravel()
    flat[:] = 0
    for start in range(0, pre, block):
        end = min(start + block, pre)
        np.dot(payloads[start * batch : end * batch].reshape((batch, end - start)), weights[start:end], product)
        for i in range(flat.size):
            flat[i] += np.int32(exact[i])


@njit(cache=True)
def place(payload: np.ndarray, replica: int, batch: int, block: int, payloads: np.ndarray) -> None:
    """A replica's payloads where `dense_currents` looks for them."""
    for start in range(0, payload.size, block):
        end = min(start + block, payload.size)
        first = start * batch + replica * (end - start)
        for i in range(end - start):
            payloads[first + i] = np.float32(payload[start + i])


def exact_block(pre: int, largest: int, loud: int) -> int:
    """How many presynaptic units no weights can lead out of the integers that float32 holds, ± 2^24, in any order.

    Parameters
    ----------
    pre : int
        Presynaptic units, the last of which sends ``loud``, the others at most ``largest``.
    """
    units = 1 + ((FLOAT32_INTEGERS - 1) // -WEIGHT_MIN - loud) // largest
    return math.ceil(pre / math.ceil(pre / units))
