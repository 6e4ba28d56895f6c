"""Ways uphill on log p(x, h): the inference step with a rate of its own for each term and layer (docs/objective.md).

`infer` is the paper's INFER with one δ and one α. Here the data term (Eq 12
or the true gradient), the top-down term and the q-term of Eqs 6 and 8 of
every layer have their own rates, so that the remedies for an objective that
falls can be told apart. Simultaneous order.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.parameters import Parameters
from neuro_bpdl.theory.maps import f, feedforward_pass, g
from neuro_bpdl.theory.score import target_propagation_score, true_score

Array = NDArray[np.floating]
State = list[Array]


@dataclass(frozen=True)
class Rates:
    """Rates of the three terms, one entry per hidden layer l = 1…L.

    Attributes
    ----------
    data : of f_l(h_{l−1}) − f_l(g_l(h_l)), or of the true gradient when ``exact``
    prior : of g_{l+1}(h_{l+1}) − h_l (nothing at the top)
    recognition : of f_l(h_{l−1}) − h_l, the local part of ∂log q/∂h_l (Eq 8)
    """

    data: tuple[float, ...]
    prior: tuple[float, ...]
    recognition: tuple[float, ...]
    exact: bool = False

    @classmethod
    def paper(cls, depth: int, delta: float, alpha: float, recognition: float = 0.0) -> Rates:
        """One δ and one α for all layers (Algorithm 2), and optionally the q-term."""
        return cls((delta,) * depth, (alpha,) * depth, (recognition,) * depth)


def recognition_variance(params: Parameters, h: State) -> Array:
    """σ²_q,l: mean squared h_l − f_l(h_{l−1}) over the images, for l = 1…L. Local to the basal compartment.

    Parameters
    ----------
    h : list of (batch, n_l)
        Corrupt the layers below first, to get the variance of q(h|x) that
        learning sees.
    """
    residuals = [h[layer] - f(params, layer, h[layer - 1]) for layer in range(1, params.network.depth + 1)]
    return np.array([float((residual**2).mean()) for residual in residuals])


def weighted(params: Parameters, delta: float, q_variance: Array) -> Rates:
    """A gradient step: Eq 12 over σ²_q,l and the prior over σ²_l, preconditioned by σ²_q,l.

    h_l += δ {[f_l(h_{l−1}) − f_l(g_l(h_l))] + (σ²_q,l / σ²_l) [g_{l+1}(h_{l+1}) − h_l]}; so α_l = δ σ²_q,l / σ²_l.
    """
    depth = params.network.depth
    prior = [delta * float(q_variance[k] / params.variance[k + 1]) for k in range(depth - 1)]
    return Rates((delta,) * depth, (*prior, 0.0), (0.0,) * depth)


def exact_gradient(params: Parameters, step: float) -> Rates:
    """The control: plain gradient ascent on log p(x, h) with the true scores."""
    depth = params.network.depth
    prior = [step / float(params.variance[k + 1]) for k in range(depth - 1)]
    return Rates((step,) * depth, (*prior, 0.0), (0.0,) * depth, exact=True)


def climb(params: Parameters, x: Array, rates: Rates, steps: int) -> list[State]:
    """The feedforward start and the state after every step (steps + 1 entries); x stays clamped."""
    h = feedforward_pass(params, x)
    history = [list(h)]
    for _ in range(steps):
        h = [x, *(_move(params, layer, h, rates) for layer in range(1, params.network.depth + 1))]
        history.append(list(h))
    return history


def _move(params: Parameters, layer: int, h: State, rates: Rates) -> Array:
    here, k = h[layer], layer - 1
    score = true_score if rates.exact else target_propagation_score
    moved = here + rates.data[k] * score(params, layer, h[k], here)
    if layer < params.network.depth and rates.prior[k]:
        moved = moved + rates.prior[k] * (g(params, layer + 1, h[layer + 1]) - here)
    if rates.recognition[k]:
        moved = moved + rates.recognition[k] * (f(params, layer, h[k]) - here)
    return params.transfers[layer].clip(moved)
