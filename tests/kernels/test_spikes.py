"""Messages of binary spikes: counts against theory, the compiled loop against the state machine, refusals."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from twins import assert_same_network, in_steps

from neuro_bpdl.description.network import describe
from neuro_bpdl.description.program import generation_program, inference_program
from neuro_bpdl.engines.eager import EagerSimulator
from neuro_bpdl.errors import InvalidInput, NeuroBpdlWarning
from neuro_bpdl.kernels.factory import learning_program, make_network
from neuro_bpdl.kernels.fixed import spiking
from neuro_bpdl.kernels.fixed.network import FixedNetwork
from neuro_bpdl.numbers.code import Train
from neuro_bpdl.parameters import initial_parameters
from neuro_bpdl.spec import Code, EngineSpec, InferenceSpec, NetworkSpec, PlasticitySpec
from neuro_bpdl.theory.codes import received

INFERENCE = InferenceSpec(steps=3, delta=0.625, alpha=0.003)
PWL = ("pwl-sigmoid", "pwl-softplus", "pwl-sigmoid")
CLIPPED = PlasticitySpec(learning_rate=0.02, feedforward_rate=0.01)
SIGNED = PlasticitySpec(
    learning_rate=(0.02, 0.03), feedforward_rate=0.01, visible_noise=0.5, clip_visible=False, derivative=True
)
KINDS = ("regular", "stochastic")


def engine(kind, window, rounding="per-synapse", backend="eager", model="fused"):
    return EngineSpec(
        backend=backend, model=model, arithmetic="fixed", rounding=rounding, code=kind, window=window
    )


def images(n, pixels, seed=0):
    rng = np.random.default_rng(seed)
    return rng.random((n, pixels)) * (rng.random((n, pixels)) < 0.5)


def learner(kind, window, rounding, plasticity, sizes=(65, 42, 39)):
    chosen, params = engine(kind, window, rounding), initial_parameters(NetworkSpec.of(sizes, PWL), 2)
    program = learning_program(chosen, params.network, INFERENCE.steps)
    return make_network(chosen, params, INFERENCE, plasticity, program, batch=1, seed=3)


@settings(deadline=None)
@given(st.integers(1, 255), st.integers(1, 127))
def test_regular_counts_are_the_rate_in_the_mean_over_phases(window, payload):
    """Hermite's identity, and f (1 − f): every phase 0 … m − 1 once."""
    train = Train.reaching(127, window)
    assert window * train.worth >= 127
    drive = train.drive(np.array([payload]))[0]
    counts = (drive + np.arange(train.mantissa)) // train.mantissa
    mean, variance = received(np.array(drive / (train.mantissa * window)), Code("regular", window))
    assert counts.mean() / window == pytest.approx(mean, abs=1e-12)
    assert counts.var() / window**2 == pytest.approx(variance, abs=1e-12)


@settings(deadline=None, max_examples=40)
@given(st.integers(1, 64), st.integers(0, 2**31))
def test_the_spikes_of_a_regular_message_add_up_to_its_count(window, seed):
    payload = np.random.default_rng(seed).integers(-127, 128, 50).astype(np.int32)
    train = Train.reaching(100, window)
    spikes = np.array([train.fires(payload, step) for step in range(window)])
    assert set(np.unique(spikes)) <= {-1, 0, 1}
    np.testing.assert_array_equal(spikes.sum(axis=0), train.counts(payload))
    assert np.abs(train.counts(payload)).max() <= window


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("window", [1, 7, 31])
def test_compiled_spikes_are_those_of_the_description(kind, window):
    payload = np.random.default_rng(1).integers(-127, 128, 300).astype(np.int32)
    train = Train.reaching(90, window, stochastic=kind == "stochastic")
    numbers, selector = (window, train.mantissa, train.shift, int(train.stochastic)), (3, 1, 5, 400)
    total, one, summed = np.empty(300, np.int32), np.empty(300, np.int32), np.zeros(300, np.int32)
    assert spiking.counts(payload, numbers, selector, 11, total) == train.clipped(payload) > 0
    for step in range(window):
        spiking.spikes(payload, numbers, selector, 11, step, one)
        summed += one
        if kind == "regular":
            np.testing.assert_array_equal(one, train.fires(payload, step))
    np.testing.assert_array_equal(summed, total)


def test_stochastic_counts_have_the_mean_and_variance_of_theory():
    window, units = 15, 100_000
    train = Train.reaching(127, window, stochastic=True)
    for payload in (5, 64, 127):
        out = np.empty(units, np.int32)
        spiking.counts(np.full(units, payload, np.int32), (window, train.mantissa, train.shift, 1), (0, 0, 0, 99), 0,
                       out)  # fmt: skip
        rate = payload / (train.worth * window)
        mean, variance = received(np.array(rate), Code("stochastic", window))
        error = np.sqrt(variance / units)
        assert out.mean() / window == pytest.approx(float(mean), abs=5 * error)  # five standard errors
        assert out.var() / window**2 == pytest.approx(float(variance), rel=0.05)


@pytest.mark.parametrize("plasticity", [CLIPPED, SIGNED], ids=["clipped", "signed"])
@pytest.mark.parametrize("rounding", ["per-synapse", "shared"])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("window", [1, 7])
def test_learning_with_spikes_is_the_state_machine_to_the_bit(kind, window, rounding, plasticity):
    compiled, stepped = (learner(kind, window, rounding, plasticity) for _ in range(2))
    before = compiled.memory.copy()
    for k, image in enumerate(images(12, 65)):
        compiled.present(k, compiled.to_feed(image[None]))
        in_steps(stepped, k, stepped.to_feed(image[None]))
    assert_same_network(compiled, stepped)
    assert not np.array_equal(compiled.memory, before)


PROGRAMS = {
    "inference": lambda network: inference_program(network, 3),
    "inpainting": lambda network: inference_program(network, 3, clamped=False),
    "generation": lambda network: generation_program(network, 2, 2),
}


@pytest.mark.parametrize("batch", [1, 5, 12], ids=lambda batch: f"{batch} replicas")
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", PROGRAMS)
def test_every_program_with_spikes_is_the_state_machine_to_the_bit(name, kind, batch):
    params = initial_parameters(NetworkSpec.of((65, 42, 39), PWL), 2)
    program = PROGRAMS[name](describe(params.network)).sending(Code(kind, 7))
    compiled, stepped = (FixedNetwork(params, INFERENCE, SIGNED, program, batch=batch) for _ in range(2))
    rates, found, wanted = images(batch, program.feed_size), {}, {}
    if name == "inpainting":
        rates[:, ::2] = -1 - rates[:, ::2]
    for k in range(2):
        compiled.present(k, compiled.to_feed(rates), lambda at, somas: found.update({at: [s.copy() for s in somas]}))
        in_steps(stepped, k, stepped.to_feed(rates), lambda at, somas: wanted.update({at: [s.copy() for s in somas]}))
    assert found.keys() == wanted.keys() == set(range(len(program.records)))
    for at, somas in found.items():
        for one, other in zip(somas, wanted[at], strict=True):
            np.testing.assert_array_equal(one, other)
    assert_same_network(compiled, stepped)


def test_spikes_say_what_payloads_say_better_the_longer_they_last():
    params = initial_parameters(NetworkSpec.of((65, 42, 39), PWL), 2)
    x = images(20, 65)
    graded = EagerSimulator(params, INFERENCE, SIGNED, EngineSpec(arithmetic="fixed")).infer(x).h[1]
    far = [
        np.abs(EagerSimulator(params, INFERENCE, SIGNED, engine("regular", window)).infer(x).h[1] - graded).mean()
        for window in (7, 31, 127)
    ]
    assert far[0] > far[1] > far[2]


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_drawn_depends_on_the_image_not_on_its_neighbours(kind):
    params = initial_parameters(NetworkSpec.of((65, 42, 39), PWL), 2)
    x = images(9, 65)
    whole = EagerSimulator(params, INFERENCE, SIGNED, engine(kind, 7)).infer(x)
    part = EagerSimulator(params, INFERENCE, SIGNED, engine(kind, 7)).infer(x[:4])
    for a, b in zip(whole.h, part.h, strict=True):
        np.testing.assert_array_equal(a[:4], b)


def test_spikes_are_counted_as_messages_and_take_their_time():
    params = initial_parameters(NetworkSpec.of((65, 42, 39), PWL), 2)
    simulator = EagerSimulator(params, INFERENCE, SIGNED, engine("regular", 31))
    simulator.learn(images(3, 65), np.arange(3), 0)
    steps = 1 + 2 + 2 * INFERENCE.steps + 2
    assert simulator.counts.time_steps == steps * 31 + 4
    assert simulator.counts.learning_updates < simulator.counts.synaptic_operations
    assert str(simulator.label) == "eager fused fixed per-synapse regular W=31, seed 0"


def test_rates_beyond_the_range_are_counted_and_named():
    params = initial_parameters(NetworkSpec.of((65, 42, 39), PWL), 2)
    params.b[0][:] = 7.5  # h_1 beyond the 6 that its trains hold
    simulator = EagerSimulator(params, INFERENCE, SIGNED, engine("regular", 31))
    with pytest.warns(NeuroBpdlWarning, match=r"regular W=31.*layer 1: \d+\.\d% of the messages"):
        simulator.infer(images(3, 65))
    assert simulator.saturated[1]["range"] > 0 == simulator.saturated[0]["range"]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"arithmetic": "fixed", "code": "regular", "window": 0}, "EngineSpec.window: got 0"),
        ({"window": 5}, "EngineSpec.window: got 5, allowed: none with graded payloads"),
        ({"code": "regular"}, "EngineSpec.code: got 'regular', allowed: graded in float"),
        ({"backend": "theory", "code": "regular"}, "messages of binary spikes: eager, lava, lava-composed"),
        ({"backend": "nengo", "code": "stochastic"}, "messages of binary spikes: eager, lava, lava-composed"),
    ],
)
def test_codes_that_no_engine_has_are_refused_in_one_line(fields, words):
    with pytest.raises(InvalidInput, match=words) as refused:
        EngineSpec(**fields)
    assert "\n" not in str(refused.value)


def test_replicas_do_not_learn_from_spikes_together():
    chosen, params = engine("regular", 7), initial_parameters(NetworkSpec.of((65, 42, 39), PWL), 2)
    program = learning_program(chosen, params.network, 2)
    with pytest.raises(InvalidInput, match="one image at a time"):
        make_network(chosen, params, INFERENCE, SIGNED, program, batch=2, seed=0)
