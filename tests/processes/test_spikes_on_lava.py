"""Binary spikes on Lava: composed (stock LearningDense, rules with x0) = fused = eager, to the bit."""

import numpy as np
import pytest

pytest.importorskip("lava.magma", reason="Lava is not installed")

from neuro_bpdl.engines.eager import EagerSimulator
from neuro_bpdl.engines.lava.simulator import LavaSimulator
from neuro_bpdl.parameters import initial_parameters
from neuro_bpdl.spec import EngineSpec, InferenceSpec, NetworkSpec, PlasticitySpec

INFERENCE = InferenceSpec(steps=2, delta=0.625, alpha=0.003)
PWL = ("pwl-sigmoid", "pwl-softplus", "pwl-sigmoid")
CLIPPED = PlasticitySpec(learning_rate=0.03, feedforward_rate=0.02)
SIGNED = PlasticitySpec(
    learning_rate=(0.02, 0.03), feedforward_rate=0.01, visible_noise=0.5, clip_visible=False, derivative=True
)


def simulator(backend, model, kind, plasticity, window=7, rounding="shared", factors=3):
    make = LavaSimulator if backend == "lava" else EagerSimulator
    engine = EngineSpec(
        backend=backend, model=model, arithmetic="fixed", rounding=rounding, code=kind, window=window,
        factors=factors,
    )  # fmt: skip
    return make(initial_parameters(NetworkSpec.of((12, 8, 5), PWL), 3), INFERENCE, plasticity, engine, seed=3)


def images(n):
    rng = np.random.default_rng(0)
    return rng.random((n, 12)) * (rng.random((n, 12)) < 0.6)


def assert_same(a, b):
    for left, right in zip([*a.F, *a.b, *a.G, *a.c, a.variance], [*b.F, *b.b, *b.G, *b.c, b.variance], strict=True):
        np.testing.assert_array_equal(left, right)


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("kind", "plasticity", "factors"),
    [("regular", CLIPPED, 3), ("regular", SIGNED, 3), ("stochastic", CLIPPED, 3), ("regular", CLIPPED, 2)],
    ids=["regular", "regular-signed", "stochastic", "pairs"],
)  # fmt: skip
def test_composed_with_spikes_is_eager_to_the_bit(kind, plasticity, factors):
    x, order = images(12), np.arange(12)
    composed, eager = (
        simulator(*which, kind, plasticity, factors=factors) for which in (("lava", "composed"), ("eager", "fused"))
    )
    for engine in (composed, eager):
        engine.learn(x, order, first=0)
    assert_same(composed.parameters(), eager.parameters())
    assert composed.counts == eager.counts
    assert not np.array_equal(eager.parameters().F[0], initial_parameters(eager.parameters().network, 3).F[0])
    left, right = composed.infer(x[:3], record=True), eager.infer(x[:3], record=True)
    for a, b in zip(left.history, right.history, strict=True):
        for p, q in zip(a, b, strict=True):
            np.testing.assert_array_equal(p, q)
    top = np.random.default_rng(1).random((2, 5))
    for a, b in zip(composed.generate(top, INFERENCE, 1), eager.generate(top, INFERENCE, 1), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("kind", ["regular", "stochastic"])
@pytest.mark.parametrize("rounding", ["shared", "per-synapse"])
def test_fused_with_spikes_is_eager_to_the_bit(kind, rounding):
    x, order = images(20), np.arange(20)
    fused, eager = (simulator(backend, "fused", kind, SIGNED, rounding=rounding) for backend in ("lava", "eager"))
    for engine in (fused, eager):
        engine.learn(x, order, first=0)
    assert_same(fused.parameters(), eager.parameters())
    assert fused.saturated == eager.saturated
    assert fused.counts == eager.counts
    left, right = fused.infer(x), eager.infer(x)
    for a, b in zip(left.h, right.h, strict=True):
        np.testing.assert_array_equal(a, b)
