"""Inference, the E-step: Algorithm 2's INFER, for any number of layers."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.parameters import Parameters
from neuro_bpdl.spec import InferenceSpec
from neuro_bpdl.theory.maps import f, feedforward_pass, g

Array = NDArray[np.floating]
State = list[Array]


@dataclass
class Inference:
    """Where inference ended, and the way there.

    Attributes
    ----------
    h : list of (batch, n_l), l = 0…L
        The final state; h[0] is the image, its missing pixels filled in.
    history : list of states
        The feedforward start and the state after every step (N + 1 entries),
        or empty when it was not recorded.
    reconstruction : (batch, n_0) or None
        g_1(h_1) of the final state, where an engine delivers it.
    """

    h: State
    history: list[State] = field(default_factory=list)
    reconstruction: Array | None = None


def infer(
    params: Parameters,
    x: Array,
    spec: InferenceSpec,
    *,
    missing: NDArray[np.bool_] | None = None,
    rng: np.random.Generator | None = None,
    record: bool = False,
) -> Inference:
    """N times h_l += δ [f_l(h_{l−1}) − f_l(g_l(h_l))] + α [g_{l+1}(h_{l+1}) − h_l] (Algorithm 2).

    Parameters
    ----------
    x : (batch, n_0)
        Images; the values at missing pixels are where these start.
    spec : InferenceSpec
        N, δ, α, the order, and the Langevin noise.
    missing : (batch, n_0) bool, optional
        Pixels to infer; the others stay clamped. A missing pixel takes its
        reconstruction g_1(h_1), so that the data term of layer 1 becomes
        f_1(x^v, g^m(h)) − f_1(g(h)).
    rng : Generator
        Needed when ``spec.langevin`` is not 0.
    record : bool
        Keep the state after every step.

    Raises
    ------
    InvalidInput
        Langevin noise is asked for without a generator.
    """
    if spec.langevin and rng is None:
        raise InvalidInput("rng", None, "a numpy Generator when langevin > 0", "pass numpy.random.default_rng(seed)")
    h = feedforward_pass(params, x)
    history = [list(h)] if record else []
    step = _simultaneous if spec.order == "simultaneous" else _sequential
    drive = h[1] if missing is None else None  # a clamped image drives layer 1 alike at every step
    for _ in range(spec.steps):
        h = step(params, h, spec, missing, drive, rng)
        if record:
            history.append(list(h))
    return Inference(h, history)


def _move(
    params: Parameters,
    layer: int,
    h: State,
    spec: InferenceSpec,
    drive: Array | None,
    rng: np.random.Generator | None,
) -> Array:
    """h_l after one step, from the state ``h``."""
    here = h[layer]
    up = drive if layer == 1 and drive is not None else f(params, layer, h[layer - 1])
    moved = here + spec.delta * (up - f(params, layer, g(params, layer, here)))
    if layer < params.network.depth:
        moved = moved + spec.alpha * (g(params, layer + 1, h[layer + 1]) - here)
    if spec.langevin and rng is not None:
        moved = moved + spec.langevin * np.sqrt(2 * spec.delta) * rng.standard_normal(here.shape)
    return params.transfers[layer].clip(moved)


def _fill(params: Parameters, h: State, missing: NDArray[np.bool_] | None) -> Array:
    """The image with its missing pixels taken from g_1(h_1)."""
    return h[0] if missing is None else np.where(missing, g(params, 1, h[1]), h[0])


def _simultaneous(
    params: Parameters, h: State, spec: InferenceSpec, missing: NDArray[np.bool_] | None, drive: Array | None,
    rng: np.random.Generator | None,
) -> State:
    """All layers at once, the missing pixels of layer 0 among them."""
    hidden = [_move(params, layer, h, spec, drive, rng) for layer in range(1, params.network.depth + 1)]
    return [_fill(params, h, missing), *hidden]


def _sequential(
    params: Parameters, h: State, spec: InferenceSpec, missing: NDArray[np.bool_] | None, drive: Array | None,
    rng: np.random.Generator | None,
) -> State:
    """From the top layer down, each layer seeing the new state above it; missing pixels follow h_1."""
    h = list(h)
    for layer in range(params.network.depth, 0, -1):
        if layer == 1:
            h[0] = _fill(params, h, missing)
        h[layer] = _move(params, layer, h, spec, drive, rng)
    h[0] = _fill(params, h, missing)
    return h
