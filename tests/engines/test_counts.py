"""Events per image: counted on every engine, and by hand."""

import numpy as np
import pytest

from neuro_bpdl.engines.eager import EagerSimulator
from neuro_bpdl.hardware.counts import presentation_counts
from neuro_bpdl.parameters import initial_parameters
from neuro_bpdl.spec import EngineSpec, InferenceSpec, LabelSpec, NetworkSpec, PlasticitySpec

SIZES, STEPS = (6, 4, 3), 2


def simulator(engine, batch=1):
    make = EagerSimulator
    if engine.backend == "lava":
        pytest.importorskip("lava.magma", reason="Lava is not installed")
        from neuro_bpdl.engines.lava.simulator import LavaSimulator as make
    params = initial_parameters(NetworkSpec.of(SIZES, "sigmoid"), 0)  # a sigmoid is never silent
    return make(params, InferenceSpec(steps=STEPS), PlasticitySpec(noise=0), engine, batch=batch, seed=0)


ENGINES = [EngineSpec(backend="eager"), EngineSpec(backend="lava"), EngineSpec(backend="lava", model="composed")]


@pytest.mark.parametrize("engine", ENGINES, ids=lambda e: f"{e.backend}-{e.model}")
def test_counts_of_learning_equal_a_count_by_hand(engine):
    network = simulator(engine)
    network.learn(np.full((5, 6), 0.5), np.arange(5), 0)
    counts = network.counts
    # Units that send include the bias unit: 7, 5 and 4.
    up = {0: 7 * 4, 1: 5 * 3}  # through F_1, F_2
    down = {1: 5 * 6, 2: 4 * 4}  # through G_1, G_2
    load_and_settle = up[0] + up[1]
    into_reflect = up[1] + down[1] + down[2]  # the clamped image is not sent again
    into_update = up[0] + up[1]
    everything = up[0] + up[1] + down[1] + down[2]
    cycles = STEPS * (into_reflect + into_update)
    assert counts.synaptic_operations == load_and_settle + cycles + 2 * everything
    assert counts.learning_updates == everything
    assert counts.time_steps == 1 + 2 + 2 * STEPS + 2
    assert counts.neuron_updates == sum(SIZES) * counts.time_steps


def test_silent_pixels_send_nothing():
    network = simulator(EngineSpec(backend="eager"), batch=2)
    dark, bright = np.zeros((4, 6)), np.ones((4, 6))
    counts = []
    for images in (dark, bright):
        network.infer(images)
        counts.append(network.counts)
    assert counts[1].spikes - counts[0].spikes == 6
    assert counts[1].synaptic_operations - counts[0].synaptic_operations == 6 * 4


def test_counts_of_learning_with_labels_equal_a_count_by_hand_and_those_from_sizes():
    network = NetworkSpec.of((6, 4, 3), ("hard-sigmoid", "sigmoid", "sigmoid"), LabelSpec(nudge=0))
    kernel = EagerSimulator(
        initial_parameters(network, 0), InferenceSpec(), PlasticitySpec(noise=0), EngineSpec(), batch=1, seed=0
    )
    kernel.learn(np.hstack([np.full((5, 6), 0.5), np.full((5, 3), 0.9)]), np.arange(5), 0)
    counts = kernel.counts
    up = {0: 7 * 4, 1: 5 * 3}  # through F_1, F_2
    down = 4 * 4  # through G_2; nothing goes down to the pixels
    # V̇ has no bias unit, and here it is positive throughout: all of it in RISE.
    learning = up[0] + up[1] + 3 * 4
    assert counts.learning_updates == learning
    assert counts.synaptic_operations == up[0] + up[1] + 2 * down + learning
    assert counts.time_steps == 2 + 2 + 2
    from_sizes = presentation_counts(network, InferenceSpec(), True, arithmetic="float")
    assert from_sizes.time_steps == counts.time_steps
    assert from_sizes.learning_updates == up[0] + up[1] + 2 * down  # every unit in both moments: the upper bound
