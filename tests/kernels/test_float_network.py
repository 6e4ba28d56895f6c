"""Float kernels equal theory (simultaneous order, float64) to 1e-9 over whole presentations."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from twins import in_steps

from neuro_bpdl.description.network import describe
from neuro_bpdl.description.program import (
    classification_program,
    generation_program,
    inference_program,
    taught_program,
    training_program,
)
from neuro_bpdl.kernels.float.network import FloatNetwork, float_rule
from neuro_bpdl.kernels.layer import encode_missing
from neuro_bpdl.numbers.activations import HARDWARE_ACTIVATIONS
from neuro_bpdl.parameters import initial_parameters
from neuro_bpdl.spec import ACTIVATIONS, InferenceSpec, LabelSpec, NetworkSpec, PlasticitySpec
from neuro_bpdl.theory.inference import infer
from neuro_bpdl.theory.learning import present
from neuro_bpdl.theory.sampling import generate, inpaint

TOLERANCE = 1e-9


def weights(params):
    return [*params.F, *params.b, *params.G, *params.c, params.variance]


def learn_with_both(network, inference, plasticity, *, batch, presentations, seed):
    theory = initial_parameters(network, seed)
    kernel = FloatNetwork(
        theory, inference, plasticity, training_program(describe(network), inference.steps), batch=batch, seed=seed
    )
    rng = np.random.default_rng(seed)
    for presentation in range(presentations):
        images = rng.random((batch, network.sizes[0]))
        present(theory, images, inference, plasticity, seed=seed, presentation=presentation)
        kernel.present(presentation, kernel.to_feed(images))
    return theory, kernel.to_parameters(theory)


@settings(deadline=None, max_examples=25)
@given(
    hidden=st.lists(st.integers(1, 9), min_size=1, max_size=3),
    visible=st.integers(1, 12),
    activation=st.sampled_from(ACTIVATIONS),
    steps=st.integers(1, 4),
    alpha=st.sampled_from([0.0, 0.001, 0.3, (0.3, 0.05, 0.2)]),
    batch=st.integers(1, 4),
    derivative=st.booleans(),
    clip=st.booleans(),
    rate=st.sampled_from([0.05, (0.05, 0.1, 0.02)]),
    top_noise=st.sampled_from(["gaussian", "bernoulli"]),
    seed=st.integers(0, 1000),
)
def test_learning_equals_theory(
    hidden, visible, activation, steps, alpha, batch, derivative, clip, rate, top_noise, seed
):
    network = NetworkSpec.of((visible, *hidden), activation)
    alpha, rate = (x[: len(hidden)] if isinstance(x, tuple) else x for x in (alpha, rate))
    inference = InferenceSpec(steps=steps, alpha=alpha)
    plasticity = PlasticitySpec(
        learning_rate=0.1,
        feedforward_rate=rate,
        noise=0.2,
        visible_noise=0.1,
        clip_visible=clip,
        derivative=derivative,
        top_noise=top_noise,
    )
    theory, kernel = learn_with_both(network, inference, plasticity, batch=batch, presentations=6, seed=seed)
    for expected, found in zip(weights(theory), weights(kernel), strict=True):
        np.testing.assert_allclose(found, expected, atol=TOLERANCE, rtol=TOLERANCE)


def test_learning_changes_every_matrix_and_stays_equal_over_many_presentations():
    network = NetworkSpec.of((30, 20, 12))
    theory, kernel = learn_with_both(network, InferenceSpec(), PlasticitySpec(), batch=5, presentations=100, seed=3)
    start = initial_parameters(network, 3)
    for before, expected, found in zip(weights(start), weights(theory), weights(kernel), strict=True):
        assert np.abs(expected - before).max() > 1e-3
        np.testing.assert_allclose(found, expected, atol=TOLERANCE, rtol=TOLERANCE)


PROGRAMS = {
    "learn": lambda network: training_program(describe(network), 3),
    "learn with labels": lambda network: taught_program(describe(network)),
    "infer": lambda network: inference_program(describe(network), 3),
    "inpaint": lambda network: inference_program(describe(network), 3, clamped=False),
    "generate": lambda network: generation_program(describe(network), 3, rounds=2),
    "classify": lambda network: classification_program(describe(network)),
}


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("clip", [True, False], ids=["clipped", "free"])
@pytest.mark.parametrize("activation", [*HARDWARE_ACTIVATIONS, "mixed"])
@pytest.mark.parametrize("kind", PROGRAMS)
def test_the_compiled_loop_equals_the_state_machine_in_python_to_the_bit(kind, activation, clip, dtype):
    """States, weights, variances and messages, of one image after the other."""
    sizes = (13, 8, 6, 4)
    mixed = ("hard-sigmoid", "pwl-softplus", "clipped-relu", "pwl-sigmoid")
    chosen = mixed if activation == "mixed" else (activation,) * 4
    labels = LabelSpec(nudge=2) if "labels" in kind or kind == "classify" else None
    start = initial_parameters(NetworkSpec(sizes=sizes, activations=chosen, labels=labels), 5)
    plasticity = PlasticitySpec(learning_rate=0.2, noise=0.3, clip_visible=clip, derivative=clip,
                                top_noise="gaussian" if clip else "bernoulli")  # fmt: skip
    program, rng, found = PROGRAMS[kind](start.network), np.random.default_rng(0), []
    feeds = rng.random((6, 1, program.feed_size))
    if kind == "inpaint":
        feeds = encode_missing(feeds, rng.random(feeds.shape) < 0.4)
    for way in (FloatNetwork.present, in_steps):
        kernel, states = FloatNetwork(start, InferenceSpec(alpha=0.1), plasticity, program, seed=2, dtype=dtype), []
        for presentation, feed in enumerate(feeds):
            record = lambda k, somas, states=states: states.extend(soma.copy() for soma in somas)  # noqa: E731
            way(kernel, presentation, kernel.to_feed(feed), record)
            states.append(kernel.state.soma.copy())
        found.append((states, kernel))
    (a, compiled), (b, stepped) = found
    assert "_presenter" in vars(compiled) and "_presenter" not in vars(stepped)
    for one, other in zip(a, b, strict=True):
        np.testing.assert_array_equal(one, other)
    for name in ("noisy", "held", "messages", "variance"):
        np.testing.assert_array_equal(getattr(compiled.state, name), getattr(stepped.state, name))
    np.testing.assert_array_equal(compiled.memory, stepped.memory)
    if program.learns:
        before = FloatNetwork(start, InferenceSpec(), plasticity, program, dtype=dtype).weights
        for i, matrix in enumerate(compiled.weights):
            frozen = start.network.labels is not None and i == len(before) // 2  # nobody teaches G_1
            assert np.array_equal(matrix, before[i]) == frozen


@pytest.mark.parametrize("batch", [1, 3])
def test_a_number_that_is_none_is_not_hidden_by_the_range_of_a_rate(batch):
    program = training_program(describe(NetworkSpec.of((5, 4, 3))), 2)
    kernel = FloatNetwork(initial_parameters(NetworkSpec.of((5, 4, 3)), 0), InferenceSpec(), PlasticitySpec(), program,
                          batch=batch)  # fmt: skip
    kernel.present(0, np.full((batch, 5), np.nan))
    assert all(np.isnan(matrix).any() for matrix in kernel.weights)


@pytest.fixture
def network():
    return initial_parameters(NetworkSpec.of((25, 16, 9, 5), ("sigmoid", "softplus", "tanh", "sigmoid")), seed=7)


def run(params, program, inference, feed):
    states = []
    kernel = FloatNetwork(params, inference, PlasticitySpec(), program, batch=len(feed))
    kernel.present(0, kernel.to_feed(feed), lambda k, somas: states.append([soma.copy() for soma in somas]))
    return states


def test_every_recorded_state_of_inference_equals_theory(network):
    inference = InferenceSpec(steps=8, alpha=0.1)
    images = np.random.default_rng(0).random((6, 25))
    states = run(network, inference_program(describe(network.network), 8), inference, images)
    expected = infer(network, images, inference, record=True).history
    assert len(states) == len(expected) + 1
    for found, state in zip(states, expected, strict=False):
        for a, b in zip(found, state, strict=True):
            np.testing.assert_allclose(a, b, atol=TOLERANCE)


def test_generation_equals_theory(network):
    inference = InferenceSpec(steps=5, alpha=0.3)
    top = np.random.default_rng(1).random((4, 5))
    states = run(network, generation_program(describe(network.network), 5, rounds=3), inference, top)
    for state, expected in zip(states, generate(network, top, inference, rounds=3), strict=True):
        np.testing.assert_allclose(state[0], expected, atol=TOLERANCE)


def test_inpainting_equals_theory_and_leaves_known_pixels_alone(network):
    inference = InferenceSpec(steps=5, alpha=0.05)
    rng = np.random.default_rng(2)
    images, missing = rng.random((4, 25)), rng.random((4, 25)) < 0.5
    program = inference_program(describe(network.network), 5, clamped=False)
    states = run(network, program, inference, encode_missing(images, missing))
    for state, expected in zip(states, inpaint(network, images, missing, inference), strict=True):
        np.testing.assert_allclose(state[0], expected, atol=TOLERANCE)
        np.testing.assert_allclose(state[0][~missing], images[~missing], atol=1e-12)


@pytest.mark.parametrize("rate", [1e-4, 0.01, 0.05, 0.1, 0.7, 3.0])
def test_rule_and_gain_together_give_the_requested_rate(rate):
    rule, gain = float_rule(rate)
    exponent = int(rule.split("*")[0].removeprefix("2^"))
    # Lava: x1 = payload / 2, dW = 2^e · x1 · y1.
    assert 2.0**exponent * 0.5 * gain == pytest.approx(rate, rel=1e-12)
