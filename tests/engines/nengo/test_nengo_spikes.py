"""Spiking axons: their response, the network with them, and the window they need."""

import numpy as np
import pytest

pytest.importorskip("nengo")

import nengo

from neuro_bpdl.engines.nengo import NengoSimulator
from neuro_bpdl.engines.nengo.axons import axon
from neuro_bpdl.engines.nengo.neurons import activity_range
from neuro_bpdl.engines.theory import TheorySimulator
from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.parameters import initial_parameters
from neuro_bpdl.spec import InferenceSpec, NetworkSpec, PlasticitySpec

RATE = 100.0
SPIKING = ["poisson", "regular", "lif"]


def mean_output(neurons, activation, values, seconds=20.0, dt=0.001):
    neuron, gain, bias = axon(activity_range(activation), neurons, RATE, dt)
    n = len(values)
    with nengo.Network(seed=1) as network:
        sender = nengo.Ensemble(n, 1, neuron_type=neuron, gain=np.full(n, gain), bias=np.full(n, bias))
        nengo.Connection(nengo.Node(values), sender.neurons, synapse=None)
        probe = nengo.Probe(sender.neurons)
    with nengo.Simulator(network, dt=dt, progress_bar=False) as simulator:
        simulator.run(seconds)
    return simulator.data[probe].mean(axis=0)


@pytest.mark.parametrize(("neurons", "tolerance"), [("poisson", 0.06), ("regular", 0.001), ("lif", 0.03)])
def test_mean_output_is_the_activity(neurons, tolerance):
    values = np.linspace(0.0, 1.0, 11)
    assert np.abs(mean_output(neurons, "hard-sigmoid", values) - values).max() < tolerance


@pytest.mark.parametrize("neurons", ["poisson", "regular"])
def test_negative_activities_are_negative_spikes(neurons):
    values = np.array([-0.8, 0.0, 0.4])
    assert np.abs(mean_output(neurons, "tanh", values) - values).max() < 0.06


@pytest.mark.parametrize(("activation", "span"), [("tanh", "-1 to 1"), ("softplus", "0 to inf")])
def test_lif_refuses_what_it_cannot_send(activation, span):
    with pytest.raises(InvalidInput, match=span):
        axon(activity_range(activation), "lif", RATE, 0.001)


def test_lif_refuses_pixels_whose_corruption_has_a_sign():
    params = initial_parameters(NetworkSpec.of((9, 4)), 0)
    with pytest.raises(InvalidInput, match="clip_visible"):
        NengoSimulator(params, InferenceSpec(), PlasticitySpec(clip_visible=False), neurons="lif")


def test_lif_refuses_a_coarse_step():
    with pytest.raises(InvalidInput) as caught:
        axon((0.0, 1.0), "lif", RATE, 0.05)
    assert caught.value.argument == "dt"


def comparison(neurons, window, max_rate=200.0):
    """Root mean square difference of h from theory's, and r, of a contrasty random network."""
    params = initial_parameters(NetworkSpec.of((64, 24, 12)), 0)
    for group in (params.F, params.G):
        for matrix in group:
            np.multiply(matrix, 3.0, out=matrix)
    images = (np.random.default_rng(0).random((12, 64)) < 0.3).astype(float)
    arguments = (params, InferenceSpec(), PlasticitySpec())
    expected = TheorySimulator(*arguments).infer(images).h
    found = NengoSimulator(*arguments, neurons=neurons, window=window, max_rate=max_rate).infer(images).h
    a, b = (np.concatenate([layer.ravel() for layer in h[1:]]) for h in (expected, found))
    return float(np.sqrt(np.mean((a - b) ** 2))), float(np.corrcoef(a, b)[0, 1])


@pytest.mark.parametrize("neurons", SPIKING)
def test_spikes_agree_within_a_window(neurons):
    rmse, r = comparison(neurons, 0.2, max_rate=100.0)
    assert rmse > 0
    assert r > 0.95


def test_poisson_error_falls_with_the_root_of_the_window():
    short, long = comparison("poisson", 0.1)[0], comparison("poisson", 1.6)[0]
    assert short / long == pytest.approx(4.0, rel=0.25)


def test_seeds_repeat():
    assert comparison("poisson", 0.1) == comparison("poisson", 0.1)
