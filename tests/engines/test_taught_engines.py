"""Learning with labels and classifying on every engine: theory = eager float = Lava; eager fixed = Lava to the bit."""

from importlib.util import find_spec

import numpy as np
import pytest

from neuro_bpdl.data import load
from neuro_bpdl.data.classes import labelled_rows
from neuro_bpdl.engines.registry import make_simulator
from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.parameters import initial_parameters
from neuro_bpdl.spec import EngineSpec, InferenceSpec, LabelSpec, NetworkSpec, PlasticitySpec
from neuro_bpdl.theory.taught_start import taught_parameters

pytestmark = pytest.mark.timeout(300)
NAMES = ("hard-sigmoid", "clipped-relu", "hard-sigmoid")
SIZES = (64, 30, 10)


@pytest.fixture(scope="module")
def digits():
    data = load("digits")
    return data, labelled_rows(data.x_train, data.labels("train"), 10)


def simulator(engine, data, *, batch=1, sizes=SIZES, names=NAMES, nudge=8, rate=0.05, params=None):
    network = NetworkSpec.of(sizes, names, labels=LabelSpec(nudge=nudge))
    start = params or taught_parameters(network, data.x_train[:500].astype(float), 3)
    return make_simulator(engine, start, InferenceSpec(), PlasticitySpec(learning_rate=rate), batch=batch, seed=3)


def arrays(params):
    return [*params.F, *params.b, *params.G, *params.c, params.variance]


def test_theory_and_eager_float_learn_the_same_and_answer_the_same(digits):
    data, rows = digits
    engines = [simulator(EngineSpec(backend=backend), data, batch=10) for backend in ("theory", "eager")]
    for engine in engines:
        engine.learn(rows, np.arange(300), 0)
    for a, b in zip(*(arrays(engine.parameters()) for engine in engines), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-9)
    np.testing.assert_allclose(*(engine.classify(data.test) for engine in engines), atol=1e-9)


@pytest.mark.parametrize("arithmetic", ["float", "fixed"])
def test_one_image_at_a_time_most_digits_are_known_after_two_epochs(digits, arithmetic):
    data, rows = digits
    engine = simulator(EngineSpec(arithmetic=arithmetic), data, rate=0.03)
    before = (engine.classify(data.test).argmax(axis=1) == data.labels("test")).mean()
    for epoch in range(2):
        engine.learn(rows, np.arange(len(rows)), epoch * len(rows))
    after = (engine.classify(data.test).argmax(axis=1) == data.labels("test")).mean()
    assert before < 0.3
    assert after > 0.85


def test_only_a_network_with_labels_classifies():
    for backend in ("theory", "eager"):
        start = initial_parameters(NetworkSpec.of((4, 3)), 0)
        plain = make_simulator(EngineSpec(backend=backend), start, InferenceSpec(), PlasticitySpec())
        with pytest.raises(InvalidInput, match=r"NetworkSpec\.labels: got None"):
            plain.classify(np.zeros((2, 4)))


lava = pytest.mark.skipif(find_spec("lava") is None, reason="Lava is not installed")


@lava
@pytest.mark.parametrize(
    ("arithmetic", "rounding"), [("float", "shared"), ("fixed", "shared"), ("fixed", "per-synapse")]
)
@pytest.mark.parametrize("batch", [1, 3])
def test_fused_is_the_kernels_to_the_bit(digits, arithmetic, rounding, batch):
    data, rows = digits
    found = []
    for backend in ("lava", "eager"):
        engine = EngineSpec(backend=backend, arithmetic=arithmetic, rounding=rounding)
        one = simulator(engine, data, batch=batch)
        one.learn(rows, np.arange(90), 2)
        found.append((one.parameters(), one.classify(data.test[:20]), one.counts, one.saturated))
    for a, b in zip(arrays(found[0][0]), arrays(found[1][0]), strict=True):
        np.testing.assert_array_equal(a, b)
    np.testing.assert_array_equal(found[0][1], found[1][1])
    assert found[0][2:] == found[1][2:]


DEEP = ("hard-sigmoid", "clipped-relu", "hard-sigmoid", "hard-sigmoid")
CHAINS = [(SIZES, NAMES, 8, 0.05), ((64, 20, 15, 10), DEEP, 1, 0.1)]


@lava
@pytest.mark.parametrize(("sizes", "names", "nudge", "rate"), CHAINS, ids=["one hidden layer", "two"])
def test_composed_is_the_kernels_to_the_bit_over_a_thousand_time_steps(digits, sizes, names, nudge, rate):
    data, rows = digits
    presentations = 1 + 1000 // (len(sizes) - 1 + 2 * (len(sizes) - 2) + 10)
    found = []
    for backend in ("lava", "eager"):
        model = "composed" if backend == "lava" else "fused"
        engine = EngineSpec(backend=backend, model=model, arithmetic="fixed", rounding="shared")
        one = simulator(engine, data, sizes=sizes, names=names, nudge=nudge, rate=rate)
        one.learn(rows, np.arange(presentations), 0)
        found.append((one.parameters(), one.classify(data.test[:5])))
    start = simulator(EngineSpec(arithmetic="fixed"), data, sizes=sizes, names=names, nudge=nudge).parameters()
    for a, b in zip(*(arrays(params) for params, _ in found), strict=True):
        np.testing.assert_array_equal(a, b)
    assert all(np.abs(a - b).max() > 0.01 for a, b in zip(found[0][0].F, start.F, strict=True))
    assert np.abs(found[0][0].G[-1] - start.G[-1]).max() > 0.01
    np.testing.assert_array_equal(found[0][1], found[1][1])


@lava
def test_composed_float_is_the_kernels_to_a_ten_thousandth(digits):
    data, rows = digits
    found = []
    for backend in ("lava", "eager"):
        one = simulator(EngineSpec(backend=backend, model="composed" if backend == "lava" else "fused"), data)
        one.learn(rows, np.arange(60), 0)
        found.append(one.parameters())
    for a, b in zip(*([*params.F, params.G[-1]] for params in found), strict=True):
        assert np.linalg.norm(a - b) <= 1e-4 * np.linalg.norm(b)


@lava
def test_a_composed_taught_run_resumes_to_the_bit(digits):
    data, rows = digits
    engine = EngineSpec(backend="lava", model="composed", arithmetic="fixed", rounding="shared")
    order = np.arange(30)
    first = simulator(engine, data)
    first.learn(rows, order[:13], 0)
    second = simulator(engine, data, params=first.parameters())
    second.learn(rows, order[13:], 13)
    whole = simulator(EngineSpec(arithmetic="fixed", rounding="shared"), data)
    whole.learn(rows, order, 0)
    for a, b in zip(arrays(second.parameters()), arrays(whole.parameters()), strict=True):
        np.testing.assert_array_equal(a, b)
