"""Changes only on Lava: composed (layer processes add, stock LearningDense learns) = fused = whole, to the bit."""

import numpy as np
import pytest

pytest.importorskip("lava.magma", reason="Lava is not installed")

from neuro_bpdl.engines.eager import EagerSimulator
from neuro_bpdl.engines.lava.simulator import LavaSimulator
from neuro_bpdl.parameters import initial_parameters
from neuro_bpdl.spec import EngineSpec, InferenceSpec, NetworkSpec, PlasticitySpec

SIZES, INFERENCE = (14, 9, 5), InferenceSpec(steps=3, delta=0.3, alpha=0.02)
SIGNED = {"derivative": True, "clip_visible": False, "visible_noise": 0.5}


def simulator(backend, model, sends, epoch="step", **more):
    make = LavaSimulator if backend == "lava" else EagerSimulator
    engine = EngineSpec(backend=backend, model=model, arithmetic="fixed", rounding="shared", learning_epoch=epoch,
                        sends=sends)  # fmt: skip
    network = NetworkSpec.of(SIZES, ("pwl-sigmoid", "pwl-softplus", "pwl-sigmoid"))
    plasticity = PlasticitySpec(learning_rate=0.03, feedforward_rate=0.02, **more)
    return make(initial_parameters(network, 3), INFERENCE, plasticity, engine, seed=3)


def images(n):
    rng = np.random.default_rng(0)
    return rng.random((n, SIZES[0])) * (rng.random((n, SIZES[0])) < 0.5)


def assert_same(a, b):
    for left, right in zip([*a.F, *a.b, *a.G, *a.c, a.variance], [*b.F, *b.b, *b.G, *b.c, b.variance], strict=True):
        np.testing.assert_array_equal(left, right)


@pytest.mark.parametrize("model", ["composed", "fused"])
@pytest.mark.parametrize(("epoch", "noise"), [("step", {}), ("presentation", SIGNED)], ids=["plain", "once, signed"])
def test_lava_with_changes_is_the_kernel_with_whole_payloads(model, epoch, noise):
    lava = simulator("lava", model, "changes", epoch, **noise)
    whole, changes = (simulator("eager", "fused", sends, epoch, **noise) for sends in ("whole", "changes"))
    for engine in (lava, whole, changes):
        engine.learn(images(40), np.arange(40), first=0)
    assert_same(lava.parameters(), whole.parameters())
    assert lava.counts == changes.counts
    assert lava.counts.spikes < whole.counts.spikes and lava.counts.learning_updates == whole.counts.learning_updates


@pytest.mark.parametrize("model", ["composed", "fused"])
def test_inference_inpainting_and_generation_too(model):
    lava, whole = simulator("lava", model, "changes"), simulator("eager", "fused", "whole")
    x, rng = images(2), np.random.default_rng(1)
    missing, top = rng.random(x.shape) < 0.5, rng.random((2, SIZES[-1]))
    for call in (
        lambda engine: engine.infer(x).reconstruction,
        lambda engine: engine.inpaint(x, missing),
        lambda engine: engine.generate(top, INFERENCE, 2),
    ):
        found, expected = call(lava), call(whole)
        np.testing.assert_array_equal(found, expected)
        assert lava.counts.spikes < whole.counts.spikes
