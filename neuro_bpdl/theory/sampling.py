"""Sampling: the top prior, directed samples, GENERATE and inpainting."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.parameters import Parameters
from neuro_bpdl.spec import InferenceSpec
from neuro_bpdl.spec.generation import GENERATE_ALPHA, GENERATE_ROUNDS
from neuro_bpdl.theory.inference import infer
from neuro_bpdl.theory.maps import feedback_pass, g
from neuro_bpdl.theory.model import log_prior

Array = NDArray[np.floating]
PRIOR_WIDENING = 4.0  # Algorithm 2: "variance multiplied by 4"

__all__ = [
    "GENERATE_ALPHA",
    "GENERATE_ROUNDS",
    "directed",
    "fit_prior",
    "generate",
    "inpaint",
    "sample_top",
]


def fit_prior(params: Parameters, top: Array) -> None:
    """p(h_L): per-unit mean and 4 × variance of the training set's inferred h_L (Algorithm 2). In place.

    Parameters
    ----------
    top : (images, n_L)
    """
    params.prior_mean = top.mean(axis=0).astype(params.dtype)
    floor = np.finfo(np.float32).eps  # a dead unit has variance 0 and would make the density degenerate
    params.prior_variance = (PRIOR_WIDENING * np.maximum(top.var(axis=0), floor)).astype(params.dtype)


def sample_top(params: Parameters, n: int, rng: np.random.Generator) -> Array:
    """n draws of h_L from the prior, (n, n_L), inside the range of the layer's activation."""
    zeros = np.zeros((1, params.network.sizes[-1]), params.dtype)
    log_prior(params, zeros)  # refuses an unfitted prior
    noise = rng.standard_normal((n, params.network.sizes[-1])).astype(params.dtype)
    drawn = params.prior_mean + np.sqrt(params.prior_variance) * noise  # type: ignore[arg-type]
    return params.transfers[-1].clip(drawn)


def directed(params: Parameters, top: Array) -> Array:
    """Images x = g_1(… g_L(h_L)), (n, n_0): samples of p(x|h) p(h) by their means."""
    return feedback_pass(params, params.network.depth, top)


def generate(
    params: Parameters,
    top: Array,
    spec: InferenceSpec,
    *,
    rounds: int = GENERATE_ROUNDS,
    label: Array | None = None,
    rng: np.random.Generator | None = None,
) -> list[Array]:
    """GENERATE of Algorithm 2: map h_L down, then ``rounds`` × {infer with α = 0.3; x ← g_1(h_1)}.

    Parameters
    ----------
    top : (n, n_L)
        Draws of h_L.
    spec : InferenceSpec
        Give it α = `GENERATE_ALPHA` for the paper's setting.
    label : (n, classes), optional
        Clamped in every round, where the top has a label child (`theory.joint`).

    Returns
    -------
    list of (n, n_0)
        The directed image and the image after every round.
    """
    images = [directed(params, top)]
    for _ in range(rounds):
        h = infer(params, images[-1], spec, label=label, rng=rng).h
        images.append(g(params, 1, h[1]))
    return images


def inpaint(
    params: Parameters,
    x: Array,
    missing: NDArray[np.bool_],
    spec: InferenceSpec,
    rng: np.random.Generator | None = None,
    label: Array | None = None,
) -> list[Array]:
    """Known pixels clamped, missing ones inferred (fig 5): the image after every step.

    Parameters
    ----------
    x : (batch, n_0)
        The values at missing pixels are where these start.
    missing : (batch, n_0) bool
    label : (batch, classes), optional
        As of `generate`.

    Returns
    -------
    list of (batch, n_0), N + 2 entries
        The start, the image after every step, and the final fill from g_1(h_1).
    """
    result = infer(params, x, spec, missing=missing, label=label, rng=rng, record=True)
    images = [state[0] for state in result.history]
    return [*images, np.where(missing, g(params, 1, result.h[1]), x)]
