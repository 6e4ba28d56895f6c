"""Learning, the M-step, written as the S·V̇ rule (Eq 1)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.numbers.streams import Stream, stream
from neuro_bpdl.numbers.variance import floored
from neuro_bpdl.parameters import Parameters
from neuro_bpdl.spec import InferenceSpec, PlasticitySpec
from neuro_bpdl.spec.plasticity import BERNOULLI_DRAWS
from neuro_bpdl.theory.inference import infer
from neuro_bpdl.theory.maps import f, g

Array = NDArray[np.floating]


def corrupt(params: Parameters, layer: int, h: Array, spec: PlasticitySpec, rng: np.random.Generator) -> Array:
    """h̃_l: h_l plus Gaussian noise, or at the top the mean of 3 Bernoulli(h_L) draws.

    The result stays inside the range of the layer's activation, except for
    pixels without ``spec.clip_visible``.
    """
    if spec.top_noise == "bernoulli" and layer == params.network.depth:
        draws = rng.random((BERNOULLI_DRAWS, *h.shape)) < h
        return draws.mean(axis=0).astype(h.dtype)
    noisy = rng.standard_normal(h.shape).astype(h.dtype, copy=False)
    noisy *= spec.noise_of(layer)
    noisy += h
    return params.transfers[layer].clip(noisy, out=noisy) if spec.clips(layer) else noisy


@dataclass(frozen=True)
class Change:
    """Weight changes, averaged over the batch, before the learning rate.

    F, b, G, c : lists shaped like those of `Parameters`.
    squared_residual : (L,) mean squared h*_l − g_{l+1}(h̃_{l+1}) of layers 0…L−1, without φ′: what σ²_l follows.
    """

    F: list[Array]
    b: list[Array]
    G: list[Array]
    c: list[Array]
    squared_residual: Array


def voltage_swings(
    params: Parameters, h: list[Array], noisy: list[Array], *, derivative: bool
) -> tuple[list[Array], list[Array], Array]:
    """∫V̇ dt of the basal compartments (layers 1…L) and the apical ones (layers 0…L−1), and mean squared residuals.

    A compartment starts at its own prediction, and its soma pulls it to the
    inferred value: V̇_basal = h*_l − f_l(h̃_{l−1}), V̇_apical = h*_{l−1} − g_l(h̃_l),
    times φ′ of the prediction when ``derivative``. The residuals, (L,), are
    those of the apical compartments, before φ′.
    """
    basal: list[Array] = []
    apical: list[Array] = []
    squared = []
    for layer in range(1, params.network.depth + 1):
        up, down = f(params, layer, noisy[layer - 1]), g(params, layer, noisy[layer])
        basal.append(h[layer] - up)
        apical.append(h[layer - 1] - down)
        squared.append(float((apical[-1] ** 2).mean()))
        if derivative:
            basal[-1] *= params.transfers[layer].slope(up)
            apical[-1] *= params.transfers[layer - 1].slope(down)
    return basal, apical, np.array(squared)


def m_step(params: Parameters, h: list[Array], noisy: list[Array], spec: PlasticitySpec) -> Change:
    """ΔF_l ∝ V̇_basal h̃_{l−1}ᵀ and ΔG_l ∝ V̇_apical h̃_lᵀ: one rule for both directions (Eq 1).

    Parameters
    ----------
    h : list of (batch, n_l)
        Inferred state, the targets.
    noisy : list of (batch, n_l)
        Corrupted state, what the compartments see; it is what the synapses see
        as S_pre too, but that is never below the layer's lowest rate.
    """
    basal, apical, squared = voltage_swings(params, h, noisy, derivative=spec.derivative)
    depth = params.network.depth
    seen = [state if spec.clips(layer) else np.maximum(state, params.transfers[layer].low)
            for layer, state in enumerate(noisy)]  # fmt: skip
    return Change(
        F=[_mean_product(basal[i], seen[i]) for i in range(depth)],
        b=[basal[i].mean(axis=0) for i in range(depth)],
        G=[_mean_product(apical[i], seen[i + 1]) for i in range(depth)],
        c=[apical[i].mean(axis=0) for i in range(depth)],
        squared_residual=squared,
    )


def _mean_product(post: Array, pre: Array) -> Array:
    """V̇ S_preᵀ of every image, averaged over the batch."""
    total: Array = post.T @ pre
    total /= len(pre)
    return total


def apply_change(
    params: Parameters, change: Change, spec: PlasticitySpec, *, batch: int, presentation: int
) -> None:
    """Add the change in place, and let the variances follow the residuals (M-step of σ²_l)."""
    depth = params.network.depth
    for i, (up, down) in enumerate(zip(spec.rates_up(depth), spec.rates_down(depth), strict=True)):
        params.F[i] += up * change.F[i]
        params.b[i] += up * change.b[i]
        params.G[i] += down * change.G[i]
        params.c[i] += down * change.c[i]
    gain = spec.variance_gain(batch, presentation)
    params.variance[:] = floored(params.variance + gain * (change.squared_residual - params.variance))


def present(
    params: Parameters,
    x: Array,
    inference: InferenceSpec,
    plasticity: PlasticitySpec,
    *,
    seed: int,
    presentation: int,
) -> Change:
    """One presentation: infer (E-step), corrupt, learn (M-step). Changes ``params`` in place.

    Parameters
    ----------
    x : (batch, n_0)
        The batch is a set of replicas that share one update.
    presentation : int
        Counts from 0 through the whole training; selects the noise.
    """
    rng = stream(seed, Stream.LANGEVIN, 0, presentation) if inference.langevin else None
    h = infer(params, x, inference, rng=rng).h
    noisy = [
        corrupt(params, layer, state, plasticity, stream(seed, Stream.CORRUPTION, layer, presentation))
        for layer, state in enumerate(h)
    ]
    change = m_step(params, h, noisy, plasticity)
    apply_change(params, change, plasticity, batch=len(x), presentation=presentation)
    return change
