"""Ways uphill on log p(x, h): the inference step with a rate of its own for each term and layer (docs/objective.md).

`infer` is the paper's INFER with one δ and one α. Here the data term (Eq 12
or the true gradient), the top-down term and the q-term of Eqs 6 and 8 of
every layer have their own rates, so that the remedies for an objective that
falls can be told apart. Simultaneous order.

The remedy that climbs most dependably, α_l = δ σ²_q,l/σ²_l, is also an option
of every engine: `resolved` puts its numbers in the place of
``InferenceSpec(alpha="variance")``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.numbers.steps import computed_step
from neuro_bpdl.numbers.streams import Stream, stream
from neuro_bpdl.parameters import Parameters
from neuro_bpdl.spec import Alpha, InferenceSpec, PlasticitySpec
from neuro_bpdl.theory.learning import corrupt
from neuro_bpdl.theory.maps import f, feedforward_pass, g
from neuro_bpdl.theory.score import target_propagation_score, true_score

Array = NDArray[np.floating]
State = list[Array]
RECOGNITION_IMAGES = 1000  # that σ²_q is fitted on: a mean over as many images times the layer's units


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
    def paper(cls, depth: int, delta: float, alpha: Alpha, recognition: float = 0.0) -> Rates:
        """One δ for all layers and α as `InferenceSpec` has it (Algorithm 2), and optionally the q-term."""
        return cls((delta,) * depth, InferenceSpec(alpha=alpha).alphas(depth), (recognition,) * depth)


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


def fit_recognition(params: Parameters, x: Array, plasticity: PlasticitySpec, seed: int) -> None:
    """σ²_q,l of what learning sees: mean squared V̇ of the basal compartments at the feedforward pass. In place.

    V̇ = h_l − f_l(h̃_{l−1}) with every layer below corrupted as ``plasticity`` says.

    Parameters
    ----------
    x : (images, n_0)
        Training images.
    seed : int
        Selects the corruption.
    """
    h = feedforward_pass(params, x.astype(params.dtype))
    rng = stream(seed, Stream.CORRUPTION, 0, 0)
    noisy = [corrupt(params, layer, state, plasticity, rng) for layer, state in enumerate(h)]
    pairs = ([*h[:layer], noisy[layer], *h[layer + 1 :]] for layer in range(params.network.depth))
    params.recognition_variance = np.array([recognition_variance(params, pair)[k] for k, pair in enumerate(pairs)])


def weighted(params: Parameters, delta: float, q_variance: Array | None = None) -> Rates:
    """A gradient step: Eq 12 over σ²_q,l and the prior over σ²_l, preconditioned by σ²_q,l.

    h_l += δ {[f_l(h_{l−1}) − f_l(g_l(h_l))] + (σ²_q,l / σ²_l) [g_{l+1}(h_{l+1}) − h_l]}; so α_l = δ σ²_q,l / σ²_l.

    Parameters
    ----------
    q_variance : (L,), optional
        σ²_q,l; ``params.recognition_variance`` unless given.

    Raises
    ------
    InvalidInput
        Neither is there.
    """
    depth = params.network.depth
    q_variance = params.recognition_variance if q_variance is None else q_variance
    if q_variance is None:
        raise InvalidInput(
            "inference.alpha", "variance", "a number: this network has no fitted recognition variance",
            "finish its training (neuro-bpdl train --resume RUN), or call theory.climb.fit_recognition",
        )  # fmt: skip
    prior = [min(1.0, delta * float(q_variance[k] / params.variance[k + 1])) for k in range(depth - 1)]
    return Rates((delta,) * depth, (*prior, 0.0), (0.0,) * depth)


def resolved(inference: InferenceSpec, params: Parameters, arithmetic: str = "float") -> InferenceSpec:
    """``inference`` with numbers for α, one that this network can have: what every engine runs.

    "variance" becomes (α_1, …, α_L) of `weighted`, each at most 1: above it h_l
    would be carried beyond its prediction. In ``arithmetic`` "fixed" one that
    is too small to move a soma is 0: nobody typed it, so nobody is refused.

    Raises
    ------
    InvalidInput
        "variance" without a recognition variance, or an α for another number of layers.
    """
    if inference.alpha == "variance":
        alphas = weighted(params, inference.delta).prior
        fits = tuple(map(computed_step, alphas)) if arithmetic == "fixed" else alphas
        return inference.model_copy(update={"alpha": fits})
    inference.alphas(params.network.depth)
    return inference


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
