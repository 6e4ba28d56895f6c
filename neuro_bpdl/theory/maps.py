"""The recognition and generative maps f_l and g_l."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.parameters import Parameters

Array = NDArray[np.floating]


def f(params: Parameters, layer: int, below: Array) -> Array:
    """f_l(h_{l−1}) = φ_l(F_l h_{l−1} + b_l), what layer l's basal compartment computes.

    Parameters
    ----------
    layer : int
        l, from 1 to L.
    below : (batch, n_{l-1})

    Returns
    -------
    (batch, n_l)
    """
    net = below @ params.F[layer - 1].T
    net += params.b[layer - 1]
    return params.transfers[layer].value(net)


def g(params: Parameters, layer: int, above: Array) -> Array:
    """g_l(h_l) = ψ_{l−1}(G_l h_l + c_{l−1}), what layer l−1's apical compartment computes.

    Parameters
    ----------
    layer : int
        l, from 1 to L.
    above : (batch, n_l)

    Returns
    -------
    (batch, n_{l-1})
    """
    net = above @ params.G[layer - 1].T
    net += params.c[layer - 1]
    return params.transfers[layer - 1].value(net)


def feedforward_pass(params: Parameters, x: Array) -> list[Array]:
    """[x, f_1(x), f_2(f_1(x)), …]: where inference starts (q_0 of Eq 5)."""
    h = [x]
    for layer in range(1, params.network.depth + 1):
        h.append(f(params, layer, h[-1]))
    return h


def feedback_pass(params: Parameters, layer: int, h: Array) -> Array:
    """g_1(… g_l(h_l)): an image from layer l alone."""
    for below in range(layer, 0, -1):
        h = g(params, below, h)
    return h
