"""The M-step as a delta rule (Eq 1), by hand and against the gradient of the squared error."""

from __future__ import annotations

import numpy as np
import pytest

from neuro_bpdl.numbers.streams import Stream, stream
from neuro_bpdl.spec import InferenceSpec, PlasticitySpec
from neuro_bpdl.theory import learning
from neuro_bpdl.theory.maps import f, g


def squared_error(params, h, noisy) -> float:
    """½ Σ_l ‖f_l(h̃_{l−1}) − h_l‖² + ‖g_l(h̃_l) − h_{l−1}‖², mean over the batch."""
    up = sum(((f(params, k, noisy[k - 1]) - h[k]) ** 2).sum() for k in (1, 2))
    down = sum(((g(params, k, noisy[k]) - h[k - 1]) ** 2).sum() for k in (1, 2))
    return 0.5 * float(up + down) / len(h[0])


@pytest.mark.parametrize("activation", ["sigmoid", "softplus", "tanh", "hard-sigmoid"])
def test_with_the_derivative_the_change_is_the_negative_gradient(make_network, make_state, activation):
    params = make_network(activation=activation)
    h, noisy = make_state(params, seed=1), make_state(params, seed=2)
    change = learning.m_step(params, h, noisy, PlasticitySpec(derivative=True))
    groups = zip((params.F, params.b, params.G, params.c), (change.F, change.b, change.G, change.c), strict=True)
    for arrays, changes in groups:
        for array, delta in zip(arrays, changes, strict=True):
            for index in np.ndindex(array.shape):
                before, step = array[index], 1e-6
                array[index] = before + step
                above = squared_error(params, h, noisy)
                array[index] = before - step
                below = squared_error(params, h, noisy)
                array[index] = before
                assert delta[index] == pytest.approx(-(above - below) / (2 * step), abs=1e-7)


def test_delta_rule_by_hand(make_network, make_state):
    params = make_network()
    h, noisy = make_state(params, seed=1), make_state(params, seed=2)
    change = learning.m_step(params, h, noisy, PlasticitySpec())
    post, pre, batch = 2, 4, len(h[0])
    swing = [h[1][n, post] - f(params, 1, noisy[0])[n, post] for n in range(batch)]
    assert change.F[0][post, pre] == pytest.approx(sum(swing[n] * noisy[0][n, pre] for n in range(batch)) / batch)
    assert change.b[0][post] == pytest.approx(sum(swing) / batch)
    swing = [h[1][n, post] - g(params, 2, noisy[2])[n, post] for n in range(batch)]
    assert change.G[1][post, 3] == pytest.approx(sum(swing[n] * noisy[2][n, 3] for n in range(batch)) / batch)
    residual = h[0] - g(params, 1, noisy[1])
    assert change.squared_residual[0] == pytest.approx((residual**2).mean())


def test_rates_of_the_two_directions_and_the_variance_memory(make_network, make_state):
    params = make_network()
    before = params.copy()
    h = make_state(params)
    spec = PlasticitySpec(learning_rate=(0.1, 0.2), feedforward_rate=0.05, variance_memory=30)
    change = learning.m_step(params, h, h, spec)
    learning.apply_change(params, change, spec, batch=3, presentation=100)
    np.testing.assert_allclose(params.G[1], before.G[1] + 0.2 * change.G[1])
    np.testing.assert_allclose(params.c[0], before.c[0] + 0.1 * change.c[0])
    np.testing.assert_allclose(params.F[0], before.F[0] + 0.05 * change.F[0])
    np.testing.assert_allclose(params.b[1], before.b[1] + 0.05 * change.b[1])
    np.testing.assert_allclose(params.variance, 0.9 * before.variance + 0.1 * change.squared_residual)


def test_noise_of_pixels_keeps_its_mean_unless_it_is_clipped(make_network):
    params, black = make_network(), np.zeros((4000, 5))
    clipped, free = (
        learning.corrupt(params, 0, black, PlasticitySpec(noise=0.5, clip_visible=clip), np.random.default_rng(0))
        for clip in (True, False)
    )
    assert clipped.min() == 0 and clipped.mean() > 0.15
    assert abs(free.mean()) < 0.02 and free.std() == pytest.approx(0.5, rel=0.02)
    hidden = learning.corrupt(params, 1, black, PlasticitySpec(noise=0.5, clip_visible=False), np.random.default_rng(0))
    assert hidden.min() >= params.transfers[1].low


def test_variances_converge_to_the_mean_squared_residual(make_network, make_state):
    params, h = make_network(), None
    h = make_state(params)
    still = PlasticitySpec(learning_rate=1e-12, noise=0, variance_memory=10)
    for presentation in range(200):
        change = learning.m_step(params, h, h, still)
        learning.apply_change(params, change, still, batch=3, presentation=presentation)
    np.testing.assert_allclose(params.variance, change.squared_residual, rtol=1e-6)


def test_the_first_residual_replaces_the_starting_variance(make_network, make_state):
    params = make_network()
    h = make_state(params)
    change = learning.m_step(params, h, h, PlasticitySpec())
    learning.apply_change(params, change, PlasticitySpec(), batch=3, presentation=0)
    np.testing.assert_allclose(params.variance, change.squared_residual)


def test_corruption_statistics(make_network):
    params = make_network((6, 5, 4), "tanh")
    spec = PlasticitySpec(noise=0.05, visible_noise=0.1)
    h = np.zeros((20_000, 5))
    for layer, std in ((0, 0.1), (1, 0.05), (2, 0.05)):
        noisy = learning.corrupt(params, layer, h, spec, np.random.default_rng(layer))
        assert noisy.std() == pytest.approx(std, rel=0.02)
        assert noisy.mean() == pytest.approx(0, abs=0.002)


def test_top_corruption_is_the_mean_of_three_coins(make_network):
    params = make_network()
    spec = PlasticitySpec(top_noise="bernoulli")
    noisy = learning.corrupt(params, 2, np.full((20_000, 4), 0.3), spec, np.random.default_rng(0))
    assert set(np.unique(np.round(3 * noisy, 9))) == {0, 1, 2, 3}
    assert noisy.mean() == pytest.approx(0.3, abs=0.005)
    assert noisy.var() == pytest.approx(0.3 * 0.7 / 3, rel=0.05)
    below = learning.corrupt(params, 1, np.full((100, 5), 0.3), spec, np.random.default_rng(0))
    assert len(np.unique(below)) > 10  # only the top layer is binary


def test_corruption_stays_in_range(make_network):
    params = make_network(activation="hard-sigmoid")
    noisy = learning.corrupt(params, 1, np.full((50, 5), 0.95), PlasticitySpec(noise=2.0), np.random.default_rng(0))
    assert noisy.min() >= 0
    assert noisy.max() <= 1


def test_a_presentation_depends_on_its_number_alone(make_network):
    x = np.random.default_rng(0).random((4, 6))
    inference, plasticity = InferenceSpec(steps=3, langevin=0.1), PlasticitySpec()

    def after(presentations: list[int]):
        params = make_network()
        for k in presentations:
            learning.present(params, x, inference, plasticity, seed=5, presentation=k)
        return params

    np.testing.assert_array_equal(after([7]).F[0], after([7]).F[0])
    assert np.any(after([7]).F[0] != after([8]).F[0])


def test_learning_reduces_the_squared_error(make_network):
    params = make_network()
    x = np.random.default_rng(0).random((20, 6)) < 0.3
    inference, plasticity = InferenceSpec(), PlasticitySpec(learning_rate=0.3, noise=0.05)
    x = x.astype(float)
    first = [learning.present(params, x, inference, plasticity, seed=0, presentation=k) for k in range(300)]
    assert first[-1].squared_residual[0] < 0.5 * first[0].squared_residual[0]


def test_streams_are_named_not_consumed():
    a = stream(1, Stream.CORRUPTION, 2, 3).standard_normal(5)
    stream(1, Stream.CORRUPTION, 2, 4).standard_normal(500)
    np.testing.assert_array_equal(a, stream(1, Stream.CORRUPTION, 2, 3).standard_normal(5))
    others = [stream(2, Stream.CORRUPTION, 2, 3), stream(1, Stream.LANGEVIN, 2, 3), stream(1, Stream.CORRUPTION, 1, 3),
              stream(1, Stream.CORRUPTION, 2, 4)]
    for other in others:
        assert np.all(other.standard_normal(5) != a)
