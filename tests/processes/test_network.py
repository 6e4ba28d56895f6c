"""The Lava network: fused equals the kernels exactly, composed equals fused to 1e-4 relative."""


import numpy as np
import pytest

pytest.importorskip("lava.magma", reason="Lava is not installed")

from neuro_bpdl.engines.eager import EagerSimulator
from neuro_bpdl.engines.lava.simulator import LavaSimulator
from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.parameters import initial_parameters
from neuro_bpdl.spec import EngineSpec, InferenceSpec, NetworkSpec, PlasticitySpec

ALPHAS = (0.01, 0.2, 0.05)
RATES = (0.1, 0.03, 0.2)


def inference(sizes):
    return InferenceSpec(steps=5, alpha=ALPHAS[: len(sizes) - 1])


def plasticity(sizes):
    return PlasticitySpec(learning_rate=RATES[: len(sizes) - 1], feedforward_rate=0.07, clip_visible=False)


def simulator(sizes, backend, model="fused", batch=1):
    make = LavaSimulator if backend == "lava" else EagerSimulator
    params = initial_parameters(NetworkSpec.of(sizes), seed=3)
    engine = EngineSpec(backend=backend, model=model)
    return make(params, inference(sizes), plasticity(sizes), engine, batch=batch, seed=3)


def images(n, pixels):
    return np.random.default_rng(0).random((n, pixels)).astype(np.float32)


def weights(params):
    return [*params.F, *params.b, *params.G, *params.c]


@pytest.mark.parametrize(("sizes", "batch"), [((12, 7), 1), ((30, 20, 12), 5), ((16, 9, 6, 4), 2)])
def test_fused_equals_the_kernels_exactly(sizes, batch):
    x, order = images(40, sizes[0]), np.random.default_rng(1).permutation(40)
    lava, eager = simulator(sizes, "lava", batch=batch), simulator(sizes, "eager", batch=batch)
    for engine in (lava, eager):
        engine.learn(x, order, first=3)
    for a, b in zip(weights(lava.parameters()), weights(eager.parameters()), strict=True):
        np.testing.assert_array_equal(a, b)
    np.testing.assert_array_equal(lava.parameters().variance, eager.parameters().variance)
    left, right = lava.infer(x[:7], record=True), eager.infer(x[:7], record=True)
    np.testing.assert_array_equal(left.reconstruction, right.reconstruction)
    for a, b in zip(left.history, right.history, strict=True):
        for p, q in zip(a, b, strict=True):
            np.testing.assert_array_equal(p, q)


def test_generation_and_inpainting_on_lava_equal_the_kernels():
    lava, eager = simulator((20, 12, 6), "lava"), simulator((20, 12, 6), "eager")
    rng, spec = np.random.default_rng(4), inference((20, 12, 6))
    top, x, missing = rng.random((5, 6)), rng.random((5, 20)), rng.random((5, 20)) < 0.5
    for a, b in zip(lava.generate(top, spec, 2), eager.generate(top, spec, 2), strict=True):
        np.testing.assert_array_equal(a, b)
    for a, b in zip(lava.inpaint(x, missing), eager.inpaint(x, missing), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("sizes", [(12, 7), (16, 10, 6)])
def test_composed_equals_fused_over_three_hundred_learning_steps(sizes):
    presentations = 24  # × (1 + L + 2·5 + 2) ≥ 312 time steps
    x, order = images(presentations, sizes[0]), np.arange(presentations)
    composed, fused = simulator(sizes, "lava", "composed"), simulator(sizes, "eager")
    for engine in (composed, fused):
        engine.learn(x, order, first=0)
    start = initial_parameters(NetworkSpec.of(sizes), seed=3)
    for before, a, b in zip(*map(weights, (start, composed.parameters(), fused.parameters())), strict=True):
        assert np.abs(b - before).max() > 0.01  # learning happened
        assert np.linalg.norm(a - b) <= 1e-4 * np.linalg.norm(b)
    np.testing.assert_allclose(composed.infer(x[:3]).reconstruction, fused.infer(x[:3]).reconstruction, atol=1e-4)


def test_the_composed_model_has_one_replica():
    with pytest.raises(InvalidInput, match="batch: got 2, allowed: 1 on the engine lava-composed"):
        simulator((4, 3), "lava", "composed", batch=2)


@pytest.mark.usefixtures("no_leftovers")
def test_progress_counts_images_and_nothing_stays_in_shared_memory():
    seen = []
    simulator((12, 7), "lava", batch=4).learn(images(20, 12), np.arange(20), 0, seen.append)
    assert seen[-1] == 20
