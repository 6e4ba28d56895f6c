"""The two terms of J, and the bound of Eqs 2–4 where log p(x) has a closed form."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from neuro_bpdl.numbers.activations import TransferFunction
from neuro_bpdl.parameters import Parameters, initial_parameters
from neuro_bpdl.spec import NetworkSpec
from neuro_bpdl.theory import model, objective

LINEAR = TransferFunction("linear", lambda z: z, np.ones_like, -np.inf, np.inf)
VISIBLE, LATENT = 5, 3


def linear_gaussian(seed: int, orthogonal: bool) -> Parameters:
    """x = G h + c + noise, h ~ N(m, diag(v)); orthogonal columns make the posterior isotropic."""
    params = initial_parameters(NetworkSpec.of((VISIBLE, LATENT), "sigmoid"), seed)
    params.transfers = (LINEAR, LINEAR)
    rng = np.random.default_rng(seed)
    params.variance[:] = rng.uniform(0.2, 1.0)
    params.c[0][:] = rng.normal(size=VISIBLE)
    params.prior_mean = rng.normal(size=LATENT)
    params.prior_variance = rng.uniform(0.5, 2.0, LATENT)
    if orthogonal:
        params.G[0] = 1.3 * np.linalg.qr(params.G[0])[0]
        params.prior_variance[:] = 0.8
    return params


def posterior(params: Parameters, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and covariance of p(h|x) by Bayes' rule for Gaussians."""
    G, noise = params.G[0], params.variance[0]
    covariance = np.linalg.inv(np.diag(1 / params.prior_variance) + G.T @ G / noise)
    return ((x - params.c[0]) @ G / noise + params.prior_mean / params.prior_variance) @ covariance, covariance


def evidence(params: Parameters, x: np.ndarray) -> np.ndarray:
    """log p(x), closed form."""
    G = params.G[0]
    covariance = G @ np.diag(params.prior_variance) @ G.T + params.variance[0] * np.eye(VISIBLE)
    return stats.multivariate_normal(G @ params.prior_mean + params.c[0], covariance).logpdf(x)


def images(seed: int) -> np.ndarray:
    return np.random.default_rng(seed + 1).normal(size=(6, VISIBLE))


def bound(params: Parameters, x: np.ndarray, mean: np.ndarray, std: float, samples: int) -> np.ndarray:
    energy, entropy = objective.variational_bound(params, [x, mean], std, np.random.default_rng(0), samples=samples)
    return energy + entropy


@pytest.mark.parametrize("seed", range(3))
def test_bound_is_tight_at_the_true_posterior(seed):
    params, x = linear_gaussian(seed, orthogonal=True), images(seed)
    mean, covariance = posterior(params, x)
    np.testing.assert_allclose(covariance, covariance[0, 0] * np.eye(LATENT), atol=1e-12)
    np.testing.assert_allclose(bound(params, x, mean, np.sqrt(covariance[0, 0]), 5000), evidence(params, x), atol=0.08)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 1000), st.floats(0.05, 2), st.floats(-2, 2))
def test_bound_misses_the_evidence_by_the_divergence_from_the_posterior(seed, std, offset):
    params, x = linear_gaussian(seed, orthogonal=False), images(seed)
    mean, covariance = posterior(params, x)
    precision, shift = np.linalg.inv(covariance), np.full(LATENT, offset)
    divergence = 0.5 * (
        std**2 * np.trace(precision) + shift @ precision @ shift - LATENT
        + np.log(np.linalg.det(covariance)) - 2 * LATENT * np.log(std)
    )
    gap = evidence(params, x) - bound(params, x, mean + offset, std, 8000)
    assert divergence >= 0
    np.testing.assert_allclose(gap, divergence, atol=0.15 * (1 + divergence))


def test_terms_add_up_to_the_joint(make_network, make_state):
    params = make_network((6, 5, 4, 3))
    h = make_state(params)
    terms = objective.objective(params, h)
    np.testing.assert_allclose(terms.total, model.log_joint(params, h, prior=False))
    np.testing.assert_allclose(terms.reconstruction, model.log_conditional(params, 1, h[0], h[1]))


def test_one_hidden_layer_has_no_latent_term(make_network, make_state):
    params = make_network((6, 5))
    np.testing.assert_array_equal(objective.objective(params, make_state(params)).latent, np.zeros(3))
