"""Figure 1 on Lava: every learning rule changes weights by what it says, spike by spike; the window has the sign."""

from __future__ import annotations

import functools

import numpy as np
import pytest

pytest.importorskip("lava.magma", reason="Lava is not installed")

from scipy.signal import lfilter

from neuro_bpdl.engines.lava import stdp as lava
from neuro_bpdl.theory import stdp

STEPS = 600
RULES = {rule.name: rule for rule in lava.RULES}


@functools.cache
def record(arithmetic):
    return lava.record_spikes(STEPS, arithmetic=arithmetic, seed=1)


def trace(post, impulse, tau):
    return lfilter([impulse], [1, -np.exp(-1 / tau)], post, axis=0)


def at_spikes(pre, y):
    return pre[:, None, :] * y[:, :, None]


def three_factor(run):
    return at_spikes(run.pre, np.diff(run.voltage * lava.UNIT, axis=0, prepend=0)) / 64 / 8


def two_traces(run):
    return at_spikes(run.pre, trace(run.post, *lava.FAST) - trace(run.post, *lava.SLOW)) / 8


def tag(run):
    """ΔW of every epoch, in its first step: the trace at the pre spike minus the trace at the end of the epoch before.

    Of several spikes of a neuron in one epoch Lava knows the time of the last;
    the impulses of the others come at the epoch's start.
    """
    epoch, keep = lava.TAG_EPOCH, np.exp(-1 / lava.TAG_TAU)
    change, y = np.zeros((STEPS, run.post.shape[1], run.pre.shape[1])), np.zeros(run.post.shape[1])
    for start in range(0, STEPS, epoch):
        pre, post, before = run.pre[start : start + epoch], run.post[start : start + epoch], y
        y = y + lava.TAG_IMPULSE * np.maximum(post.sum(axis=0) - 1, 0)
        for k in range(epoch):
            y = y * keep + lava.TAG_IMPULSE * (post[k] & ~post[k + 1 :].any(axis=0))
            change[start] += at_spikes((pre[k] & ~pre[k + 1 :].any(axis=0))[None], (y - before)[None])[0] / 2
    return change


ORACLES = {"S_pre·V̇": three_factor, "two traces": two_traces, "tag": tag}


def found_and_expected(name, arithmetic):
    """ΔW in weight units at the first step of every epoch."""
    run, rule = record(arithmetic), RULES[name]
    expected = ORACLES[name](run)
    return (run.change(rule) / rule.scale)[:: rule.epoch], expected[:: rule.epoch]


@pytest.mark.parametrize("name", list(RULES))
def test_a_rule_changes_weights_by_what_it_says(name):
    found, expected = found_and_expected(name, "float")
    assert np.abs(expected).max() > 2
    np.testing.assert_allclose(found, expected, atol=1e-3)


@pytest.mark.parametrize("name", list(RULES))
def test_in_fixed_point_it_is_the_same_but_for_rounding(name):
    found, expected = found_and_expected(name, "fixed")
    error = (found - expected)[expected != 0]
    assert np.sqrt((error**2).mean()) < 0.5 < expected[expected != 0].std() and abs(error.mean()) < 0.1
    assert record("fixed").saturated(RULES[name]) == 0


@pytest.mark.parametrize("arithmetic", ["float", "fixed"])
def test_the_window_has_the_sign_of_spike_timing(arithmetic):
    run = record(arithmetic)
    curve = stdp.pair_window(run.pre, run.post, run.change(RULES["S_pre·V̇"]))
    before = curve.change[(curve.lag_ms >= 3) & (curve.lag_ms <= 20)].mean()
    after = curve.change[(curve.lag_ms <= -3) & (curve.lag_ms >= -20)].mean()
    assert before > 0.015 and after < -0.015 and stdp.oddness(curve) > 0.5


@pytest.mark.usefixtures("no_leftovers")
def test_nothing_stays_in_shared_memory():
    lava.record_spikes(8, pre=2, post=3)
