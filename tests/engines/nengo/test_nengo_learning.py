"""The S·dV/dt rule inside Nengo: by hand, against the M-step, and on digits."""

import numpy as np
import pytest

pytest.importorskip("nengo")

import nengo
from sklearn.datasets import load_digits

from neuro_bpdl.engines.nengo import NengoSimulator
from neuro_bpdl.engines.nengo.neurons import Identity
from neuro_bpdl.engines.nengo.plasticity import VoltageSwing
from neuro_bpdl.engines.nengo.replicas import Replicated
from neuro_bpdl.engines.theory import TheorySimulator
from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.parameters import initial_parameters
from neuro_bpdl.spec import InferenceSpec, NetworkSpec, PlasticitySpec

INFERENCE = InferenceSpec()


def population(n):
    return nengo.Ensemble(
        n, 1, neuron_type=Identity(-9.0, 9.0), gain=np.ones(n), bias=np.zeros(n),
        encoders=np.ones((n, 1)), eval_points=np.zeros((1, 1)),
    )  # fmt: skip


def weights_of_a_swing(voltage, gate, rate=0.5, replicas=2, pre_rates=(1.0, 2.0, 3.0, 4.0), **rule):
    """Weights over time where S_pre = 1, 2 | 3, 4 in the two replicas, V is ``voltage(t)``, gates ``gate(t)``."""
    with nengo.Network(seed=0) as network:
        pre, post = population(2 * replicas), population(1 * replicas)
        nengo.Connection(nengo.Node(pre_rates), pre.neurons, synapse=None)
        synapses = nengo.Connection(
            pre.neurons, post.neurons, synapse=None,
            transform=Replicated(np.zeros((1, 2)), replicas), learning_rule_type=VoltageSwing(rate, replicas, **rule),
        )  # fmt: skip
        nengo.Connection(nengo.Node(voltage), synapses.learning_rule[:replicas], synapse=None)
        nengo.Connection(nengo.Node(gate), synapses.learning_rule[replicas:], synapse=None)
        probe = nengo.Probe(synapses, "weights")
    with nengo.Simulator(network, dt=0.01, progress_bar=False) as simulator:
        simulator.run(1.0)
    return simulator.data[probe]


def test_rule_by_hand():
    weights = weights_of_a_swing(lambda t: [t, 2 * t], lambda t: [1.0, 1.0])
    # dV/dt = 1 and 2: mean over replicas of V̇ S is (1·1 + 2·3)/2 and (1·2 + 2·4)/2, for 0.98 s
    assert np.allclose(weights[-1], 0.5 * 0.98 * np.array([[3.5, 5.0]]))


def test_each_neuron_has_a_gate_of_its_own():
    weights = weights_of_a_swing(lambda t: [t, 2 * t], lambda t: [1.0, 0.25])
    assert np.allclose(weights[-1], 0.5 * 0.98 * np.array([[1.25, 2.0]]))


def test_a_negative_rate_leaves_no_trace():
    weights = weights_of_a_swing(lambda t: [t, 2 * t], lambda t: [1.0, 1.0], pre_rates=(-1.0, 2.0, 3.0, -4.0), low=0.0)
    assert np.allclose(weights[-1], 0.5 * 0.98 * np.array([[3.0, 1.0]]))


def test_a_swing_and_back_leaves_no_change():
    weights = weights_of_a_swing(lambda t: [np.sin(np.pi * (t - 0.01) / 0.98), 0.0], lambda t: [1.0, 1.0])
    assert np.abs(weights).max() > 0.1
    assert np.abs(weights[-1]).max() < 1e-9


def test_a_closed_gate_learns_nothing():
    assert np.all(weights_of_a_swing(lambda t: [t, 2 * t], lambda t: [0.0, 0.0]) == 0.0)


def test_needs_a_replicated_transform():
    with nengo.Network() as network:
        pre, post = population(2), population(2)
        nengo.Connection(pre.neurons, post.neurons, transform=np.zeros((2, 2)), learning_rule_type=VoltageSwing(1.0, 2))
    with pytest.raises(InvalidInput, match="Replicated"):
        nengo.Simulator(network, progress_bar=False)


@pytest.mark.parametrize("sizes", [(12, 7), (12, 9, 5), (12, 9, 7, 4)], ids=len)
@pytest.mark.parametrize("top_noise", ["gaussian", "bernoulli"])
@pytest.mark.parametrize(
    ("activation", "rule"),
    [
        ("hard-sigmoid", {}),
        ("pwl-softplus", {"derivative": True, "clip_visible": False, "noise": 0.25, "visible_noise": 0.5}),
        ("tanh", {"derivative": True}),
    ],
    ids=["default", "exact", "tanh"],
)
def test_one_update_is_the_m_step(sizes, top_noise, activation, rule):
    params = initial_parameters(NetworkSpec.of(sizes, activation), 1)
    plasticity = PlasticitySpec(top_noise=top_noise, feedforward_rate=0.05, **rule)
    engines = [engine(params, INFERENCE, plasticity, batch=5, seed=3, **options)
               for engine, options in ((TheorySimulator, {}), (NengoSimulator, {"dt": 0.1}))]  # fmt: skip
    images = np.random.default_rng(0).random((10, 12))
    for engine in engines:
        engine.learn(images, np.arange(10)[::-1], 7)
    expected, found = (engine.parameters() for engine in engines)
    for name in ("F", "b", "G", "c"):
        for start, a, b in zip(*(getattr(p, name) for p in (params, expected, found)), strict=True):
            # a swing of 12 time constants of factor 1/2 ends 2^-12 short
            assert np.abs(a - b).max() < 2e-3 * np.abs(a - start).max()
    assert np.allclose(expected.variance, found.variance, rtol=1e-3)


@pytest.mark.parametrize(
    ("options", "images"), [({"dt": 0.05}, 2000), ({"neurons": "poisson"}, 600)], ids=["rate", "poisson"]
)
def test_learns_digits_like_theory(options, images):
    data = load_digits().data / 16.0
    params = initial_parameters(NetworkSpec.of((64, 32, 16)), 0)
    order = np.arange(images) % 1500
    errors = []
    for engine, extra in ((TheorySimulator, {}), (NengoSimulator, options)):
        simulator = engine(params, INFERENCE, PlasticitySpec(), batch=20, **extra)
        before = np.mean((simulator.infer(data[1500:]).reconstruction - data[1500:]) ** 2)
        simulator.learn(data, order, 0)
        errors.append(float(np.mean((simulator.infer(data[1500:]).reconstruction - data[1500:]) ** 2)))
        assert errors[-1] < 0.4 * before
    theory, nengo_error = errors
    assert abs(nengo_error - theory) < 0.1 * theory


def test_progress_counts_images():
    params = initial_parameters(NetworkSpec.of((12, 5)), 0)
    seen = []
    simulator = NengoSimulator(params, INFERENCE, PlasticitySpec(), batch=2, dt=0.1)
    simulator.learn(np.random.default_rng(0).random((6, 12)), np.arange(6), 0, seen.append)
    assert seen == [2, 4, 6]


def digits_error(learning, rate=0.1, images=400):
    data = load_digits().data / 16.0
    params = initial_parameters(NetworkSpec.of((64, 32, 16)), 0)
    simulator = NengoSimulator(
        params, INFERENCE, PlasticitySpec(learning_rate=rate), batch=20, dt=0.05, learning=learning
    )
    simulator.learn(data, np.arange(images), 0)
    found = (
        TheorySimulator(p, INFERENCE, PlasticitySpec()).infer(data[1500:]) for p in (params, simulator.parameters())
    )
    return [float(np.mean((result.reconstruction - data[1500:]) ** 2)) for result in found]


def test_learning_during_inference_learns_and_learning_without_any_phase_does_not():
    before, onset = digits_error("onset")
    _, free = digits_error("free")
    assert onset < 0.5 * before
    assert free > 0.95 * before


def test_the_first_change_from_onset_is_the_swing_from_prediction_to_soma():
    params = initial_parameters(NetworkSpec.of((12, 5)), 0)
    plasticity = PlasticitySpec(noise=0)
    updates = []
    for learning in ("phases", "onset"):
        simulator = NengoSimulator(params, INFERENCE, plasticity, dt=0.05, learning=learning)
        simulator.learn(np.random.default_rng(0).random((1, 12)), np.arange(1), 0)
        updates.append(np.ravel(simulator.parameters().G[0] - params.G[0]))
    a, b = updates
    assert a @ b > 0.95 * np.linalg.norm(a) * np.linalg.norm(b)


def test_refuses_an_unknown_way_of_learning():
    with pytest.raises(InvalidInput, match="onset"):
        digits_error("sleep")
