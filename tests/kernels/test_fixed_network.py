"""The fixed-point network: exact checkpoints, reproducible rounding, agreement with float."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from twins import assert_same_network, in_steps

from neuro_bpdl.description.network import describe
from neuro_bpdl.description.program import generation_program, inference_program
from neuro_bpdl.engines.eager import EagerSimulator
from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.kernels.events import SATURATIONS
from neuro_bpdl.kernels.factory import learning_program, make_network
from neuro_bpdl.kernels.fixed import learning
from neuro_bpdl.kernels.fixed.matrix import learning_matrices
from neuro_bpdl.kernels.fixed.network import FixedNetwork
from neuro_bpdl.kernels.fixed.quantize import reachable, saturate
from neuro_bpdl.numbers import widths
from neuro_bpdl.parameters import initial_parameters
from neuro_bpdl.spec import EngineSpec, InferenceSpec, NetworkSpec, PlasticitySpec

INFERENCE, PLASTICITY = InferenceSpec(steps=4), PlasticitySpec(learning_rate=0.06, feedforward_rate=0.03)
ROUNDINGS = ("per-synapse", "shared")


def simulator(params, rounding="per-synapse", batch=1, seed=0, arithmetic="fixed"):
    engine = EngineSpec(backend="eager", arithmetic=arithmetic, rounding=rounding)
    return EagerSimulator(params, INFERENCE, PLASTICITY, engine, batch=batch, seed=seed)


def fixed(params, rounding="per-synapse", batch=1, seed=0, plasticity=PLASTICITY, epoch="step"):
    engine = EngineSpec(backend="eager", arithmetic="fixed", rounding=rounding, learning_epoch=epoch)
    program = learning_program(engine, params.network, INFERENCE.steps)
    return make_network(engine, params, INFERENCE, plasticity, program, batch=batch, seed=seed)


def images(n, pixels, seed=0):
    rng = np.random.default_rng(seed)
    return rng.random((n, pixels)) * (rng.random((n, pixels)) < 0.5)


def arrays(params):
    return [*params.F, *params.b, *params.G, *params.c, params.variance]


def assert_same(a, b):
    for left, right in zip(arrays(a), arrays(b), strict=True):
        np.testing.assert_array_equal(left, right)


PWL = ("pwl-sigmoid", "pwl-softplus", "pwl-sigmoid")
# φ′ shifts V̇, and pixels have a sign where only currents see it.
EXACT = PlasticitySpec(
    learning_rate=(0.06, 0.1), feedforward_rate=0.03, visible_noise=0.5, clip_visible=False, derivative=True
)


@pytest.mark.parametrize("activation", ["hard-sigmoid", ("hard-sigmoid", "clipped-relu", "hard-sigmoid"), PWL])
@pytest.mark.parametrize("rounding", ROUNDINGS)
def test_parameters_quantise_back_to_the_same_integers(activation, rounding):
    network = fixed(initial_parameters(NetworkSpec.of((30, 20, 10), activation), 1), rounding)
    for k, image in enumerate(images(20, 30)):
        network.present(k, network.to_feed(image[None]))
    params = network.to_parameters(initial_parameters(NetworkSpec.of((30, 20, 10), activation), 1))
    again = fixed(params, rounding)
    for before, after in zip((*network.up, *network.down), (*again.up, *again.down), strict=True):
        np.testing.assert_array_equal(before, after)
        assert np.abs(before[1]).max() < widths.CARRY_THRESHOLD  # everything was carried


@pytest.mark.parametrize("batch", [1, 3])
@pytest.mark.parametrize("rounding", ROUNDINGS)
def test_a_resumed_run_is_the_unbroken_one_to_the_bit(rounding, batch):
    start, x = initial_parameters(NetworkSpec.of((25, 12, 6)), 2), images(24, 25)
    whole = simulator(start, rounding, batch)
    whole.learn(x, np.arange(24), 0)
    first = simulator(start, rounding, batch)
    first.learn(x, np.arange(12), 0)
    second = simulator(first.parameters(), rounding, batch)
    second.learn(x, np.arange(12, 24), 12 // batch)
    assert_same(whole.parameters(), second.parameters())
    assert not np.array_equal(whole.parameters().F[0], first.parameters().F[0])


MIXED = ("hard-sigmoid", "clipped-relu", "hard-sigmoid", "hard-sigmoid")
FAST = PlasticitySpec(learning_rate=0.12, top_noise="bernoulli", visible_noise=0.4)


@pytest.mark.parametrize("activation", ["hard-sigmoid", MIXED, (*PWL, "pwl-sigmoid")], ids=["hard", "mixed", "pwl"])
@pytest.mark.parametrize("depth", [1, 2, 3])
@pytest.mark.parametrize("rounding", ROUNDINGS)
@pytest.mark.parametrize(
    "plasticity",
    [PLASTICITY, FAST, EXACT.model_copy(update={"learning_rate": 0.1})],
    ids=["gaussian", "bernoulli-fast", "exact"],
)
def test_a_compiled_presentation_is_the_state_machine_to_the_bit(rounding, depth, activation, plasticity):
    names = activation if isinstance(activation, str) else activation[: depth + 1]
    start = initial_parameters(NetworkSpec.of((65, 42, 39, 36)[: depth + 1], names), 2)
    compiled, stepped = fixed(start, rounding, plasticity=plasticity), fixed(start, rounding, plasticity=plasticity)
    for k, image in enumerate(images(40, 65)):
        compiled.present(k, compiled.to_feed(image[None]))
        in_steps(stepped, k, stepped.to_feed(image[None]))
    assert_same_network(compiled, stepped)
    if plasticity is FAST:
        assert compiled.saturations[:, 1:].any()


@pytest.mark.parametrize("batch", [1, 3])
@pytest.mark.parametrize("rounding", ROUNDINGS)
def test_learning_once_a_presentation_is_the_same_compiled(rounding, batch):
    start, once = initial_parameters(NetworkSpec.of((65, 42, 36)), 2), {"plasticity": FAST, "epoch": "presentation"}
    compiled, stepped = (fixed(start, rounding, batch, **once) for _ in range(2))
    for k, some in enumerate(images(40 * batch, 65).reshape(40, batch, 65)):
        compiled.present(k, compiled.to_feed(some))
        in_steps(stepped, k, stepped.to_feed(some))
    assert_same_network(compiled, stepped)
    sent = compiled.messages[:, 1] / 40 / batch
    assert (sent == [66, 43, 43, 37]).all()  # every unit at LEARN, silent ones to clear their traces
    assert len(compiled.program) == 1 + 2 + 2 * INFERENCE.steps + 2


@pytest.mark.parametrize("rounding", ROUNDINGS)
def test_compiled_replicas_are_those_of_the_state_machine(rounding):
    start = initial_parameters(NetworkSpec.of((65, 42, 39), PWL), 2)
    compiled, stepped = (fixed(start, rounding, batch=3, plasticity=EXACT) for _ in range(2))
    for k, image in enumerate(images(36, 65).reshape(12, 3, 65)):
        compiled.present(k, compiled.to_feed(image))
        in_steps(stepped, k, stepped.to_feed(image))
    assert_same_network(compiled, stepped)


PROGRAMS = {
    "inference": lambda network: inference_program(network, 4),
    "inpainting": lambda network: inference_program(network, 4, clamped=False),
    "generation": lambda network: generation_program(network, 3, 2),
}


@pytest.mark.parametrize("batch", [1, 5, 12], ids=lambda batch: f"{batch} replicas")
@pytest.mark.parametrize("kind", PROGRAMS)
def test_every_compiled_program_is_the_state_machine_to_the_bit(kind, batch):
    """Twelve replicas take products in float32, five the integers."""
    params = initial_parameters(NetworkSpec.of((65, 42, 39, 20), (*PWL, "hard-sigmoid")), 2)
    program = PROGRAMS[kind](describe(params.network))
    compiled, stepped = (FixedNetwork(params, INFERENCE, EXACT, program, batch=batch) for _ in range(2))
    rates = np.random.default_rng(1).random((batch, program.feed_size))
    feed = compiled.to_feed(np.where(rates < 0.5, -1 - rates, rates) if program.free else rates)
    found, expected = [], []
    compiled.present(0, feed, lambda k, somas: found.append((k, [soma.copy() for soma in somas])))
    in_steps(stepped, 0, feed, lambda k, somas: expected.append((k, [soma.copy() for soma in somas])))
    assert [k for k, _ in found] == [k for k, _ in expected] == list(range(len(program.records)))
    for (_, a), (_, b) in zip(found, expected, strict=True):
        for one, other in zip(a, b, strict=True):
            np.testing.assert_array_equal(one, other)
    assert_same_network(compiled, stepped)


@pytest.mark.parametrize("epoch", ["step", "presentation"])
def test_replicas_that_learn_through_products_are_the_state_machine_to_the_bit(epoch):
    """Eight replicas, whose products see every weight as it is after a carry: of a start, of LEARN, of the one before.

    With the tags of a start on the threshold; in two blocks, as 600 units are more than one product may have.
    """
    start = initial_parameters(NetworkSpec.of((600, 20, 9)), 2)
    compiled, stepped = (fixed(start, batch=8, plasticity=FAST, epoch=epoch) for _ in range(2))
    for network in (compiled, stepped):
        network.weights[0][1][::2] = widths.CARRY_THRESHOLD
    for k, some in enumerate(images(32, 600).reshape(4, 8, 600)):
        compiled.present(k, compiled.to_feed(some))
        in_steps(stepped, k, stepped.to_feed(some))
    assert_same_network(compiled, stepped)
    assert (compiled.weights[0] != fixed(start, batch=8, plasticity=FAST).weights[0]).any()


def test_weights_that_a_network_adopts_are_those_it_presents_with():
    one, other = (fixed(initial_parameters(NetworkSpec.of((65, 42)), seed), batch=8) for seed in (2, 3))
    for network in (one, other):
        network.present(0, network.to_feed(images(8, 65)))
    assert not np.array_equal(one.memory, other.memory)
    one.adopt(other.weights, other.variance)
    for network in (one, other):
        network.present(1, network.to_feed(images(8, 65, 1)))
    np.testing.assert_array_equal(one.memory, other.memory)


def test_draws_depend_on_seed_and_presentation_only():
    start, x = initial_parameters(NetworkSpec.of((25, 12)), 2), images(6, 25)
    a, b, other = (simulator(start, seed=seed) for seed in (5, 5, 6))
    for engine in (a, b, other):
        engine.learn(x, np.arange(6), 0)
    assert_same(a.parameters(), b.parameters())
    assert not np.array_equal(a.parameters().F[0], other.parameters().F[0])


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 127), st.integers(-127, 127), st.integers(0, 2**31 - 1))
def test_one_replica_averaged_is_one_replica(payload, swing, seed):
    rng = np.random.default_rng(seed)
    matrix = np.stack((rng.integers(-256, 256, (4, 9)), rng.integers(-31, 32, (4, 9)))).astype(np.int16)
    payloads = rng.choice([0, payload, 127], (1, 4)).astype(np.int32)
    swings = rng.choice([0, swing, -swing], (1, 9)).astype(np.int32)
    for draw in (learning.PER_SYNAPSE, seed % 128):
        one, mean = matrix.copy(), matrix.copy()
        learning.learn(one, payloads[0], swings[0], 3, 4, draw, seed, 1, 7)
        learning.learn_averaged(mean, payloads, swings, 3, 4, draw, seed, 1, 7)
        np.testing.assert_array_equal(one, mean)


def test_per_synapse_draws_are_uniform_and_uncorrelated():
    ones = np.zeros((2, 200, 300), np.int16)
    learning.learn(ones, np.full(200, 64, np.int32), np.full(300, 8, np.int32), 1, 0, learning.PER_SYNAPSE, 3, 1, 1)
    assert ones[1].mean() == pytest.approx(0.25, abs=0.01)  # 32·8/8 of 128 accumulator units: half of 64 → 1/4
    assert np.abs(np.corrcoef(ones[1])[np.triu_indices(200, 1)]).mean() < 0.06
    shared = np.zeros((2, 200, 300), np.int16)
    learning.learn(shared, np.full(200, 64, np.int32), np.full(300, 8, np.int32), 1, 0, 5, 3, 1, 1)
    assert np.ptp(shared[1]) == 0


@pytest.mark.parametrize("rounding", ROUNDINGS)
def test_learning_follows_float(rounding):
    start, x = initial_parameters(NetworkSpec.of((49, 30, 10)), 3), images(400, 49)
    moved = []
    for arithmetic in ("fixed", "float"):
        engine = simulator(start, rounding, arithmetic=arithmetic)
        engine.learn(x, np.arange(400), 0)
        end = engine.parameters()
        # The layers above move by less than a payload here, which integers cannot follow.
        moved.append([end.F[0] - start.F[0], end.G[0] - start.G[0]])
    for a, b in zip(*moved, strict=True):
        assert np.corrcoef(np.ravel(a), np.ravel(b))[0, 1] > 0.85
        assert np.linalg.norm(a) == pytest.approx(np.linalg.norm(b), rel=0.25)


@pytest.mark.parametrize("activation", ["hard-sigmoid", "clipped-relu"])
def test_inference_is_float_to_payload_resolution(activation):
    names = ("hard-sigmoid", activation, "hard-sigmoid")
    start, x = initial_parameters(NetworkSpec.of((49, 30, 10), names), 4), images(50, 49)
    a, b = simulator(start).infer(x), simulator(start, arithmetic="float").infer(x)
    for h, g in zip(a.h, b.h, strict=True):
        assert np.sqrt(((h - g) ** 2).mean()) < 0.02 * (1 if activation == "hard-sigmoid" else 4)


def test_saturations_are_counted_per_layer():
    params, plasticity = initial_parameters(NetworkSpec.of((200, 200)), 0), PlasticitySpec(learning_rate=0.4)
    params.c[0][:100], params.c[0][100:] = -1.99, 1.99
    program = learning_program(EngineSpec(arithmetic="fixed"), params.network, 4)
    network = FixedNetwork(params, INFERENCE, plasticity, program)
    for k in range(10):
        network.present(k, network.to_feed(np.repeat([[0, 1]], 100, axis=1)))
        network.present(k, network.to_feed(np.repeat([[1, 0]], 100, axis=1)))
    assert network.saturations.shape == (2, len(SATURATIONS))
    assert network.saturations[0, SATURATIONS.index("tags")] > 0
    assert network.saturations[1, SATURATIONS.index("soma")] > 0


def test_clipped_weights_of_a_float_network_get_a_coarser_unit_for_inference_only():
    params = initial_parameters(NetworkSpec.of((200, 20)), 0)
    params.F[0][3, 5] = 3.1
    kernel = FixedNetwork(params, INFERENCE, PLASTICITY, inference_program(describe(params.network), 4))
    assert kernel.scheme.up[0].unit_exponent == 6
    message = r"weights of F_1 \(layer 1\): got '3.1', allowed: at most 1.992 .*scale them by 0.643"
    with pytest.raises(InvalidInput, match=message):
        fixed(params)


@pytest.mark.parametrize("plasticity", [PLASTICITY, EXACT])
def test_rates_that_no_literal_gives_become_the_smallest_that_one_does(plasticity):
    params = initial_parameters(NetworkSpec.of((300, 200, 100), PWL), 0)
    tiny = plasticity.model_copy(update={"learning_rate": (1e-9, 0.05), "feedforward_rate": 1e-9})
    found = reachable(params.network, tiny)
    assert found.rates_down(2)[1] == 0.05
    kernel = fixed(params, plasticity=found)
    literals = (*kernel.scheme.up_literals, kernel.scheme.down_literals[0])
    assert all((rule.mantissa, rule.exponent) == (1, -7) and rule.rate == rule.requested for rule in literals)
    assert reachable(params.network, found) == found


def test_saturate_makes_a_network_that_fits():
    spec = NetworkSpec.of((30, 20, 10), ("hard-sigmoid", "clipped-relu", "hard-sigmoid"))
    params = initial_parameters(spec, 0)
    small = params.F[0].copy()
    params.F[1][:] = 9
    params.b[0][:] = -99
    with pytest.raises(InvalidInput, match="F_1"):
        fixed(params)
    saturate(params, PLASTICITY)
    fixed(params)
    np.testing.assert_array_equal(params.F[0], small)
    assert params.F[1].min() > 1


def test_recognition_biases_have_room():
    network = NetworkSpec.of((784, 100, 50), PWL)
    up, down = learning_matrices(network, EXACT)
    assert up[0].fits(np.zeros((100, 784)), np.full(100, -7.0))  # what MNIST's first layer wants is about -6
    for matrix in (*up, *down):
        on = matrix.bias_unit * 2.0**matrix.unit_exponent  # the activity that the bias unit's messages stand for
        assert 1.98 < on < 4.04  # 64 payloads of 1/63.5 each


def test_the_bias_unit_learns_as_a_unit_whose_activity_is_one():
    start = initial_parameters(NetworkSpec.of((12, 8)), 0)
    start.F[0][:], start.G[0][:], start.b[0][:] = 0, 0, 4.0  # h_1 is 1 whatever comes
    quiet = PLASTICITY.model_copy(update={"noise": 0.0})
    network = fixed(start, "shared", plasticity=quiet)  # one draw for all synapses
    network.present(0, network.to_feed(images(1, 12)))
    weights = network.down[0]
    assert np.any(weights != 0)
    np.testing.assert_array_equal(weights[:, :-1], np.broadcast_to(weights[:, -1:], weights[:, :-1].shape))
