"""Algorithm 2's INFER: one step by hand in both orders, clamping, noise."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.numbers.activations import TransferFunction
from neuro_bpdl.parameters import Parameters, initial_parameters
from neuro_bpdl.spec import InferenceSpec, NetworkSpec
from neuro_bpdl.theory.inference import infer
from neuro_bpdl.theory.maps import feedforward_pass, g

LINEAR = TransferFunction("linear", lambda z: z, np.ones_like, -np.inf, np.inf)


def scalar_network() -> Parameters:
    """1-1-1, linear: F = (2, 0.5), b = (0.1, 0.2), G = (0.3, 0.4), c = (0.05, 0.6)."""
    params = initial_parameters(NetworkSpec.of((1, 1, 1)), seed=0)
    params.transfers = (LINEAR,) * 3
    table = ((params.F, (2, 0.5)), (params.b, (0.1, 0.2)), (params.G, (0.3, 0.4)), (params.c, (0.05, 0.6)))
    for arrays, values in table:
        for array, value in zip(arrays, values, strict=True):
            array[...] = value
    return params


# x = 1: h1 = 2.1, h2 = 1.25; g1(h1) = 0.68, f1(g1(h1)) = 1.46; g2(h2) = 1.1, f2(g2(h2)) = 0.75
H1_SCORE, H2_SCORE = 2.1 - 1.46, 1.25 - 0.75


@pytest.mark.parametrize(
    ("order", "top_down"),
    [("simultaneous", 1.1), ("sequential", 0.4 * (1.25 + 0.1 * H2_SCORE) + 0.6)],
)
def test_one_step_by_hand(order, top_down):
    spec = InferenceSpec(steps=1, delta=0.1, alpha=0.3, order=order)
    h = infer(scalar_network(), np.array([[1.0]]), spec).h
    assert h[0].item() == 1.0
    assert h[1].item() == pytest.approx(2.1 + 0.1 * H1_SCORE + 0.3 * (top_down - 2.1))
    assert h[2].item() == pytest.approx(1.25 + 0.1 * H2_SCORE)


def test_orders_agree_where_the_top_does_not_move(make_network, make_state):
    """With one hidden layer there is no order."""
    params = make_network((6, 4))
    x = make_state(params)[0]
    ends = [infer(params, x, InferenceSpec(order=order)).h[1] for order in ("simultaneous", "sequential")]
    np.testing.assert_array_equal(*ends)


def test_history_starts_at_the_feedforward_pass_and_ends_at_the_result(make_network, make_state):
    params = make_network()
    x = make_state(params)[0]
    result = infer(params, x, InferenceSpec(steps=7), record=True)
    assert len(result.history) == 8
    for start, forward in zip(result.history[0], feedforward_pass(params, x), strict=True):
        np.testing.assert_array_equal(start, forward)
    for end, last in zip(result.h, result.history[-1], strict=True):
        np.testing.assert_array_equal(end, last)


@pytest.mark.parametrize("order", ["simultaneous", "sequential"])
def test_known_pixels_stay_and_missing_ones_follow_the_reconstruction(make_network, make_state, order):
    params = make_network()
    x = make_state(params)[0]
    missing = np.random.default_rng(0).random(x.shape) < 0.5
    result = infer(params, x, InferenceSpec(steps=5, order=order), missing=missing, record=True)
    for state in result.history:
        np.testing.assert_array_equal(state[0][~missing], x[~missing])
    source = result.history[-2] if order == "simultaneous" else result.history[-1]
    np.testing.assert_array_equal(result.h[0][missing], g(params, 1, source[1])[missing])


@pytest.mark.parametrize("order", ["simultaneous", "sequential"])
def test_nothing_missing_is_ordinary_inference(make_network, make_state, order):
    params = make_network()
    x = make_state(params)[0]
    spec = InferenceSpec(order=order)
    for a, b in zip(infer(params, x, spec).h, infer(params, x, spec, missing=np.zeros(x.shape, bool)).h, strict=True):
        np.testing.assert_array_equal(a, b)


def test_langevin_noise_has_variance_two_delta():
    params = scalar_network()
    spec = InferenceSpec(steps=1, delta=0.2, langevin=1.0)
    x = np.ones((40_000, 1))
    quiet = infer(params, x[:1], spec.model_copy(update={"langevin": 0.0})).h
    noisy = infer(params, x, spec, rng=np.random.default_rng(0)).h
    for layer in (1, 2):
        assert noisy[layer].var() == pytest.approx(2 * spec.delta, rel=0.03)
        assert noisy[layer].mean() == pytest.approx(quiet[layer].item(), abs=0.02)


def test_langevin_needs_a_generator(make_network, make_state):
    params = make_network()
    with pytest.raises(InvalidInput, match="rng"):
        infer(params, make_state(params)[0], InferenceSpec(langevin=1.0))


@pytest.mark.parametrize("langevin", [0.0, 1.0])
def test_single_precision_stays_single(make_network, make_state, langevin):
    params = make_network().astype(np.float32)
    x = make_state(params)[0].astype(np.float32)
    spec = InferenceSpec(langevin=langevin)
    assert {state.dtype for state in infer(params, x, spec, rng=np.random.default_rng(0)).h} == {np.dtype(np.float32)}


@given(st.integers(0, 500), st.sampled_from(["hard-sigmoid", "sigmoid", "clipped-relu"]), st.floats(0.01, 1))
def test_a_soma_never_leaves_the_range_of_its_activation(seed, activation, delta):
    params = initial_parameters(NetworkSpec.of((5, 4, 3), activation), seed)
    x = np.random.default_rng(seed).random((2, 5))
    spec = InferenceSpec(steps=3, delta=delta, alpha=1.0, langevin=1.0)
    for layer, state in enumerate(infer(params, x, spec, rng=np.random.default_rng(seed)).h):
        phi = params.transfers[layer]
        assert np.all((state >= phi.low) & (state <= phi.high))
