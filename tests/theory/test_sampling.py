"""The top prior, directed samples, GENERATE and inpainting."""

from __future__ import annotations

import numpy as np
import pytest

from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.spec import InferenceSpec
from neuro_bpdl.theory import sampling
from neuro_bpdl.theory.inference import infer
from neuro_bpdl.theory.maps import g


@pytest.fixture
def fitted(make_network):
    params = make_network()
    sampling.fit_prior(params, np.random.default_rng(0).uniform(0.4, 0.6, (500, 4)))
    return params


def test_prior_is_the_mean_and_four_times_the_variance(make_network):
    params = make_network()
    top = np.random.default_rng(0).random((50, 4))
    sampling.fit_prior(params, top)
    np.testing.assert_allclose(params.prior_mean, top.mean(axis=0))
    np.testing.assert_allclose(params.prior_variance, 4 * top.var(axis=0))


def test_a_dead_unit_keeps_a_proper_density(make_network):
    params = make_network()
    sampling.fit_prior(params, np.full((50, 4), 0.5))
    assert np.all(params.prior_variance > 0)


def test_samples_have_the_moments_of_the_prior(fitted):
    top = sampling.sample_top(fitted, 20_000, np.random.default_rng(1))
    np.testing.assert_allclose(top.mean(axis=0), fitted.prior_mean, atol=0.005)
    np.testing.assert_allclose(top.var(axis=0), fitted.prior_variance, rtol=0.05)


def test_an_unfitted_prior_is_refused(make_network):
    with pytest.raises(InvalidInput, match="fit_prior"):
        sampling.sample_top(make_network(), 3, np.random.default_rng(0))


def test_generate_is_the_printed_loop(fitted):
    top = sampling.sample_top(fitted, 5, np.random.default_rng(1))
    spec = InferenceSpec(steps=4, alpha=sampling.GENERATE_ALPHA)
    images = sampling.generate(fitted, top, spec)
    assert len(images) == 1 + sampling.GENERATE_ROUNDS
    expected = g(fitted, 1, g(fitted, 2, top))
    np.testing.assert_array_equal(images[0], expected)
    np.testing.assert_array_equal(images[0], sampling.directed(fitted, top))
    for image in images[1:]:
        expected = g(fitted, 1, infer(fitted, expected, spec).h[1])
        np.testing.assert_array_equal(image, expected)


def test_inpainting_returns_start_steps_and_fill(fitted):
    rng = np.random.default_rng(2)
    x, missing = rng.random((3, 6)), rng.random((3, 6)) < 0.5
    images = sampling.inpaint(fitted, x, missing, InferenceSpec(steps=6))
    assert len(images) == 8
    for image in images:
        np.testing.assert_array_equal(image[~missing], x[~missing])
    np.testing.assert_array_equal(images[0], x)
    assert np.all(images[-1][missing] != x[missing])
