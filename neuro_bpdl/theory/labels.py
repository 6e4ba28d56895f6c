"""Labels as one more clamp: the mirrored score, and what it does to a network whose top is clamped.

Eq 12 moves a layer by what is below it, f_l(h_{l−1}) − f_l(g_l(h_l)). With f
and g exchanged it moves a layer by what is above it:

    ∂log q(h_{l+1}|h_l)/∂h_l ≈ g_{l+1}(h_{l+1}) − g_{l+1}(f_{l+1}(h_l))

The top is clamped at the label, the bottom at the image, and every layer
between takes steps of size β towards what its teacher asks for:

    h_l += β [g_{l+1}(h_{l+1}) − g_{l+1}(f_{l+1}(h_l))]

β is small: a teacher nudges (Scellier & Bengio 2017; the difference is that
of Lee et al 2015).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.parameters import Parameters
from neuro_bpdl.theory.maps import f, feedforward_pass, g

Array = NDArray[np.floating]


def mirrored_score(params: Parameters, layer: int, here: Array, above: Array) -> Array:
    """g_{l+1}(h_{l+1}) − g_{l+1}(f_{l+1}(h_l)): where the layer above wants layer l, (batch, n_l).

    Parameters
    ----------
    layer : int
        l, from 1 to L − 1.
    here, above : (batch, n_l) and (batch, n_{l+1})
    """
    return g(params, layer + 1, above) - g(params, layer + 1, f(params, layer + 1, here))


def true_label_score(params: Parameters, layer: int, here: Array, above: Array) -> Array:
    """F_{l+1}ᵀ [φ′ ⊙ (h_{l+1} − f_{l+1}(h_l))], up to 1/σ²_q: ∂log q(h_{l+1}|h_l)/∂h_l, what the mirrored score is for.

    q(h_{l+1}|h_l) = N(f_{l+1}(h_l), σ²_q I) is recognition read as a density.
    """
    predicted = f(params, layer + 1, here)
    return (params.transfers[layer + 1].slope(predicted) * (above - predicted)) @ params.F[layer]


def nudge(params: Parameters, x: Array, target: Array) -> tuple[list[Array], list[Array]]:
    """L − 1 steps of the mirrored score, so that the label reaches layer 1: states and predictions.

    Parameters
    ----------
    x : (batch, n_0)
    target : (batch, n_L)
        Where the top is clamped.

    Returns
    -------
    h : list of (batch, n_l), l = 0…L
        h_0 = x, h_L = ``target``, the others nudged.
    predicted : list of (batch, n_l)
        p_l = f_l(h_{l−1}) as the basal compartments had it before the last step; p_0 = x.

    Raises
    ------
    InvalidInput
        The network has no labels.
    """
    beta, depth = params.network.teacher.beta, params.network.depth
    predicted = feedforward_pass(params, x)
    h = [*predicted[:-1], target]
    for step in range(depth - 1):
        if step:  # until then nothing has moved
            predicted = [x, predicted[1], *(f(params, layer, h[layer - 1]) for layer in range(2, depth + 1))]
        moved = [
            h[layer] + beta * (g(params, layer + 1, h[layer + 1]) - g(params, layer + 1, predicted[layer + 1]))
            for layer in range(1, depth)
        ]
        h = [x, *(params.transfers[layer].clip(state) for layer, state in enumerate(moved, start=1)), target]
    return h, predicted
