"""Learning with labels: theory = float kernel to 1e-9; compiled integers = their Python twin to the bit."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from twins import assert_same_network, in_steps, taught_rates

from neuro_bpdl.agreement.lessons import summed_lessons
from neuro_bpdl.agreement.measures import cosine
from neuro_bpdl.description.network import describe
from neuro_bpdl.description.program import classification_program, taught_program
from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.kernels.factory import learning_program, make_network
from neuro_bpdl.kernels.fixed.network import FixedNetwork
from neuro_bpdl.kernels.float.network import FloatNetwork
from neuro_bpdl.spec import EngineSpec, InferenceSpec, LabelSpec, NetworkSpec, PlasticitySpec
from neuro_bpdl.theory.taught_start import taught_parameters
from neuro_bpdl.theory.teaching import net_inputs, teach

TOLERANCE = 1e-9
INFERENCE = InferenceSpec()


def network(sizes, activation="clipped-relu", nudge=0):
    names = ("hard-sigmoid", *[activation] * (len(sizes) - 2), "hard-sigmoid")
    return NetworkSpec.of(sizes, names, labels=LabelSpec(nudge=nudge))


def rows(n, sizes, seed):
    rng = np.random.default_rng(seed)
    images = rng.random((n, sizes[0])) * (rng.random((n, sizes[0])) < 0.5)
    return np.hstack([images, np.eye(sizes[-1])[rng.integers(0, sizes[-1], n)]])


def weights(params):
    return [*params.F, *params.b, *params.G, *params.c]


@settings(deadline=None, max_examples=25)
@given(
    visible=st.integers(1, 12),
    hidden=st.lists(st.integers(1, 9), min_size=1, max_size=3),
    classes=st.integers(2, 5),
    activation=st.sampled_from(["clipped-relu", "hard-sigmoid", "pwl-softplus", "sigmoid", "softplus"]),
    nudge=st.integers(0, 10),
    batch=st.integers(1, 4),
    seed=st.integers(0, 1000),
)
def test_learning_in_float_equals_theory(visible, hidden, classes, activation, nudge, batch, seed):
    sizes = (visible, *hidden, classes)
    spec = network(sizes, activation, nudge if len(hidden) == 1 else nudge % 3)
    feed = rows(6 * batch, sizes, seed)
    theory = taught_parameters(spec, feed[:, :visible], seed)
    plasticity = PlasticitySpec(learning_rate=0.2, feedforward_rate=0.3)
    kernel = FloatNetwork(theory, INFERENCE, plasticity, taught_program(describe(spec)), batch=batch, seed=seed)
    start = theory.copy()
    for presentation, part in enumerate(np.split(feed, 6)):
        teach(theory, part[:, :visible], part[:, visible:], plasticity)
        kernel.present(presentation, kernel.to_feed(part))
    found = kernel.to_parameters(theory)
    for expected, value in zip(weights(theory), weights(found), strict=True):
        np.testing.assert_allclose(value, expected, atol=TOLERANCE, rtol=TOLERANCE)
    assert np.abs(found.F[-1] - start.F[-1]).max() > 0
    np.testing.assert_array_equal(found.G[0], start.G[0])  # pixels are not taught
    np.testing.assert_array_equal(found.variance, start.variance)


def test_what_is_read_is_the_net_input(digits=(20, 12, 5)):
    spec = network(digits)
    images = rows(7, digits, 0)[:, :20]
    params = taught_parameters(spec, images, 0)
    kernel = FloatNetwork(params, INFERENCE, PlasticitySpec(), classification_program(describe(spec)), batch=7)
    read = []
    kernel.present(0, kernel.to_feed(images), lambda k, somas: read.append(somas[-1].copy()))
    np.testing.assert_allclose(read[0], net_inputs(params, images), atol=TOLERANCE)


@pytest.mark.parametrize("depth", [2, 3, 4])
def test_a_nudge_costs_two_time_steps_and_a_teacher_none_besides(depth):
    spec = network((9, *[5] * (depth - 1), 3))
    program = taught_program(describe(spec), rest=4)
    assert len(program) == depth + 2 * (depth - 1) + 2 * 5
    assert program.learns and not program.corrupts
    assert program.clamped == program.feeds == (0, depth)


ROUNDINGS = ("per-synapse", "shared")
ENGINES = {rounding: EngineSpec(arithmetic="fixed", rounding=rounding) for rounding in ROUNDINGS}
PLASTICITY = PlasticitySpec(learning_rate=0.05)


def fixed(params, rounding="per-synapse", batch=1, plasticity=PLASTICITY):
    engine = ENGINES[rounding]
    return make_network(
        engine, params, INFERENCE, plasticity, learning_program(engine, params.network, 1), batch=batch, seed=4
    )


@pytest.mark.parametrize("batch", [1, 3])
@pytest.mark.parametrize("rounding", ROUNDINGS)
@pytest.mark.parametrize(
    ("sizes", "activation", "nudge"),
    [((65, 42, 10), "clipped-relu", 8), ((65, 42, 10), "hard-sigmoid", 3), ((40, 30, 20, 5), "clipped-relu", 1),
     ((65, 42, 7), "pwl-softplus", 6)],
)  # fmt: skip
def test_a_compiled_taught_presentation_is_the_state_machine_to_the_bit(sizes, activation, nudge, rounding, batch):
    feed = rows(40 * batch, sizes, 1)
    start = taught_parameters(network(sizes, activation, nudge), feed[:, : sizes[0]], 2)
    compiled, stepped = fixed(start, rounding, batch), fixed(start, rounding, batch)
    for k, part in enumerate(np.split(feed, 40)):
        compiled.present(k, compiled.to_feed(part))
        in_steps(stepped, k, stepped.to_feed(part))
    assert_same_network(compiled, stepped)
    learned = compiled.to_parameters(start)
    for layer in range(1, len(sizes)):
        assert np.abs(learned.F[layer - 1] - start.F[layer - 1]).max() > 0.005
    assert np.abs(learned.G[-1] - start.G[-1]).max() > 0.005
    assert compiled.messages[len(sizes) - 1].sum() == 0  # nothing goes down to the pixels


@pytest.mark.parametrize("batch", [1, 12])
def test_what_is_read_in_integers_is_the_state_machines(batch):
    spec = network((65, 42, 10), nudge=8)
    images = rows(50, (65, 42, 10), 0)[:, :65]
    params, program = taught_parameters(spec, images, 0), classification_program(describe(spec))
    both = [FixedNetwork(params, INFERENCE, PLASTICITY, program, batch=batch) for _ in range(2)]
    read, images = [[], []], images[:batch]
    both[0].present(0, both[0].to_feed(images), lambda k, somas: read[0].append(somas[-1].copy()))
    in_steps(both[1], 0, both[1].to_feed(images), lambda k, somas: read[1].append(somas[-1].copy()))
    np.testing.assert_array_equal(*(one[0] for one in read))
    exact = net_inputs(params, images)
    assert np.abs(both[0].to_rates(2, read[0][0]) - exact).max() < 0.15


def test_one_event_changes_f_and_g_as_theory_does():
    """Over many draws of one presentation, the mean change is the rule's."""
    sizes = (30, 20, 5)
    feed = rows(1, sizes, 3)
    start = taught_parameters(network(sizes, nudge=8), rows(50, sizes, 3)[:, :30], 1)
    again, rates = np.repeat(feed, 300, axis=0), taught_rates(start, PLASTICITY)
    summed = summed_lessons(start, PLASTICITY, again, seed=4)
    # A nudge of a few payloads is known to a payload; what the top knows, y − p, is a hundred of them.
    for name, near in {"F_1": 0.25, "F_2": 0.1, "G_2": 0.1}.items():
        found, expected = summed[name]
        assert cosine(found, expected) > 0.97
        length = np.linalg.norm(found) / np.linalg.norm(expected)
        assert length == pytest.approx(rates[name] / PLASTICITY.learning_rate, rel=near)


def test_a_presentation_that_needs_no_teacher_changes_nothing():
    """Late in training most presentations are such: no V̇, no change, and nothing sent down but what is compared."""
    sizes = (30, 20, 5)
    start = taught_parameters(network(sizes, nudge=8), rows(50, sizes, 3)[:, :30], 1)
    start.F[1][:] = 0
    start.b[1][:] = [-1.9, -1.9, 1.9, -1.9, -1.9]
    start.F[1][:2], start.F[1][2], start.F[1][3:] = -0.9, 0.9, -0.9
    kernel = fixed(start)
    feed = rows(1, sizes, 3)
    feed[:, :30], feed[:, 30:] = 1, [0, 0, 1, 0, 0]
    kernel.present(0, kernel.to_feed(feed))  # what the start left in tags is carried
    before, sent = kernel.memory.copy(), kernel.messages[3, 1]
    kernel.present(1, kernel.to_feed(feed))
    assert kernel.layers[2].held[1].tolist() == [[0, 0, 127, 0, 0]]
    np.testing.assert_array_equal(kernel.memory, before)
    assert sent == kernel.messages[3, 1] == 0


@pytest.mark.parametrize(
    ("spec", "plasticity", "message"),
    [
        ({"activation": "softplus"}, {}, "activation of layer 1: got 'softplus', allowed: hard-sigmoid or"),
        ({}, {"learning_rate": 1e-7}, "learning rate of F_1: got 1e-07, allowed: .* use"),
    ],
)
def test_what_has_no_integers_is_refused(spec, plasticity, message):
    params = taught_parameters(network((30, 20, 5), nudge=8, **spec), rows(50, (30, 20, 5), 3)[:, :30], 1)
    with pytest.raises(InvalidInput, match=message):
        fixed(params, plasticity=PlasticitySpec(**plasticity))
