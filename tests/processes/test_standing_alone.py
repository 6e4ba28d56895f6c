"""Layers and plastic connections in somebody's own network, under Lava's own run configurations."""

from __future__ import annotations

import multiprocessing
from contextlib import contextmanager

import numpy as np
import pytest

pytest.importorskip("lava.magma", reason="Lava is not installed")

from lava.magma.core.run_conditions import RunSteps
from lava.magma.core.run_configs import Loihi2SimCfg
from lava.proc.dense.process import Dense
from lava.proc.io.sink import RingBuffer as Sink
from lava.proc.io.source import RingBuffer as Images
from lava.proc.lif.process import LIF
from lava.proc.monitor.process import Monitor

from neuro_bpdl.engines.eager import EagerSimulator
from neuro_bpdl.engines.lava.run_config import select
from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.kernels.float.layer import FloatLayer
from neuro_bpdl.kernels.standalone import make_layer, standalone_program
from neuro_bpdl.parameters import initial_parameters
from neuro_bpdl.processes import Layer, Network, PlasticDense, Source, chain, connect
from neuro_bpdl.spec import EngineSpec, InferenceSpec, NetworkSpec, PlasticitySpec

pytestmark = pytest.mark.timeout(120)
SIZES, STEPS, RATE = (12, 8, 5), 3, 0.0625
TAGS = {"float": "floating_pt", "fixed": "fixed_pt"}
X = np.random.default_rng(2).random((20, SIZES[0]))
INFERENCE, PLASTICITY = InferenceSpec(steps=STEPS, alpha=0.1), PlasticitySpec(learning_rate=RATE)


def own(x=X, arithmetic="float", rule=None, **options):
    """Three layers, four plastic connections, a stock source; (layers, connections)."""
    params = initial_parameters(NetworkSpec.of(SIZES), seed=1)
    common = {"sizes": SIZES, "inference": INFERENCE, "plasticity": PLASTICITY, "seed": 1, **options}
    layers = [Layer(shape=(n,), index=i, **common) for i, n in enumerate(SIZES)]
    joined = [
        *(np.column_stack(pair) for pair in zip(params.F, params.b, strict=True)),
        *(np.column_stack(pair) for pair in zip(params.G, params.c, strict=True)),
    ]
    plastic = [
        PlasticDense(weights=w, rule=rule, learning_rate=RATE, name=name)
        for name, w in zip(("F_1", "F_2", "G_1", "G_2"), joined, strict=True)
    ]
    for k in (0, 1):
        connect(layers[k], plastic[k], layers[k + 1], "up")
        connect(layers[k + 1], plastic[2 + k], layers[k], "down")
    payloads = x if arithmetic == "float" else np.rint(x * 127).astype(int)
    source = Images(data=np.repeat(payloads, layers[0].period, axis=0).T)
    source.s_out.connect(layers[0].image_in)
    return layers, plastic


@contextmanager
def ending(process):
    """Stop the network at the end; after a failure end its children, for stock Lava's ``stop`` would wait for them."""
    try:
        yield
    except BaseException:
        for child in multiprocessing.active_children():
            child.kill()
        raise
    process.stop()


def run(layer, steps, arithmetic="float", ours=False):
    config = select("composed", arithmetic) if ours else Loihi2SimCfg(select_tag=TAGS[arithmetic])
    layer.run(condition=RunSteps(num_steps=steps), run_cfg=config)


def learned(arithmetic):
    """The same on the eager engine: weights post × (pre + 1)."""
    engine = EngineSpec(arithmetic=arithmetic, rounding="shared")
    eager = EagerSimulator(
        initial_parameters(NetworkSpec.of(SIZES), seed=1), INFERENCE, PLASTICITY, engine, batch=1, seed=1
    )
    eager.learn(X, np.arange(len(X)), 0)
    weights = eager._learner.weights
    return [one.T if arithmetic == "float" else one[0].T for one in weights]


@pytest.mark.parametrize("ours", [False, True], ids=["Lava's run configuration", "ours"])
@pytest.mark.parametrize("arithmetic", ["float", "fixed"])
def test_a_chain_of_ones_own_is_the_engine(arithmetic, ours):
    layers, plastic = own(arithmetic=arithmetic)
    with ending(layers[1]):
        run(layers[1], len(X) * layers[0].period, arithmetic, ours)
        found = [dense.weights.get() for dense in plastic]
    start = initial_parameters(NetworkSpec.of(SIZES), seed=1).F[0]
    unit = 1 if arithmetic == "float" else 2.0**-9  # of twelve presynaptic units
    assert np.abs(found[0][:, :-1] * unit - start).max() > 0.005
    for mine, engines in zip(found, learned(arithmetic), strict=True):
        if arithmetic == "fixed":
            np.testing.assert_array_equal(mine, engines)
        else:
            assert np.linalg.norm(mine - engines) <= 1e-4 * np.linalg.norm(engines)


@pytest.mark.parametrize("arithmetic", ["float", "fixed"])
def test_vars_are_seen_and_set_between_and_during_runs(arithmetic):
    layers, plastic = own(arithmetic=arithmetic)
    period, top = layers[0].period, layers[2]
    seen, swings = Monitor(), Monitor()
    seen.probe(top.soma, 4 * period)
    swings.probe(top.basal_swing, 4 * period)
    full = 1.0 if arithmetic == "float" else 127 << 14
    with ending(top):
        run(top, 2 * period, arithmetic)
        soma, weights = top.soma.get(), plastic[1].weights.get()
        plastic[1].weights.set(np.zeros_like(weights))
        run(top, 3, arithmetic)  # load, settle, settle: the top takes φ(0) = ½
        settled = top.soma.get()
        top.soma.set(np.full(SIZES[2], full))
        got = top.soma.get()
        run(top, 2 * period - 3, arithmetic)
        history = next(iter(seen.get_data().values()))["soma"]
        swing = next(iter(swings.get_data().values()))["basal_swing"]
    assert soma.min() > 0 and soma.max() < full
    np.testing.assert_allclose(settled, 64 << 14 if arithmetic == "fixed" else 0.5)
    np.testing.assert_array_equal(got, full)
    np.testing.assert_array_equal(history[2 * period - 1], soma)
    np.testing.assert_allclose(history[2 * period + 3], full)  # a step later it has not moved yet
    learns = 1 + 2 + 2 * STEPS + 1
    assert not swing[:learns].any() and swing[learns].any()


def test_a_rule_of_ones_own():
    layers, plastic = own(rule="2^-3*x0*x1*y1")
    start = plastic[0].weights.init.copy()
    with ending(layers[0]):
        run(layers[0], len(X) * layers[0].period)
        change = plastic[0].weights.get() - start
    assert change.min() >= 0 and change.max() > 0.01  # it never depresses


class Eager(FloatLayer):
    """Compartments that overshoot."""

    def scored(self, held, reflected, branch):
        return 2 * super().scored(held, reflected, branch)


def test_a_compartment_of_ones_own():
    def soma(**options):
        layers, _ = own(**options)
        with ending(layers[1]):
            run(layers[1], 1 + 2 + 2 * STEPS)
            return layers[1].soma.get()

    plain, eager = soma(), soma(compartment=Eager)
    assert np.abs(plain - eager).max() > 1e-3


def test_a_compartment_of_the_other_arithmetic_is_refused_by_name():
    network = NetworkSpec.of(SIZES)
    with pytest.raises(InvalidInput, match="compartment: got 'Eager', allowed: a subclass of FixedLayer"):
        make_layer("fixed", 1, network, INFERENCE, PLASTICITY, standalone_program(network, 3), compartment=Eager)


@pytest.mark.parametrize("arithmetic", ["float", "fixed"])
def test_stock_neurons_drive_a_layer_and_are_driven_by_it(arithmetic):
    layer, fixed = Layer(shape=(4,), inference=INFERENCE), arithmetic == "fixed"
    steps = 3 * layer.period
    no_memory = {"du": 4095, "dv": 0} if fixed else {"du": 1.0, "dv": 0.0}
    drive = LIF(shape=(6,), bias_mant=40 if fixed else 4, vth=1 if fixed else 10, **no_memory)
    into = Dense(weights=np.full((4, 6), 100 if fixed else 0.3))
    out = Dense(weights=np.ones((3, 5)), num_message_bits=8)
    driven = LIF(shape=(3,), vth=5, **no_memory)
    sink = Sink(shape=(3,), buffer=steps)
    drive.s_out.connect(into.s_in)
    into.a_out.connect(layer.basal_in)
    layer.down_out.connect(out.s_in)  # a top layer sends downwards only
    out.a_out.connect(driven.a_in)
    driven.s_out.connect(sink.a_in)
    with ending(layer):
        run(layer, steps, arithmetic)
        soma, spikes = layer.soma.get(), sink.data.get()
    assert soma.max() > 0 and spikes.sum() > 0


def test_what_does_not_fit_is_said_where_it_is_written():
    with pytest.raises(InvalidInput, match=r"Layer.shape: got \(2, 3\), allowed: \(n,\)"):
        Layer(shape=(2, 3))
    with pytest.raises(InvalidInput, match=r"with 8 \(shape\) at place 2"):
        Layer(shape=(8,), index=2, sizes=SIZES)
    with pytest.raises(InvalidInput, match=r"weights of F_1: got \(8, 12\), allowed: \(8, 13\) from layer_0 up"):
        layers = [Layer(shape=(n,), index=i, sizes=SIZES) for i, n in enumerate(SIZES)]
        connect(layers[0], PlasticDense(weights=np.zeros((8, 12)), name="F_1"), layers[1])
    with pytest.raises(InvalidInput, match=r"learning_rate: got 1000\.0"):
        PlasticDense(weights=np.zeros((8, 12)), learning_rate=1000.0)


@pytest.mark.parametrize("arithmetic", ["float", "fixed"])
def test_a_chain_in_one_call_is_the_same_network(arithmetic):
    parts = chain(SIZES, inference=INFERENCE, plasticity=PLASTICITY, seed=1)
    payloads = X if arithmetic == "float" else np.rint(X * 127).astype(int)
    source = Images(data=np.repeat(payloads, parts.period, axis=0).T)
    source.s_out.connect(parts.layers[0].image_in)
    with ending(source):
        run(source, len(X) * parts.period, arithmetic)
        found = [dense.weights.get() for dense in (*parts.up, *parts.down)]
    for mine, engines in zip(found, learned(arithmetic), strict=True):
        np.testing.assert_allclose(mine, engines, rtol=0, atol=0 if arithmetic == "fixed" else 1e-4)


def with_source(network, arithmetic):
    encode = np.asarray if arithmetic == "float" else lambda x: np.rint(np.asarray(x) * 127).astype(np.int32)
    source = Source(rows=X, order=np.arange(len(X)), batch=1, period=network.period, encode=encode)
    source.feed_out.connect(network.feed_in)
    return network


@pytest.mark.parametrize("arithmetic", ["float", "fixed"])
@pytest.mark.parametrize("model", ["fused", "composed"])
def test_a_network_by_its_sizes_alone_in_the_arithmetic_of_the_tag(model, arithmetic):
    network = with_source(Network(sizes=SIZES, inference=INFERENCE, plasticity=PLASTICITY, seed=1), arithmetic)
    steps = 4 * network.period
    with ending(network):
        network.run(condition=RunSteps(num_steps=steps), run_cfg=select(model, arithmetic))
        if model == "fused":
            somas = network.soma.get()
        else:
            somas = np.concatenate([getattr(network.procs, f"layer_{k}").soma.get() for k in range(3)])
    eager = EagerSimulator(
        initial_parameters(NetworkSpec.of(SIZES), seed=1), INFERENCE, PLASTICITY,
        EngineSpec(arithmetic=arithmetic, rounding="per-synapse" if model == "fused" else "shared"), seed=1,
    )
    eager.learn(X, np.arange(4), 0)
    expected = np.concatenate([layer.soma[0] for layer in eager._learner.layers])
    np.testing.assert_allclose(somas, expected, atol=0 if arithmetic == "fixed" else 1e-5)


@pytest.mark.parametrize("model", ["fused", "composed"])
def test_two_arithmetics_in_two_places_are_refused_naming_both(model):
    network = with_source(Network(sizes=SIZES, engine=EngineSpec(arithmetic="float")), "float")
    with pytest.raises(InvalidInput, match=r"engine.arithmetic of Network 'network': got 'float', allowed: fixed, "
                                           r"which the run configuration asks for \(select\(…, 'fixed'\)\)"):
        network.run(condition=RunSteps(num_steps=1), run_cfg=select(model, "fixed"))
