"""Inference, the E-step: Algorithm 2's INFER, for any number of layers."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.parameters import Parameters
from neuro_bpdl.spec import InferenceSpec
from neuro_bpdl.theory.joint import child_of, label_score
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
    label: Array | None = None,
    rng: np.random.Generator | None = None,
    record: bool = False,
) -> Inference:
    """N times h_l += δ [f_l(h_{l−1}) − f_l(g_l(h_l))] + α [g_{l+1}(h_{l+1}) − h_l] (Algorithm 2).

    Parameters
    ----------
    x : (batch, n_0)
        Images; the values at missing pixels are where these start.
    spec : InferenceSpec
        N, δ, α (numbers: see `climb.resolved`), the order, and the Langevin noise.
    missing : (batch, n_0) bool, optional
        Pixels to infer; the others stay clamped. A missing pixel takes its
        reconstruction g_1(h_1), so that the data term of layer 1 becomes
        f_1(x^v, g^m(h)) − f_1(g(h)).
    label : (batch, classes), optional
        What the label child of the top is told (`theory.joint`).
    rng : Generator
        Needed when ``spec.langevin`` is not 0.
    record : bool
        Keep the state after every step.

    Raises
    ------
    InvalidInput
        Langevin noise is asked for without a generator; α is not one number or one for each layer.
    """
    if spec.langevin and rng is None:
        raise InvalidInput("rng", None, "a numpy Generator when langevin > 0", "pass numpy.random.default_rng(seed)")
    h = feedforward_pass(params, x)
    history = [list(h)] if record else []
    step = _simultaneous if spec.order == "simultaneous" else _sequential
    alphas = spec.alphas(params.network.depth)
    task = _Task(params, spec, alphas, missing, drive=h[1] if missing is None else None, label=label, rng=rng)
    for _ in range(spec.steps):
        h = step(task, h)
        if record:
            history.append(list(h))
    return Inference(h, history)


@dataclass(frozen=True)
class _Task:
    """What stays the same from step to step; ``drive`` is f_1(x) of a clamped image."""

    params: Parameters
    spec: InferenceSpec
    alphas: tuple[float, ...]
    missing: NDArray[np.bool_] | None
    drive: Array | None
    label: Array | None
    rng: np.random.Generator | None


def _move(task: _Task, layer: int, h: State, reflected: Array, predicted: Array | None) -> Array:
    """h_l after one step, from the state ``h``, g_l(h_l) and, below the top, g_{l+1}(h_{l+1})."""
    params, spec, here = task.params, task.spec, h[layer]
    up = task.drive if layer == 1 and task.drive is not None else f(params, layer, h[layer - 1])
    moved = f(params, layer, reflected)
    np.subtract(up, moved, out=moved)
    moved *= spec.delta
    moved += here
    if predicted is not None:
        pull = predicted - here
        pull *= task.alphas[layer - 1]
        moved += pull
    if task.label is not None and layer == params.network.depth:
        moved = moved + child_of(params).weight * label_score(params, task.label, here)
    if spec.langevin and task.rng is not None:
        noise = task.rng.standard_normal(here.shape).astype(here.dtype)
        moved = moved + spec.langevin * math.sqrt(2 * spec.delta) * noise
    return params.transfers[layer].clip(moved, out=moved)


def _fill(task: _Task, h: State, reflected: Array | None = None) -> Array:
    """The image with its missing pixels taken from g_1(h_1)."""
    if task.missing is None:
        return h[0]
    return np.where(task.missing, g(task.params, 1, h[1]) if reflected is None else reflected, h[0])


def _simultaneous(task: _Task, h: State) -> State:
    """All layers at once, the missing pixels of layer 0 among them."""
    depth = task.params.network.depth
    down = [g(task.params, layer, h[layer]) for layer in range(1, depth + 1)]  # what one reflects pulls the one below
    hidden = [_move(task, k + 1, h, down[k], down[k + 1] if k + 1 < depth else None) for k in range(depth)]
    return [_fill(task, h, down[0]), *hidden]


def _sequential(task: _Task, h: State) -> State:
    """From the top layer down, each layer seeing the new state above it; missing pixels follow h_1."""
    h, above, params = list(h), None, task.params
    for layer in range(params.network.depth, 0, -1):
        reflected = g(params, layer, h[layer])
        if layer == 1:
            h[0] = _fill(task, h, reflected)
        h[layer] = _move(task, layer, h, reflected, above)
        above = g(params, layer, h[layer]) if layer > 1 else None
    h[0] = _fill(task, h)
    return h
