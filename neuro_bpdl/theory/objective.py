"""The objective, always in its two terms, and the variational bound (Eqs 2–4)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.parameters import Parameters
from neuro_bpdl.theory.model import log_conditional, log_joint

Array = NDArray[np.floating]


@dataclass(frozen=True)
class Objective:
    """log p(x, h) with a flat top prior, in nats, per image.

    Attributes
    ----------
    reconstruction : (batch,)
        log p(x | h_1).
    latent : (batch,)
        Σ_{l≥1} log p(h_l | h_{l+1}); 0 for one hidden layer.
    """

    reconstruction: Array
    latent: Array

    @property
    def total(self) -> Array:
        """Their sum, (batch,)."""
        return self.reconstruction + self.latent


def objective(params: Parameters, h: list[Array]) -> Objective:
    """Both terms of log p(x, h) at the state ``h`` = [x, h_1, …, h_L].

    Parameters
    ----------
    h : list of (batch, n_l), l = 0…L
    """
    latent = np.zeros(len(h[0]))
    for layer in range(2, params.network.depth + 1):
        latent = latent + log_conditional(params, layer, h[layer - 1], h[layer])
    return Objective(reconstruction=log_conditional(params, 1, h[0], h[1]), latent=latent)


def variational_bound(
    params: Parameters, h: list[Array], std: float, rng: np.random.Generator, samples: int = 16
) -> tuple[Array, Array]:
    """The two terms of log p(x) ≥ E_q[log p(x, h)] + H[q] (Eq 3).

    q(h | x) = N(h*, std² I) around the inferred state ``h``; the expectation
    is a Monte Carlo mean over ``samples`` draws.

    Returns
    -------
    energy, entropy : (batch,) each, in nats.
    """
    latents = h[1:]
    energy = np.zeros(len(h[0]))
    for _ in range(samples):
        drawn = [latent + std * rng.standard_normal(latent.shape) for latent in latents]
        energy += log_joint(params, [h[0], *drawn]) / samples
    units = sum(latent.shape[1] for latent in latents)
    entropy = 0.5 * units * np.log(2 * np.pi * math.e * std**2)
    return energy, np.full(len(h[0]), entropy)
