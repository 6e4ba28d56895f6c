"""One pass over the synapses is LEARN and the steps of the carry after it, to the bit, counters and draws included."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neuro_bpdl.kernels.fixed import carry as carrying
from neuro_bpdl.kernels.fixed import learning
from neuro_bpdl.kernels.fixed.learn_and_carry import CHUNK, average_and_carry, learn_and_carry
from neuro_bpdl.numbers import widths
from neuro_bpdl.numbers.literal import literal
from neuro_bpdl.numbers.streams import Presentations, Stream, stream

RATES = (0.002, 0.015, 0.06, 0.4)


def in_steps(matrix, payload, swing, rule, draws, selector):
    seed, number, time_step = selector
    learn = learning.learn if payload.ndim == 1 else learning.learn_averaged
    tags = learn(matrix, payload, swing, *rule, draws[0], seed, number, time_step)
    pending, weights = np.atleast_2d(payload > 0).any(axis=0), 0
    for k, draw in enumerate(draws[1:], start=1):
        left, lost = carrying.carry(matrix, pending, draw, seed, number, time_step + k)
        weights += lost
    assert not left
    return tags, weights


def synapses(rng, pre, post, reach):
    """Weights and tags at rest, many at their limits."""
    weights = rng.integers(-reach, reach, (pre, post)).clip(widths.WEIGHT_MIN, widths.WEIGHT_MAX)
    at_rest = widths.CARRY_THRESHOLD - 1
    return np.stack((weights, rng.integers(-at_rest, at_rest + 1, (pre, post)))).astype(np.int16)


def assert_same_as_in_steps(matrix, *event):
    one, many, lost = matrix.copy(), matrix.copy(), np.zeros(2, np.int64)
    learn_and_carry(one, *event, lost)
    assert tuple(lost) == in_steps(many, *event)
    np.testing.assert_array_equal(one, many)
    return one, lost


@settings(deadline=None, max_examples=150)
@given(
    pre=st.integers(1, 12),
    post=st.integers(1, 150),
    reach=st.sampled_from([40, 300]),
    largest=st.sampled_from([0, 4, 40, 127]),
    rate=st.sampled_from(RATES),
    whole=st.booleans(),
    shared=st.booleans(),
    seed=st.integers(0, 2**31 - 1),
)
def test_one_pass_is_learning_and_carrying_in_steps(pre, post, reach, largest, rate, whole, shared, seed):
    rng, rule = np.random.default_rng(seed), literal("W", rate, unit_exponent=7)
    payload = (rng.integers(0, widths.PAYLOAD_MAX + 1, pre) * (rng.random(pre) < 0.8)).astype(np.int32)
    swing = (rng.integers(-largest, largest + 1, post) * (rng.random(post) < 0.7)).astype(np.int32)
    if whole:  # as compartments write it; Lava's decay, with shared draws, leaves other numbers
        swing = np.sign(swing) * (np.abs(swing) >> rule.swing_bits << rule.swing_bits)
    draws = np.full(1 + widths.CARRY_STEPS, learning.PER_SYNAPSE)
    if shared:
        draws = rng.integers(0, learning.SPAN, draws.size)
    matrix = synapses(rng, pre, post, reach)
    assert_same_as_in_steps(matrix, payload, swing, (rule.mantissa, rule.left_shift), draws, (seed, 3, seed % 999))


def test_the_property_sees_saturation_and_halves_that_wait():
    rng, rule = np.random.default_rng(0), literal("W", 0.06, unit_exponent=7)
    matrix, payload = synapses(rng, 60, 90, 300), rng.integers(1, 128, 60).astype(np.int32)
    swing = (rng.integers(-60, 61, 90) >> rule.swing_bits << rule.swing_bits).astype(np.int32)
    event = (payload, swing, (rule.mantissa, rule.left_shift), np.full(5, learning.PER_SYNAPSE), (1, 2, 3))
    learned = matrix.copy()
    learning.learn(learned, payload, swing, *event[2], -1, *event[4])
    tags, half = np.abs(learned[1]), widths.CARRY_THRESHOLD
    assert all((tags == half + k * widths.CARRY).any() for k in range(4))
    _, lost = assert_same_as_in_steps(matrix, *event)
    assert (lost > 0).all()


def test_a_row_longer_than_a_chunk():
    rng, post = np.random.default_rng(0), CHUNK + 77
    swing = (rng.integers(-30, 31, post) >> 1 << 1).astype(np.int32)
    payload, draws = np.array([0, 100, 9], np.int32), np.full(5, learning.PER_SYNAPSE)
    assert_same_as_in_steps(synapses(rng, 3, post, 40), payload, swing, (4, 3), draws, (1, 2, 3))


@settings(deadline=None, max_examples=100)
@given(
    batch=st.sampled_from([2, 3, 4, 7, 20]),
    post=st.sampled_from([1, 40, 150, CHUNK + 3]),
    reach=st.sampled_from([40, 300]),
    largest=st.sampled_from([0, 4, 40, 127]),
    rate=st.sampled_from(RATES),
    whole=st.booleans(),
    shared=st.booleans(),
    seed=st.integers(0, 2**31 - 1),
)
def test_one_pass_of_replicas_is_learning_and_carrying_in_steps(
    batch, post, reach, largest, rate, whole, shared, seed
):
    rng, rule, pre = np.random.default_rng(seed), literal("W", rate, unit_exponent=7), 6
    payloads = (rng.integers(-3, widths.PAYLOAD_MAX + 1, (batch, pre)) * (rng.random((batch, pre)) < 0.6)).clip(0)
    payloads[:, 2] = 0
    swings = (rng.integers(-largest, largest + 1, (batch, post)) * (rng.random((batch, post)) < 0.7)).astype(np.int32)
    if whole:
        swings = np.sign(swings) * (np.abs(swings) >> rule.swing_bits << rule.swing_bits)
    draws = np.full(1 + widths.CARRY_STEPS, learning.PER_SYNAPSE)
    if shared:
        draws = rng.integers(0, learning.SPAN, draws.size)
    one, payloads = synapses(rng, pre, post, reach), payloads.astype(np.int32)
    many, lost, rules = one.copy(), np.zeros(2, np.int64), (rule.mantissa, rule.left_shift)
    wide = one[0].astype(np.float32)
    for rows in ((0, 4), (4, pre)):
        average_and_carry(one, payloads, swings, rules, draws, (seed, 3, 9), rows, wide, lost)
    assert tuple(lost) == in_steps(many, payloads, swings, rules, draws, (seed, 3, 9))
    np.testing.assert_array_equal(one, many)
    np.testing.assert_array_equal(wide, many[0])


def test_the_mean_of_the_most_that_replicas_can_add():
    """At the ends of the accumulator, where sums are largest, and at whole tags, where a float could round up."""
    rng, batch, post = np.random.default_rng(0), 500, 64
    payloads, draws = np.full((batch, 2), 127, np.int32), np.full(5, learning.PER_SYNAPSE)
    swings = np.repeat(rng.choice([-96, -8, 0, 8, 96], post)[None], batch, axis=0).astype(np.int32)
    one = synapses(rng, 2, post, 40)
    many, lost = one.copy(), np.zeros(2, np.int64)
    average_and_carry(one, payloads, swings, (1, 5), draws, (1, 2, 3), (0, 2), np.zeros((0, post), np.float32), lost)
    assert tuple(lost) == in_steps(many, payloads, swings, (1, 5), draws, (1, 2, 3))
    np.testing.assert_array_equal(one, many)
    assert lost[0] == 0
    assert np.abs(many[0]).max() > 40


@pytest.mark.parametrize("layer", [0, 2])
def test_a_stream_wound_on_is_the_stream_of_that_presentation(layer):
    presentations = Presentations(5, Stream.CORRUPTION, layer)
    for presentation in (0, 7, 3, 2**40):
        expected = stream(5, Stream.CORRUPTION, layer, presentation)
        found = presentations.at(presentation)
        np.testing.assert_array_equal(found.standard_normal(9), expected.standard_normal(9))
        np.testing.assert_array_equal(found.random(3, np.float32), expected.random(3, np.float32))
