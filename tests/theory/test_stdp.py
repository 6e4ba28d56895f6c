"""S_pre · dV_post/dt gives the STDP window without looking at a post-synaptic spike."""

from __future__ import annotations

import numpy as np
import pytest

from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.theory import stdp


@pytest.fixture(scope="module")
def trains() -> stdp.Trains:
    pair = stdp.SpikingPair(duration_ms=2_000_000, pre_rate_hz=20, post_rate_hz=20)
    return stdp.simulate(pair, np.random.default_rng(0))


@pytest.fixture(scope="module")
def curve(trains) -> stdp.Window:
    return stdp.window(trains, trains.derivative)


def test_pre_before_post_potentiates_and_post_before_pre_depresses(curve):
    for low, high, sign in ((3, 20, 1), (-20, -3, -1)):
        chosen = (curve.lag_ms >= low) & (curve.lag_ms <= high)
        assert np.all(sign * curve.change[chosen] > 2 * curve.standard_error[chosen])


def test_the_window_is_odd_and_decays_with_the_membrane(curve):
    assert stdp.oddness(curve) > 0.9
    for side in (1, -1):
        assert stdp.decay_constant(curve, side) == pytest.approx(17, rel=0.25)


def test_a_rule_without_the_derivative_has_no_odd_window(trains):
    """The control: S_pre · V itself is even in the lag."""
    assert stdp.oddness(stdp.window(trains, trains.voltage)) < -0.9


def test_the_window_matches_the_autocovariance_of_the_voltage(trains, curve):
    """For a rate exp(V), E[V̇(t) | spike at t + Δ] is minus the derivative of V's autocovariance."""
    v = trains.voltage
    covariance = np.array([(v[: len(v) - k] * v[k:]).mean() for k in range(62)])
    expected = -np.gradient(np.concatenate([covariance[:0:-1], covariance]))[1:-1]
    np.testing.assert_allclose(curve.change, expected, atol=5 * curve.standard_error.max())


def test_the_window_of_two_populations_is_that_of_their_pairs(trains):
    pair = stdp.Trains(*(part[:100_000] for part in (trains.voltage, trains.derivative, trains.pre, trains.post)))
    one = stdp.window(pair, pair.derivative)
    many = stdp.pair_window(pair.pre[:, None], pair.post[:, None], pair.derivative[:, None, None])
    np.testing.assert_array_equal(many.pairs, one.pairs)
    np.testing.assert_array_equal(many.lag_ms, one.lag_ms)
    assert np.all(many.change == 0)  # one postsynaptic neuron has no standard error
    columns = [part.reshape(2, -1).T for part in (pair.pre, pair.post, pair.derivative)]
    both = stdp.pair_window(columns[0], columns[1], columns[2][:, :, None] * np.ones(2))
    assert stdp.oddness(both) > 0.5 and both.standard_error.min() > 0


def test_the_tag_form_is_a_backward_difference():
    post = np.random.default_rng(0).random(100) < 0.1
    keep = np.exp(-1 / 10.0)
    trace = np.zeros(100)
    for t in range(100):
        trace[t] = keep * (trace[t - 1] if t else 0) + post[t]
    np.testing.assert_allclose(stdp.derivative_from_tag(post), np.diff(trace, prepend=0))


def test_two_traces_of_equal_area_ignore_a_steady_rate():
    steady = np.ones(500, bool)
    assert abs(stdp.derivative_from_spikes(steady)[-1]) < 1e-9
    rising = np.random.default_rng(0).random(20_000) < np.linspace(0, 0.9, 20_000)
    assert stdp.derivative_from_spikes(rising).mean() > 0


def test_slope_experiment_orders_lag_and_change():
    slopes = np.linspace(-0.02, 0.02, 9)
    lag, change = stdp.slope_experiment(slopes, 2000, np.random.default_rng(0))
    assert np.all(np.diff(lag) > 0)
    assert np.corrcoef(lag, change)[0, 1] > 0.99


def test_a_bad_constant_is_refused():
    with pytest.raises(InvalidInput, match="tau_ms"):
        stdp.SpikingPair(tau_ms=0)
