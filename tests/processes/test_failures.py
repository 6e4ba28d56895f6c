"""What a user sees when a network fails in the middle of learning on Lava."""

import os
import signal
import threading

import numpy as np
import pytest
from leftovers import child_pids

pytest.importorskip("lava.magma", reason="Lava is not installed")

from neuro_bpdl.engines.lava.simulator import LavaSimulator
from neuro_bpdl.errors import SimulationError
from neuro_bpdl.kernels.corruption import Corruption
from neuro_bpdl.kernels.float.layer import FloatLayer
from neuro_bpdl.parameters import initial_parameters
from neuro_bpdl.spec import EngineSpec, InferenceSpec, NetworkSpec, PlasticitySpec

IMAGES = np.full((50, 12), 0.5)


def simulator(model: str) -> LavaSimulator:
    params = initial_parameters(NetworkSpec.of((12, 7)), seed=0)
    return LavaSimulator(params, InferenceSpec(steps=3), PlasticitySpec(), EngineSpec(backend="lava", model=model))


@pytest.mark.parametrize(("model", "culprit"), [("fused", "network"), ("composed", "layer_1")])
def test_an_exception_in_a_layer_names_the_process_and_leaves_the_weights(model, culprit, monkeypatch):
    healthy = FloatLayer.corrupted

    def failing(self, rng):
        if self.index == 1 and rng.random() > 0.5:  # not in the first presentation of every seed, but soon
            raise ValueError("a soma burst")
        return healthy(self, rng)

    drawn = Corruption.draw

    def bursting(self, presentation):
        if presentation > 0:  # not while it is compiled
            raise ValueError("a soma burst")
        return drawn(self, presentation)

    monkeypatch.setattr(FloatLayer, "corrupted", failing)
    monkeypatch.setattr(Corruption, "draw", bursting)  # of the compiled loop
    network, before = simulator(model), child_pids()
    start = network.parameters()
    with pytest.raises(SimulationError) as caught:
        network.learn(IMAGES, np.arange(50), 0)
    assert f"Process {culprit}" in str(caught.value)
    assert "ValueError: a soma burst" in str(caught.value)
    np.testing.assert_array_equal(network.parameters().F[0], start.F[0])
    assert child_pids() <= before


def test_ctrl_c_during_learning_ends_the_children():
    network, before = simulator("fused"), child_pids()

    pressed: list[threading.Timer] = []

    def interrupt(done: int) -> None:
        if not pressed:  # once: a second one could come when the first has been dealt with, and end the tests
            pressed.append(threading.Timer(0.0, os.kill, (os.getpid(), signal.SIGINT)))
            pressed[0].start()

    with pytest.raises(KeyboardInterrupt):
        network.learn(np.tile(IMAGES, (4000, 1)), np.arange(200_000), 0, interrupt)
    assert child_pids() <= before
