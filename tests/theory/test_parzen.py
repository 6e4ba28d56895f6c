"""The Parzen window against scipy's densities."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.special import logsumexp

from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.theory import parzen


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 1000), st.floats(0.05, 3))
def test_log_densities_are_scipys(seed, sigma):
    rng = np.random.default_rng(seed)
    samples, images = rng.random((7, 3)), rng.random((5, 3))
    windows = stats.norm(samples[None], sigma).logpdf(images[:, None]).sum(axis=2)
    expected = logsumexp(windows, axis=1) - np.log(7)
    np.testing.assert_allclose(parzen.log_densities(samples, images, (sigma,))[0], expected, rtol=1e-6, atol=1e-6)


def test_chunks_do_not_matter(monkeypatch):
    rng = np.random.default_rng(0)
    samples, images = rng.random((40, 6), dtype=np.float32), rng.random((33, 6), dtype=np.float32)
    whole = parzen.log_densities(samples, images, (0.2, 0.5))
    monkeypatch.setattr(parzen, "CHUNK", 10)
    np.testing.assert_allclose(parzen.log_densities(samples, images, (0.2, 0.5)), whole, rtol=1e-5)


def test_far_samples_do_not_underflow():
    density = parzen.log_densities(np.zeros((3, 784), np.float32), np.ones((2, 784), np.float32), (0.1,))
    assert np.all(np.isfinite(density))


def test_sigma_comes_from_validation_and_the_mean_from_test():
    rng = np.random.default_rng(0)
    samples, validation, test = (s * rng.standard_normal((n, 4)) for s, n in ((1, 300), (1, 100), (3, 200)))
    result = parzen.parzen(samples, validation, test)
    table = parzen.log_densities(samples, validation, parzen.SIGMAS).mean(axis=1)
    assert result.sigma == parzen.SIGMAS[int(table.argmax())]
    density = parzen.log_densities(samples, test, (result.sigma,))[0]
    assert result.mean == pytest.approx(density.mean())
    assert result.standard_error == pytest.approx(density.std(ddof=1) / np.sqrt(200))


def test_better_samples_score_higher():
    rng = np.random.default_rng(0)
    data = rng.standard_normal((900, 5))
    scores = [parzen.parzen(shift + data[:300], data[300:600], data[600:]).mean for shift in (0, 1, 3)]
    assert scores[0] > scores[1] > scores[2]


@pytest.mark.parametrize(
    ("samples", "sigmas"), [(np.zeros((3, 5)), (0.1,)), (np.full((3, 4), np.nan), (0.1,)), (np.zeros((3, 4)), (0.0,))]
)
def test_refusals(samples, sigmas):
    with pytest.raises(InvalidInput):
        parzen.log_densities(samples, np.zeros((2, 4)), sigmas)
