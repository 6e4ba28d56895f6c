"""Target propagation: the score of a layer from auto-encoders alone (Eq 12)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.parameters import Parameters
from neuro_bpdl.theory.maps import f, g

Array = NDArray[np.floating]


def target_propagation_score(params: Parameters, layer: int, below: Array, here: Array) -> Array:
    """∂log p(h_{l−1}|h_l)/∂h_l ≈ f_l(h_{l−1}) − f_l(g_l(h_l)), up to a scale (Eq 12).

    Parameters
    ----------
    below, here : (batch, n_{l-1}) and (batch, n_l)

    Returns
    -------
    (batch, n_l)
    """
    return f(params, layer, below) - f(params, layer, g(params, layer, here))


def true_score(params: Parameters, layer: int, below: Array, here: Array) -> Array:
    """∂log p(h_{l−1}|h_l)/∂h_l = G_lᵀ [ψ′ ⊙ (h_{l−1} − g_l(h_l))] / σ²_{l−1}: what Eq 12 stands for."""
    prediction = g(params, layer, here)
    slope = params.transfers[layer - 1].slope(prediction)
    return (slope * (below - prediction)) @ params.G[layer - 1] / params.variance[layer - 1]


def prior_score(params: Parameters, layer: int, here: Array, above: Array) -> Array:
    """∂log p(h_l|h_{l+1})/∂h_l = (g_{l+1}(h_{l+1}) − h_l) / σ²_l: local, hence exact (Eq 8)."""
    return (g(params, layer + 1, above) - here) / params.variance[layer]


def cosine(a: Array, b: Array) -> Array:
    """Cosine of the angle between the rows of ``a`` and ``b``, (batch,); 0 where one vanishes."""
    norm = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
    return np.divide((a * b).sum(axis=1), norm, out=np.zeros(len(a)), where=norm > 0)
