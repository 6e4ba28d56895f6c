"""f_l, g_l, and the densities of Eq 7 against scipy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.spec import ACTIVATIONS
from neuro_bpdl.theory import maps, model, sampling


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_maps_match_a_unit_by_unit_computation(make_network, make_state, activation):
    params = make_network(activation=activation)
    h = make_state(params)
    for layer in (1, 2):
        phi = params.transfers[layer].value
        expected = [
            [phi(np.dot(params.F[layer - 1][j], row) + params.b[layer - 1][j]) for j in range(len(params.b[layer - 1]))]
            for row in h[layer - 1]
        ]
        np.testing.assert_allclose(maps.f(params, layer, h[layer - 1]), expected, rtol=1e-12)
        psi = params.transfers[layer - 1].value
        expected = [
            [psi(np.dot(params.G[layer - 1][i], row) + params.c[layer - 1][i]) for i in range(len(params.c[layer - 1]))]
            for row in h[layer]
        ]
        np.testing.assert_allclose(maps.g(params, layer, h[layer]), expected, rtol=1e-12)


def test_passes_compose_the_maps(make_network, make_state):
    params = make_network((6, 5, 4, 3))
    x = make_state(params)[0]
    up = maps.feedforward_pass(params, x)
    np.testing.assert_array_equal(up[3], maps.f(params, 3, maps.f(params, 2, maps.f(params, 1, x))))
    np.testing.assert_array_equal(
        maps.feedback_pass(params, 3, up[3]), maps.g(params, 1, maps.g(params, 2, maps.g(params, 3, up[3])))
    )


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_slope_is_the_derivative_of_the_value(make_network, activation):
    phi = make_network(activation=activation).transfers[0]
    z = np.linspace(-3.03, 5.07, 41)  # the kinks of the piecewise functions fall between the points
    step = 1e-6
    numeric = (phi.value(z + step) - phi.value(z - step)) / (2 * step)
    np.testing.assert_allclose(phi.slope(phi.value(z)), numeric, atol=1e-7)


@given(st.integers(0, 10_000), st.floats(1e-3, 10))
def test_log_normal_is_scipys(seed, variance):
    rng = np.random.default_rng(seed)
    value, mean = rng.normal(size=(2, 4, 3))
    expected = stats.multivariate_normal(cov=variance * np.eye(3)).logpdf(value - mean)
    np.testing.assert_allclose(model.log_normal(value, mean, variance), expected, rtol=1e-9, atol=1e-9)
    per_unit = rng.uniform(0.1, 3, 3)
    expected = stats.norm(mean, np.sqrt(per_unit)).logpdf(value).sum(axis=1)
    np.testing.assert_allclose(model.log_normal(value, mean, per_unit), expected, rtol=1e-9, atol=1e-9)


def test_joint_is_the_sum_of_its_factors(make_network, make_state):
    params = make_network()
    h = make_state(params)
    sampling.fit_prior(params, np.random.default_rng(0).random((50, 4)))
    expected = sum(
        stats.norm(maps.g(params, layer, h[layer]), np.sqrt(params.variance[layer - 1])).logpdf(h[layer - 1]).sum(1)
        for layer in (1, 2)
    )
    np.testing.assert_allclose(model.log_joint(params, h, prior=False), expected)
    expected = expected + stats.norm(params.prior_mean, np.sqrt(params.prior_variance)).logpdf(h[2]).sum(1)
    np.testing.assert_allclose(model.log_joint(params, h), expected)


def test_an_unfitted_prior_is_refused(make_network, make_state):
    params = make_network()
    with pytest.raises(InvalidInput, match="fit_prior"):
        model.log_joint(params, make_state(params))
