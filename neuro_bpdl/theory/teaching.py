"""Learning with labels as S·V̇: the event in which F and G learn together.

`labels.nudge` leaves every layer at h_l, near what its basal compartment
predicts, p_l = f_l(h_{l−1}). The swing from one to the other, written in units
of β where a teacher nudged, is what synapses see:

    V̇_L = y − p_L        V̇_l = φ′_l(p_l) ⊙ (h_l − p_l) / β        ΔF_l ∝ V̇_l p_{l−1}ᵀ        ΔG_{l+1} ∝ p_l V̇_{l+1}ᵀ

The third is Eq 1 at the basal compartment; only the layer's own φ′ comes with
it, and none at the top (matching loss). The fourth is Eq 1 at the apical
compartment, which rises to p_l while layer l+1 sends the positive part of its
swing, and falls back while it sends the negative one:

    ΔG_{l+1} ∝ (+p_l) (V̇⁺_{l+1})ᵀ + (−p_l) (V̇⁻_{l+1})ᵀ

So ΔG_{l+1} = ΔF_{l+1}ᵀ, event by event. G_{l+1} − F_{l+1}ᵀ stays what it was at
the start and is outgrown (or shrinks, where weights decay: Kolen & Pollack
1994, Akrout et al 2019). No weight is copied: either synapse sees its own two
ends only. Where G_{l+1} ∝ F_{l+1}ᵀ and ψ is straight, ΔF points along minus the
gradient of the matching loss Σ ∫φ_L(z)dz − y z of the top's net input (for a
sigmoid, cross-entropy).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.parameters import Parameters
from neuro_bpdl.spec import PlasticitySpec
from neuro_bpdl.theory.labels import nudge
from neuro_bpdl.theory.maps import feedforward_pass, g

Array = NDArray[np.floating]
FeedbackRule = Literal["same-event", "regression", "fixed"]
FEEDBACK_RULES: tuple[FeedbackRule, ...] = ("same-event", "regression", "fixed")


@dataclass(frozen=True)
class TaughtChange:
    """Weight changes of one event, averaged over the batch, before the learning rate.

    F, b : lists shaped as those of `Parameters`, l = 1…L
    G : list, l = 2…L, of (n_{l-1}, n_l): G_1 carries no swing, since pixels do not learn
    c : list, l = 1…L−1, of (n_l,); zeros but for the regression
    """

    F: list[Array]
    b: list[Array]
    G: list[Array]
    c: list[Array]


def taught_swings(params: Parameters, h: list[Array], predicted: list[Array]) -> list[Array]:
    """[V̇_1, …, V̇_L] of the basal compartments, from `labels.nudge`'s states and predictions."""
    beta, depth = params.network.teacher.beta, params.network.depth
    below = [
        params.transfers[layer].slope(predicted[layer]) * (h[layer] - predicted[layer]) / beta
        for layer in range(1, depth)
    ]
    return [*below, h[depth] - predicted[depth]]


def apical_events(here: Array, swing: Array) -> tuple[tuple[Array, Array], tuple[Array, Array]]:
    """(S_pre, V̇) of G's two moments: (V̇⁺ of the layer above, +p_l) and (V̇⁻ of the layer above, −p_l).

    A graded spike that synapses learn from has no sign, so a swing is sent in
    two parts, and the sign is that of the voltage's change meanwhile.
    """
    return (np.maximum(swing, 0), here), (np.maximum(-swing, 0), -here)


def taught_change(
    params: Parameters,
    predicted: list[Array],
    swings: list[Array],
    *,
    feedback: FeedbackRule = "same-event",
    noisy: list[Array] | None = None,
) -> TaughtChange:
    """ΔF_l ∝ V̇_l p_{l−1}ᵀ, and ΔG_l by one of three rules.

    Parameters
    ----------
    predicted : list of (batch, n_l), l = 0…L
        p_l, with the image as p_0.
    swings : list of (batch, n_l), l = 1…L
    feedback : {"same-event", "regression", "fixed"}
        How G_l, l ≥ 2, learns: in the same event, ΔG_l ∝ p_{l−1} V̇_lᵀ; by the paper's
        denoising regression, ΔG_l ∝ (p_{l−1} − g_l(h̃_l)) h̃_lᵀ; or not at all.
    noisy : list of (batch, n_l)
        h̃ of the regression.

    Raises
    ------
    InvalidInput
        Another rule, or the regression without ``noisy``.
    """
    if feedback not in FEEDBACK_RULES:
        raise InvalidInput("feedback", feedback, ", ".join(FEEDBACK_RULES))
    batch = len(predicted[0])
    G, c = _feedback(params, predicted, swings, feedback, noisy)
    return TaughtChange(
        F=[swing.T @ below / batch for swing, below in zip(swings, predicted, strict=False)],
        b=[swing.mean(axis=0) for swing in swings],
        G=G,
        c=c,
    )


def _feedback(
    params: Parameters, h: list[Array], swings: list[Array], rule: FeedbackRule, noisy: list[Array] | None
) -> tuple[list[Array], list[Array]]:
    """ΔG_2 … ΔG_L and Δc_1 … Δc_{L−1}."""
    batch, layers = len(h[0]), range(2, params.network.depth + 1)
    still = [np.zeros_like(params.c[layer - 1]) for layer in layers]
    if rule == "fixed":
        return [np.zeros_like(params.G[layer - 1]) for layer in layers], still
    if rule == "same-event":
        events = [apical_events(h[layer - 1], swings[layer - 1]) for layer in layers]
        return [(up.T @ rising + down.T @ falling) / batch for (rising, up), (falling, down) in events], still
    if noisy is None:
        raise InvalidInput("noisy", None, "a corrupted state, for the regression")
    residuals = [h[layer - 1] - g(params, layer, noisy[layer]) for layer in layers]
    changes: list[Array] = [rest.T @ noisy[layer] / batch for rest, layer in zip(residuals, layers, strict=True)]
    means: list[Array] = [rest.mean(axis=0) for rest in residuals]
    return changes, means


def apply_taught(params: Parameters, change: TaughtChange, plasticity: PlasticitySpec) -> None:
    """Add the change in place. G_l aligns with F_lᵀ where their rates are equal."""
    depth = params.network.depth
    for i, rate in enumerate(plasticity.rates_up(depth)):
        params.F[i] += params.dtype.type(rate) * change.F[i]
        params.b[i] += params.dtype.type(rate) * change.b[i]
    for i, rate in enumerate(plasticity.rates_down(depth)[1:]):
        params.G[i + 1] += params.dtype.type(rate) * change.G[i]
        params.c[i + 1] += params.dtype.type(rate) * change.c[i]


def teach(params: Parameters, x: Array, target: Array, plasticity: PlasticitySpec) -> TaughtChange:
    """One presentation with labels: nudge, learn in the same event. Changes ``params`` in place.

    Parameters
    ----------
    x : (batch, n_0)
    target : (batch, n_L)
        Where the top is clamped, as from `one_hot`.
    """
    h, predicted = nudge(params, x, target)
    change = taught_change(params, predicted, taught_swings(params, h, predicted))
    apply_taught(params, change, plasticity)
    return change


def alignment(params: Parameters, layer: int) -> float:
    """Cosine of the angle between G_l and F_lᵀ, all entries as one vector."""
    F, G = params.F[layer - 1], params.G[layer - 1].T
    return float((F * G).sum() / (np.linalg.norm(F) * np.linalg.norm(G)))


def net_inputs(params: Parameters, x: Array) -> Array:
    """F_L h_{L−1} + b_L of the feedforward pass, (batch, classes): φ_L rises too, but saturates."""
    below = feedforward_pass(params, x)[-2]
    return below @ params.F[-1].T + params.b[-1]
