"""The public nengo.Network: it runs by its own clock in anybody's simulator, as the engine does."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("nengo")

import nengo

from neuro_bpdl.engines.nengo import NengoSimulator
from neuro_bpdl.engines.theory import TheorySimulator
from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.nengo import measure_response, network
from neuro_bpdl.parameters import initial_parameters
from neuro_bpdl.spec import InferenceSpec, NetworkSpec, PlasticitySpec

TAU = 0.1
SIZES, X = (12, 9, 5), np.random.default_rng(0).random((4, 12))
INFERENCE, PLASTICITY = InferenceSpec(steps=6, alpha=0.2), PlasticitySpec(learning_rate=0.1)


def params():
    return initial_parameters(NetworkSpec.of(SIZES), seed=0)


def run(net, presentations):
    simulator = nengo.Simulator(net, dt=net.dt, progress_bar=False)
    with simulator:
        simulator.run(presentations * net.presentation_time, progress_bar=False)
    return simulator


def ends(simulator, net, probe):
    """What a probe saw at the end of every presentation."""
    period = round(net.presentation_time / net.dt)
    return simulator.data[probe][period - 1 :: period]


def test_it_infers_what_theory_infers():
    net = network(params(), INFERENCE, images=X, dt=TAU)
    probes = [net.probe("soma", layer) for layer in range(3)]
    simulator = run(net, len(X))
    expected = TheorySimulator(params(), INFERENCE, PLASTICITY).infer(X).h
    for probe, h in zip(probes, expected, strict=True):
        np.testing.assert_allclose(ends(simulator, net, probe), h, atol=1e-12)


def test_it_learns_what_the_engine_learns():
    net = network(params(), INFERENCE, PLASTICITY, images=X)
    with nengo.Simulator(net, dt=net.dt, progress_bar=False) as simulator:
        simulator.run(len(X) * net.presentation_time, progress_bar=False)
        learned = net.parameters(simulator)
    with pytest.raises(InvalidInput, match="simulator: got 'a closed one'"):
        net.parameters(simulator)
    engine = NengoSimulator(params(), INFERENCE, PLASTICITY, dt=net.dt)
    engine.learn(X, np.arange(len(X)), 0)
    for ours, theirs, start in zip(learned.F, engine.parameters().F, params().F, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-9)
        assert np.abs(theirs - start).max() > 1e-3


def test_every_part_has_a_label():
    net = network(params(), INFERENCE, PLASTICITY, images=X)
    assert net.label == "neuro-bpdl"
    assert all(part.label for part in (*net.all_ensembles, *net.all_nodes))
    assert {"F_1", "F_2", "G_1", "G_2"} <= {one.label for one in net.all_connections}


def test_somebody_elses_node_shows_the_image():
    with nengo.Network() as model:
        eye = nengo.Node(X[1])
        net = network(params(), INFERENCE, dt=TAU)
        nengo.Connection(eye, net.input, synapse=None)
        top = net.probe("soma", 2)
    with nengo.Simulator(model, dt=TAU, progress_bar=False) as simulator:
        simulator.run(net.presentation_time, progress_bar=False)
    expected = TheorySimulator(params(), INFERENCE, PLASTICITY).infer(X[1:2]).h[-1][0]
    np.testing.assert_allclose(simulator.data[top][-1], expected, atol=1e-12)


@pytest.mark.parametrize(
    "neurons",
    [nengo.SpikingRectifiedLinear(), nengo.LIF(tau_rc=0.1, tau_ref=0.0005), nengo.RectifiedLinear(), "regular"],
    ids=str,
)
def test_other_neurons_come_near(neurons):
    net = network(params(), INFERENCE, images=X[:1], neurons=neurons, dt=0.0005, max_rate=200.0)
    probe = net.probe("soma", 1)
    simulator = run(net, 1)
    exact = TheorySimulator(params(), INFERENCE, PLASTICITY).infer(X[:1]).h[1][0]
    assert np.sqrt(np.mean((simulator.data[probe][-1] - exact) ** 2)) < 0.06


def test_a_response_is_measured():
    found = measure_response(nengo.SpikingRectifiedLinear(), 1.0, 200.0, 0.001)
    assert found.deviation < 0.02 and found.gain == pytest.approx(200, rel=0.02)
    bent = measure_response(nengo.LIF(), 1.0, 200.0, 0.001)
    assert bent.deviation > 0.05


@pytest.mark.parametrize(
    ("neurons", "why"),
    [
        (nengo.LIF(), "a response within 5% of a straight line \\(measured:"),
        (nengo.Izhikevich(), "a neuron type with an amplitude"),
        (nengo.LIF(tau_ref=0.01), "that can send 200 Hz"),
        ("cubic", "rate, poisson, regular, lif or a nengo"),
    ],
    ids=str,
)
def test_what_cannot_carry_activities_is_refused_with_the_measurement(neurons, why):
    with pytest.raises(InvalidInput, match=f"neurons: got .*{why}"):
        network(params(), images=X, neurons=neurons)


def test_other_refusals():
    net = network(params(), INFERENCE, images=X)
    with pytest.raises(InvalidInput, match=r"nengo.Simulator dt: got '0.002', allowed: 0.001"):
        run_at(net, 0.002)
    with pytest.raises(InvalidInput, match=r"images: got \(4, 11\), allowed: \(N, 12\)"):
        network(params(), images=X[:, :11])
    with pytest.raises(InvalidInput, match="layer: got 0, allowed: 1, 2 for basal"):
        net.probe("basal", 0)
    with pytest.raises(InvalidInput, match="name: got 'h', allowed: soma"):
        net.probe("h", 0)


def run_at(net, dt):
    with nengo.Simulator(net, dt=dt, progress_bar=False) as simulator:
        simulator.run_steps(2, progress_bar=False)
