"""Samplers reach the distribution they are meant to, and mixing measures measure mixing."""

from __future__ import annotations

import numpy as np
import pytest

from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.numbers.activations import TransferFunction
from neuro_bpdl.parameters import Parameters, initial_parameters
from neuro_bpdl.spec import InferenceSpec, NetworkSpec, PlasticitySpec
from neuro_bpdl.theory import chains, sampling
from neuro_bpdl.theory.maps import f, g
from neuro_bpdl.theory.score import target_propagation_score

LINEAR = TransferFunction("linear", lambda z: z, np.ones_like, -np.inf, np.inf)


def gaussian_model() -> Parameters:
    """A linear 3-2-2 model: p(x) is a Gaussian whose covariance is known."""
    params = initial_parameters(NetworkSpec.of((3, 2, 2)), seed=1)
    params.transfers = (LINEAR,) * 3
    params.variance[:] = (0.5, 0.3)
    params.G[0] *= 0.5  # weak coupling: the chains reach equilibrium within a test
    params.G[1] *= 0.5
    params.prior_mean, params.prior_variance = np.array([1.0, -1.0]), np.array([0.8, 1.5])
    return params


def covariance(params: Parameters) -> np.ndarray:
    inner = params.G[1] @ np.diag(params.prior_variance) @ params.G[1].T + params.variance[1] * np.eye(2)
    return params.G[0] @ inner @ params.G[0].T + params.variance[0] * np.eye(3)


def start(params: Parameters, n: int, rng: np.random.Generator) -> list[np.ndarray]:
    return [np.zeros((n, size)) for size in params.network.sizes]


def test_ancestral_samples_have_the_models_moments():
    params, rng = gaussian_model(), np.random.default_rng(0)
    top = params.prior_mean + np.sqrt(params.prior_variance) * rng.standard_normal((40_000, 2))
    x = chains.ancestral(params, top, rng)[0]
    np.testing.assert_allclose(np.cov(x.T), covariance(params), atol=0.05)


@pytest.mark.parametrize("rejection", [False, True])
def test_langevin_reaches_the_models_moments(rejection):
    params, rng = gaussian_model(), np.random.default_rng(0)
    step = chains.Langevin(params, epsilon=0.1 if rejection else 0.05, rejection=rejection)
    images = chains.run_chain(step, start(params, 1000, rng), 300, rng)[-1]
    np.testing.assert_allclose(np.cov(images.T), covariance(params), atol=0.2)
    mean = params.G[0] @ (params.G[1] @ params.prior_mean + params.c[1]) + params.c[0]
    np.testing.assert_allclose(images.mean(axis=0), mean, atol=0.15)


def test_acceptance_falls_with_the_step_and_is_one_without_rejection():
    params = gaussian_model()

    def acceptance(epsilon: float, rejection: bool) -> float:
        rng = np.random.default_rng(0)
        step = chains.Langevin(params, epsilon, rejection=rejection)
        chains.run_chain(step, start(params, 200, rng), 20, rng)
        return step.acceptance()

    assert acceptance(0.5, rejection=False) == 1.0
    assert 1 > acceptance(0.05, rejection=True) > acceptance(1.0, rejection=True)


def test_langevin_drift_from_eq_12_uses_the_auto_encoder(make_network, make_state):
    params = make_network()
    sampling.fit_prior(params, np.random.default_rng(0).random((50, 4)))
    h = make_state(params)
    exact, local = (chains.Langevin(params, 0.1, exact=exact)._drift(h) for exact in (True, False))
    np.testing.assert_array_equal(exact[0], local[0])
    expected = target_propagation_score(params, 2, h[1], h[2]) / params.prior_variance
    expected = expected + (params.prior_mean - h[2]) / params.prior_variance
    np.testing.assert_allclose(local[2], expected)


def test_langevin_refuses_an_unfitted_prior(make_network, make_state):
    with pytest.raises(InvalidInput, match="fit_prior"):
        chains.Langevin(make_network(), 0.1)(make_state(make_network()), np.random.default_rng(0))


def test_joint_dae_rebuilds_a_middle_layer_from_either_side(make_network, make_state):
    params = make_network()
    h = make_state(params, batch=200)
    x, middle, top = chains.joint_dae(params, PlasticitySpec(noise=0))(h, np.random.default_rng(0))
    np.testing.assert_array_equal(x, g(params, 1, h[1]))
    np.testing.assert_array_equal(top, f(params, 2, h[1]))
    above = np.all(middle == g(params, 2, h[2]), axis=1)
    below = np.all(middle == f(params, 1, h[0]), axis=1)
    assert np.all(above ^ below)
    assert 60 < above.sum() < 140


def test_latent_dae_is_one_round_of_generate(make_network):
    params = make_network()
    top = np.random.default_rng(0).random((5, 4))
    spec = InferenceSpec(steps=3, alpha=0.3)
    images = sampling.generate(params, top, spec, rounds=2)
    chain = chains.run_chain(chains.latent_dae(params, spec), [images[0]], 2, np.random.default_rng(0))
    np.testing.assert_array_equal(chain, np.stack(images))


def test_autocorrelation_of_known_series():
    rng = np.random.default_rng(0)
    series = np.zeros((400, 50, 3))
    for t in range(1, 400):
        series[t] = 0.8 * series[t - 1] + 0.6 * rng.standard_normal((50, 3))
    np.testing.assert_allclose(chains.autocorrelation(series[50:], 4), 0.8 ** np.arange(5), atol=0.03)
    stuck = np.repeat(rng.standard_normal((1, 50, 3)), 10, axis=0)
    np.testing.assert_allclose(chains.autocorrelation(stuck, 5), 1)


def test_class_switches():
    assert chains.class_switches(np.array([[1, 1], [1, 2], [2, 2]])) == 0.5
    assert chains.class_switches(np.zeros((5, 3), int)) == 0.0
