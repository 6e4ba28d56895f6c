"""A label as a child of the top, told while images are inferred, filled in and drawn: theory = float kernel."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neuro_bpdl.description.network import describe
from neuro_bpdl.description.program import inference_program
from neuro_bpdl.engines.registry import make_simulator
from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.parameters import initial_parameters
from neuro_bpdl.spec import EngineSpec, InferenceSpec, LabelSpec, NetworkSpec, PlasticitySpec
from neuro_bpdl.theory.inference import infer

TOLERANCE = 1e-9
THEORY, EAGER = EngineSpec(backend="theory"), EngineSpec(backend="eager")
INFERENCE = InferenceSpec(steps=4, delta=0.4, alpha=0.2)
SMOOTH, STRAIGHT = ("sigmoid", "softplus", "sigmoid"), ("hard-sigmoid", "clipped-relu", "hard-sigmoid")


def network(sizes, kinds=SMOOTH, weight=1.0):
    names = (kinds[0], *[kinds[1]] * (len(sizes) - 3), kinds[2], kinds[2])
    return NetworkSpec.of(sizes, names, labels=LabelSpec(nudge=1, generative=True, weight=weight))


def rows(n, states, classes, seed):
    rng = np.random.default_rng(seed)
    return np.hstack([rng.random((n, states)), np.eye(classes)[rng.integers(0, classes, n)]])


def both(spec, seed=0):
    params = initial_parameters(spec, seed)
    return [
        make_simulator(engine, params, INFERENCE, PlasticitySpec(teaching_rate=0.1)) for engine in (THEORY, EAGER)
    ]


def assert_same(one, other):
    for expected, value in zip(one, other, strict=True):
        np.testing.assert_allclose(value, expected, atol=TOLERANCE, rtol=TOLERANCE)


@settings(deadline=None, max_examples=15)
@given(
    visible=st.integers(2, 9),
    hidden=st.lists(st.integers(1, 7), min_size=1, max_size=3),
    classes=st.integers(2, 5),
    kinds=st.sampled_from([SMOOTH, STRAIGHT]),
    weight=st.floats(0.1, 1),
    n=st.integers(1, 3),
    seed=st.integers(0, 1000),
)
def test_being_told_in_float_equals_theory(visible, hidden, classes, kinds, weight, n, seed):
    theory, eager = both(network((visible, *hidden, classes), kinds, weight), seed)
    images, tops = rows(n, visible, classes, seed), rows(n, hidden[-1], classes, seed)
    missing = np.random.default_rng(seed).random((n, visible)) < 0.5
    expected, found = (one.infer(images, record=True) for one in (theory, eager))
    for before, after in zip(expected.history, found.history, strict=True):
        assert_same(before, after)
    assert_same([expected.reconstruction], [found.reconstruction])
    assert_same(theory.inpaint(images, missing), eager.inpaint(images, missing))
    assert_same(theory.generate(tops, INFERENCE, 2), eager.generate(tops, INFERENCE, 2))


def test_the_top_follows_the_label_and_a_network_that_is_told_nothing_does_not():
    spec = network((8, 6, 5, 3))
    params, x = initial_parameters(spec, 0), rows(4, 8, 3, 1)
    told = infer(params.told, x[:, :8], InferenceSpec(steps=1), label=x[:, 8:]).h
    alone = infer(params.images, x[:, :8], InferenceSpec(steps=1)).h
    np.testing.assert_array_equal(told[1], alone[1])
    assert np.abs(told[2] - alone[2]).max() > 1e-3


def test_a_label_costs_no_time_step():
    spec = network((8, 6, 5, 3))
    assert len(inference_program(describe(spec.told), 7)) == len(inference_program(describe(spec.images), 7))
    assert inference_program(describe(spec.told), 7).feeds == (0, 3)


@pytest.mark.parametrize("spec", [NetworkSpec.of((8, 6, 5)), NetworkSpec.of((8, 6, 5), labels=LabelSpec(nudge=1))])
def test_a_network_that_has_not_learned_both_is_told_nothing(spec):
    with pytest.raises(InvalidInput, match="recipe joint"):
        initial_parameters(spec, 0).told  # noqa: B018
