import numpy as np
import pytest

from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.theory.mixture import MixturePrior, fit_mixture


def two_clouds(n, rng):
    """Two correlated Gaussians far apart, a third of the points in the first."""
    first = rng.random(n) < 1 / 3
    slanted = rng.standard_normal((n, 2)) @ np.array([[0.1, 0.08], [0.0, 0.05]])
    return np.where(first[:, None], [0.2, 0.8], [0.8, 0.2]) + slanted


def test_draws_have_the_moments_of_what_was_fitted():
    top = two_clouds(4000, np.random.default_rng(0))
    drawn = fit_mixture(top, 2, seed=0).sample(20_000, np.random.default_rng(1))
    assert drawn.mean(axis=0) == pytest.approx(top.mean(axis=0), abs=0.01)
    assert np.cov(drawn.T) == pytest.approx(np.cov(top.T), abs=0.003)


def test_components_are_found():
    prior = fit_mixture(two_clouds(4000, np.random.default_rng(0)), 2, seed=0)
    assert sorted(prior.weights) == pytest.approx([1 / 3, 2 / 3], abs=0.03)
    assert sorted(prior.means[:, 0]) == pytest.approx([0.2, 0.8], abs=0.02)


def test_a_component_draws_its_own_covariance():
    factor = np.array([[[0.3, 0.0], [0.2, 0.1]]])
    drawn = MixturePrior(np.ones(1), np.zeros((1, 2)), factor).sample(50_000, np.random.default_rng(2))
    assert np.cov(drawn.T) == pytest.approx(factor[0] @ factor[0].T, abs=0.003)


def test_same_seed_same_draws():
    top = two_clouds(500, np.random.default_rng(0))
    first, second = (fit_mixture(top, 3, seed=4).sample(10, np.random.default_rng(5)) for _ in range(2))
    assert np.array_equal(first, second)


@pytest.mark.parametrize("components", [0, 6])
def test_refuses_more_components_than_images_allow(components):
    with pytest.raises(InvalidInput, match="components"):
        fit_mixture(np.zeros((10, 2)), components, seed=0)
