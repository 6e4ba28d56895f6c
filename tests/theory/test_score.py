"""Eq 12 and the exact scores, against finite differences of the densities."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neuro_bpdl.numbers.activations import TransferFunction
from neuro_bpdl.parameters import initial_parameters
from neuro_bpdl.spec import InferenceSpec, NetworkSpec
from neuro_bpdl.theory import model, score
from neuro_bpdl.theory.inference import infer
from neuro_bpdl.theory.maps import g

LINEAR = TransferFunction("linear", lambda z: z, np.ones_like, -np.inf, np.inf)


def gradient(function, at: np.ndarray, step: float = 1e-6) -> np.ndarray:
    """∂function(row)/∂row by central differences; ``function`` maps (batch, n) to (batch,)."""
    columns = []
    for unit in range(at.shape[1]):
        shift = np.zeros(at.shape[1])
        shift[unit] = step
        columns.append((function(at + shift) - function(at - shift)) / (2 * step))
    return np.stack(columns, axis=1)


@pytest.mark.parametrize("activation", ["sigmoid", "softplus", "tanh", "hard-sigmoid", "clipped-relu"])
def test_true_scores_are_gradients_of_the_densities(make_network, make_state, activation):
    params = make_network(activation=activation, seed=3)
    h = make_state(params)
    for layer in (1, 2):
        density = partial(model.log_conditional, params, layer, h[layer - 1])
        numeric = gradient(density, h[layer])
        np.testing.assert_allclose(score.true_score(params, layer, h[layer - 1], h[layer]), numeric, atol=1e-7)
    numeric = gradient(lambda here: model.log_conditional(params, 2, here, h[2]), h[1])
    np.testing.assert_allclose(score.prior_score(params, 1, h[1], h[2]), numeric, atol=1e-7)


def linear_pair(make_network, seed: int):
    """A pair where Eq 12 holds exactly: linear g, and f the posterior mean under a flat prior's ridge."""
    params = make_network((6, 4), seed=seed)
    params.transfers = (LINEAR, LINEAR)
    G, ratio = params.G[0], params.variance[0]
    covariance = np.linalg.inv(np.eye(4) + G.T @ G / ratio)  # p(h) = N(0, I)
    params.F[0] = covariance @ G.T / ratio
    params.b[0] = -params.F[0] @ params.c[0]
    return params, covariance


@given(st.integers(0, 200))
def test_eq_12_is_the_posterior_covariance_times_the_gradient_for_a_linear_gaussian_pair(seed):
    def make(sizes, seed):
        params = initial_parameters(NetworkSpec.of(sizes), seed)
        params.c[0] += np.random.default_rng(seed).normal(size=sizes[0])
        params.variance[:] = 0.7
        return params

    params, covariance = linear_pair(make, seed)
    rng = np.random.default_rng(seed)
    below, here = rng.normal(size=(5, 6)), rng.normal(size=(5, 4))
    numeric = gradient(lambda h: model.log_conditional(params, 1, below, h), here, step=1e-4)
    estimate = score.target_propagation_score(params, 1, below, here)
    np.testing.assert_allclose(estimate, numeric @ covariance, atol=1e-6)
    assert np.all(score.cosine(estimate, numeric) > 0)  # covariance is positive definite: always uphill


def test_eq_12_vanishes_at_a_perfect_reconstruction(make_network, make_state):
    params = make_network()
    here = make_state(params)[1]
    np.testing.assert_array_equal(score.target_propagation_score(params, 1, g(params, 1, here), here), 0)


def test_inference_climbs_the_density_of_a_linear_gaussian_pair(make_network, make_state):
    params, _ = linear_pair(make_network, 4)
    history = infer(params, make_state(params)[0], InferenceSpec(steps=30, delta=0.3), record=True).history
    climb = np.array([model.log_conditional(params, 1, h[0], h[1]) for h in history])
    assert np.all(np.diff(climb, axis=0) > 0)


def test_cosine_of_known_angles():
    a = np.array([[1.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 0.0]])
    b = np.array([[2.0, 0.0], [0.0, 3.0], [1.0, 0.0], [1.0, 0.0]])
    np.testing.assert_allclose(score.cosine(a, b), [1, 0, np.sqrt(0.5), 0])
