"""Densities of the generative model p(x, h) = p(h_L) ∏ N(h_{l−1}; g_l(h_l), σ²_{l−1} I) (Eq 7)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.parameters import Parameters
from neuro_bpdl.theory.maps import g

Array = NDArray[np.floating]


def log_normal(value: Array, mean: Array, variance: Array | float) -> Array:
    """log N(value; mean, diag(variance)), normaliser included.

    Parameters
    ----------
    value, mean : (batch, n)
    variance : float or (n,)

    Returns
    -------
    (batch,) in nats.
    """
    square = (value - mean) ** 2 / variance + np.log(2 * np.pi * np.asarray(variance, dtype=np.float64))
    return -0.5 * square.sum(axis=-1)


def log_conditional(params: Parameters, layer: int, below: Array, above: Array) -> Array:
    """log p(h_{l−1} | h_l) for l = ``layer``, (batch,) in nats."""
    return log_normal(below, g(params, layer, above), float(params.variance[layer - 1]))


def log_prior(params: Parameters, top: Array) -> Array:
    """log p(h_L) under the Gaussian fitted to the training set, (batch,) in nats.

    Raises
    ------
    InvalidInput
        The prior has not been fitted.
    """
    if params.prior_mean is None or params.prior_variance is None:
        raise InvalidInput("prior", None, "a fitted Gaussian p(h_L)", "call theory.sampling.fit_prior first")
    return log_normal(top, params.prior_mean, params.prior_variance)


def log_joint(params: Parameters, h: list[Array], *, prior: bool = True) -> Array:
    """log p(x, h) of Eq 7, (batch,) in nats; ``prior=False`` leaves p(h_L) flat."""
    depth = params.network.depth
    total = sum(log_conditional(params, layer, h[layer - 1], h[layer]) for layer in range(1, depth + 1))
    return total + log_prior(params, h[depth]) if prior else np.asarray(total)
