"""Synapses that learn once a presentation: stock LearningDense with its long epoch = fused = kernels, to the bit."""

import numpy as np
import pytest

pytest.importorskip("lava.magma", reason="Lava is not installed")

from neuro_bpdl.engines.eager import EagerSimulator
from neuro_bpdl.engines.lava.simulator import LavaSimulator
from neuro_bpdl.parameters import initial_parameters
from neuro_bpdl.spec import EngineSpec, InferenceSpec, NetworkSpec, PlasticitySpec

SIZES, STEPS = (14, 9, 5), 2
TIME_STEPS = 1 + 2 + 2 * STEPS + 2
EXACT = {"derivative": True, "clip_visible": False, "visible_noise": 0.5}


def simulator(backend, model, plasticity, epoch="presentation", params=None):
    make = LavaSimulator if backend == "lava" else EagerSimulator
    engine = EngineSpec(backend=backend, model=model, arithmetic="fixed", rounding="shared", learning_epoch=epoch)
    start = params or initial_parameters(NetworkSpec.of(SIZES, ("pwl-sigmoid", "pwl-softplus", "pwl-sigmoid")), 3)
    return make(start, InferenceSpec(steps=STEPS), plasticity, engine, seed=3)


def images(n):
    rng = np.random.default_rng(0)
    x = rng.random((n, SIZES[0])) * (rng.random((n, SIZES[0])) < 0.3)  # most pixels are silent
    x[::4] = 0
    return x


def assert_same(a, b):
    for left, right in zip([*a.F, *a.b, *a.G, *a.c, a.variance], [*b.F, *b.b, *b.G, *b.c, b.variance], strict=True):
        np.testing.assert_array_equal(left, right)


@pytest.mark.parametrize("model", ["composed", "fused"])
@pytest.mark.parametrize("exact", [{}, EXACT], ids=["plain", "signed noise and slopes"])
def test_stock_lava_is_the_kernel_to_the_bit_over_1000_time_steps(model, exact):
    n = -(-1000 // TIME_STEPS)
    plasticity = PlasticitySpec(learning_rate=0.03, feedforward_rate=0.02, **exact)
    engines = [simulator("lava", model, plasticity), simulator("eager", "fused", plasticity)]
    for engine in engines:
        engine.learn(images(n), np.arange(n), first=2)
    assert_same(*(engine.parameters() for engine in engines))
    every = simulator("eager", "fused", plasticity, epoch="step")
    every.learn(images(n), np.arange(n), first=2)
    assert (every.parameters().F[0] != engines[1].parameters().F[0]).any()  # other draws, another moment of the carry
