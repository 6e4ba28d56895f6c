"""Two factors: V̇ told in spikes, learned from pairs; the compiled loop against the state machine, refusals."""

import numpy as np
import pytest

from neuro_bpdl.data import load
from neuro_bpdl.description.phases import Phase
from neuro_bpdl.engines.eager import EagerSimulator
from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.hardware.counts import presentation_steps
from neuro_bpdl.kernels.events import Counts
from neuro_bpdl.kernels.factory import learning_program, make_network
from neuro_bpdl.kernels.fixed import pairs
from neuro_bpdl.numbers.widths import TRACE_MAX
from neuro_bpdl.parameters import initial_parameters
from neuro_bpdl.spec import Code, EngineSpec, InferenceSpec, NetworkSpec, PlasticitySpec

INFERENCE = InferenceSpec(steps=2, delta=0.625, alpha=0.003)
PWL = ("pwl-sigmoid", "pwl-softplus", "pwl-sigmoid")
PLASTICITY = PlasticitySpec(learning_rate=0.004, feedforward_rate=0.003, visible_noise=0.5, derivative=True)


def engine(kind="regular", window=7, rounding="per-synapse"):
    return EngineSpec(arithmetic="fixed", rounding=rounding, code=kind, window=window, factors=2)


def learner(kind, window, sizes=(65, 42, 39)):
    chosen, params = engine(kind, window), initial_parameters(NetworkSpec.of(sizes, PWL), 2)
    program = learning_program(chosen, params.network, INFERENCE.steps)
    return make_network(chosen, params, INFERENCE, PLASTICITY, program, batch=1, seed=3)


def images(n, pixels, seed=0):
    rng = np.random.default_rng(seed)
    return rng.random((n, pixels)) * (rng.random((n, pixels)) < 0.5)


@pytest.mark.parametrize("kind", ["regular", "stochastic"])
@pytest.mark.parametrize("window", [1, 7])
def test_learning_from_pairs_is_the_state_machine_to_the_bit(kind, window):
    compiled, stepped = (learner(kind, window) for _ in range(2))
    before = compiled.memory.copy()
    for k, image in enumerate(images(12, 65)):
        compiled.present(k, compiled.to_feed(image[None]))
        for position in range(len(stepped.program)):
            stepped.step(position, k, stepped.to_feed(image[None]))
    np.testing.assert_array_equal(compiled.memory, stepped.memory)
    np.testing.assert_array_equal(compiled.saturations, stepped.saturations)
    np.testing.assert_array_equal(compiled.messages, stepped.messages)
    assert not np.array_equal(compiled.memory, before)


def test_a_message_of_pairs_teaches_presynaptic_spikes_times_the_swing_in_the_mean():
    """Over many draws: tag = Σ spikes · V̇ / 127, in multiples of the literal."""
    window, repeats = 15, 4000
    payload, swing = np.array([0, 40, 127, window], np.int32), np.array([-90, 0, 30, 127], np.int32)
    train, mean = (window, 9, 0, 0), np.zeros((4, 4))
    for k in range(repeats):
        matrix, lost = np.zeros((2, 4, 4), np.int16), np.zeros(2, np.int64)
        pairs.learn_pairs(matrix, payload, swing, np.zeros(4, bool), (1, 7), train, (0, 0, k, 99), 0,
                          (0, 1, 1000 * k), lost)  # fmt: skip
        mean += (64 * matrix[0] + matrix[1]) / repeats
    counts = np.array([0, (40 + pairs_phase(1, 9)) // 9, (127 + pairs_phase(2, 9)) // 9, window])
    np.testing.assert_allclose(mean, counts[:, None] * swing / TRACE_MAX, atol=5 * np.sqrt(window / 4 / repeats))


def pairs_phase(unit, mantissa):
    from neuro_bpdl.numbers.code import phases

    return int(phases(unit + 1, mantissa)[unit])


def test_a_falling_voltage_fires_before_the_presynaptic_spike_and_a_rising_one_after():
    swing, fired = np.array([-127, 0, 127], np.int32), np.zeros(3, np.int32)
    for moment, wanted in ((pairs.BEFORE, [1, 0, 0]), (pairs.SPIKE, [0, 0, 0]), (pairs.AFTER, [0, 0, 1])):
        pairs.fire(swing, moment, (0, 1, 5), fired)
        np.testing.assert_array_equal(fired, wanted)


def test_pairs_take_three_time_steps_for_every_presynaptic_spike():
    network = NetworkSpec.of((65, 42, 39), PWL)
    three, two = (
        learning_program(EngineSpec(arithmetic="fixed", code="regular", window=7, factors=f), network, 2)
        for f in (3, 2)
    )
    assert len(two) - len(three) == 2 * 7 + 1
    learning = [speaks for step, speaks in zip(two.moments, two.speaks, strict=True) if step.phase is Phase.LEARN]
    assert learning == [False] + [False, True, False] * 7
    assert all(three.speaks) and sum(two.speaks) == len(three)


def test_two_factors_learn_as_three_do():
    """Digits, 1,200 presentations: the error of reconstruction, of the mean image's (docs/spikes.md)."""
    x, found = load("digits").x_train, {}
    test, mean = x[1000:1100], x[:1000].mean(axis=0)
    plasticity = PlasticitySpec(learning_rate=0.05, feedforward_rate=0.025, noise=0.1)
    for factors in (3, 2):
        chosen = EngineSpec(arithmetic="fixed", code="regular", window=15, factors=factors)
        params = initial_parameters(NetworkSpec.of((64, 20, 10)), 1)
        simulator = EagerSimulator(params, INFERENCE, plasticity, chosen)
        simulator.learn(x[:1000], np.arange(1200) % 400, first=0)
        found[factors] = ((simulator.infer(test).reconstruction - test) ** 2).mean() / ((test - mean) ** 2).mean()
    assert found[3] < 0.45
    assert found[2] == pytest.approx(found[3], rel=0.03)


def test_an_estimate_counts_presynaptic_spikes_once():
    network = NetworkSpec.of((65, 42, 39), PWL)
    three, two = (
        sum((s.counts(network.sizes) for s in presentation_steps(network, INFERENCE, True, code=code)), Counts())
        for code in (Code("regular", 7), Code("regular", 7, 2))
    )
    assert (two.spikes, two.synaptic_operations, two.learning_updates) == (
        three.spikes, three.synaptic_operations, three.learning_updates)  # fmt: skip
    assert two.time_steps == three.time_steps + 2 * 7 + 1


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"arithmetic": "fixed", "factors": 2}, "EngineSpec.factors: got 2, allowed: 3 with graded payloads"),
        ({"backend": "theory", "factors": 2}, "two factors: eager, lava, lava-composed"),
        ({"backend": "nengo", "factors": 2}, "two factors: eager, lava, lava-composed"),
        ({"arithmetic": "fixed", "code": "regular", "factors": 4}, "EngineSpec.factors: got 4"),
    ],
)
def test_two_factors_are_refused_by_name_where_an_engine_has_none(fields, words):
    with pytest.raises(InvalidInput, match=words) as refused:
        EngineSpec(**fields)
    assert "\n" not in str(refused.value)
