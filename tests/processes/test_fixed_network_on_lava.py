"""Fixed point on Lava: composed (stock LearningDense) = fused = kernels, to the bit, over ≥ 1,000 time steps."""

import numpy as np
import pytest

pytest.importorskip("lava.magma", reason="Lava is not installed")

from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from neuro_bpdl.engines.eager import EagerSimulator
from neuro_bpdl.engines.lava.simulator import LavaSimulator
from neuro_bpdl.parameters import initial_parameters
from neuro_bpdl.spec import EngineSpec, InferenceSpec, NetworkSpec, PlasticitySpec

PWL = ("pwl-sigmoid", "pwl-softplus")
STEPS, ALPHAS = 3, (0.01, 0.2, 0.05)  # a layer has its own α


def simulator(sizes, backend, *, model="fused", rounding="shared", rate=0.06, seed=3, batch=1, params=None,
              exact=False):  # fmt: skip
    make = LavaSimulator if backend == "lava" else EagerSimulator
    engine = EngineSpec(backend=backend, model=model, arithmetic="fixed", rounding=rounding)
    names = [PWL[min(layer, 1) if layer < len(sizes) - 1 else 0] for layer in range(len(sizes))]
    start = params or initial_parameters(NetworkSpec.of(sizes, tuple(names) if exact else "hard-sigmoid"), seed=seed)
    plasticity = PlasticitySpec(learning_rate=rate, feedforward_rate=rate / 2, **(EXACT if exact else {}))
    inference = InferenceSpec(steps=STEPS, alpha=ALPHAS[: len(sizes) - 1])
    return make(start, inference, plasticity, engine, batch=batch, seed=seed)


EXACT = {"derivative": True, "clip_visible": False, "visible_noise": 0.5}


def images(kind, n, pixels, seed):
    rng = np.random.default_rng(seed)
    x = rng.random((n, pixels))
    if kind == "sparse":
        x *= rng.random(x.shape) < 0.2
    if kind == "saturated":
        x = np.round(x)
    if kind == "silent":
        x[rng.random(n) < 0.5] = 0
    return x


def assert_same(a, b):
    for left, right in zip([*a.F, *a.b, *a.G, *a.c, a.variance], [*b.F, *b.b, *b.G, *b.c, b.variance], strict=True):
        np.testing.assert_array_equal(left, right)


def presentations_for(sizes, time_steps=1000):
    return -(-time_steps // (len(sizes) + 2 * STEPS + 2 + 4))


@settings(
    deadline=None, max_examples=3, phases=[Phase.explicit, Phase.generate], suppress_health_check=list(HealthCheck)
)
@given(
    sizes=st.lists(st.integers(1, 14), min_size=2, max_size=4).map(tuple),
    kind=st.sampled_from(["dense", "sparse", "silent", "saturated"]),
    rate=st.sampled_from([0.03, 0.06, 0.3]),
    seed=st.integers(0, 1000),
    exact=st.booleans(),
)
@example(sizes=(9, 7, 4), kind="dense", rate=0.06, seed=3, exact=True)
def test_composed_is_the_kernels_to_the_bit(sizes, kind, rate, seed, exact):
    n, rate = presentations_for(sizes), min(rate, 0.03) if exact else rate  # softplus: its literals end at 0.0308
    x, order = images(kind, n, sizes[0], seed), np.arange(n)
    composed = simulator(sizes, "lava", model="composed", rate=rate, seed=seed, exact=exact)
    eager = simulator(sizes, "eager", rate=rate, seed=seed, exact=exact)
    for engine in (composed, eager):
        engine.learn(x, order, first=0)
    assert_same(composed.parameters(), eager.parameters())
    left, right = composed.infer(x[:3], record=True), eager.infer(x[:3], record=True)
    for a, b in zip(left.history, right.history, strict=True):
        for p, q in zip(a, b, strict=True):
            np.testing.assert_array_equal(p, q)


@pytest.mark.parametrize("rounding", ["shared", "per-synapse"])
@pytest.mark.parametrize(("sizes", "batch"), [((12, 7), 1), ((30, 20, 12), 1), ((16, 9, 6, 4), 3)])
def test_fused_is_the_kernels_to_the_bit(sizes, batch, rounding):
    n = presentations_for(sizes) // batch * batch
    x, order = images("sparse", n, sizes[0], 1), np.arange(n)
    engines = [simulator(sizes, backend, rounding=rounding, batch=batch) for backend in ("lava", "eager")]
    for engine in engines:
        engine.learn(x, order, first=2)
    assert_same(*(engine.parameters() for engine in engines))
    fused, eager = (engine.infer(x[:5]) for engine in engines)
    np.testing.assert_array_equal(fused.reconstruction, eager.reconstruction)


def test_a_composed_run_resumes_to_the_bit():
    sizes = (10, 7, 4)
    x, order = images("dense", 30, 10, 5), np.arange(30)
    first = simulator(sizes, "lava", model="composed")
    first.learn(x, order[:13], first=0)
    second = simulator(sizes, "lava", model="composed", params=first.parameters())
    second.learn(x, order[13:], first=13)
    whole = simulator(sizes, "eager")
    whole.learn(x, order, first=0)
    assert_same(second.parameters(), whole.parameters())
    start = initial_parameters(NetworkSpec.of(sizes), seed=3)
    assert all(np.abs(a - b).max() > 0.01 for a, b in zip(second.parameters().F, start.F, strict=True))
