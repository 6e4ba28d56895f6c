"""Labels on Nengo's rate network: one event is theory's at dt = τ, near it in continuous time, and it learns."""

import numpy as np
import pytest

pytest.importorskip("nengo")

from neuro_bpdl.data import load
from neuro_bpdl.data.classes import labelled_rows
from neuro_bpdl.engines.nengo import NengoSimulator
from neuro_bpdl.engines.nengo.public import network
from neuro_bpdl.engines.theory import TheorySimulator
from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.spec import InferenceSpec, LabelSpec, NetworkSpec, PlasticitySpec
from neuro_bpdl.theory.taught_start import taught_parameters

INFERENCE, TAU = InferenceSpec(), 0.1
SHALLOW = ((12, 9, 4), ("hard-sigmoid", "clipped-relu", "hard-sigmoid"), 8)
DEEP = ((12, 9, 8, 7, 4), ("hard-sigmoid", "clipped-relu", "hard-sigmoid", "clipped-relu", "hard-sigmoid"), 2)


def start(sizes, names, nudge, images):
    return taught_parameters(NetworkSpec.of(sizes, names, LabelSpec(nudge=nudge)), images, 3)


def fed(count=15, classes=4):
    rng = np.random.default_rng(0)
    return labelled_rows(rng.random((count, 12)), rng.integers(0, classes, count), classes).astype(np.float64)


def both(chain, rows, plasticity, *, batch=5, **options):
    params = start(*chain, rows[:, : chain[0][0]])
    return params, [engine(params, INFERENCE, plasticity, batch=batch, seed=3, **more)
                    for engine, more in ((TheorySimulator, {}), (NengoSimulator, options))]  # fmt: skip


@pytest.mark.parametrize("chain", [SHALLOW, DEEP], ids=["one hidden layer", "three"])
@pytest.mark.parametrize(("dt", "close"), [(TAU, 2e-3), (TAU / 4, None)], ids=["tau", "continuous"])
def test_an_event_is_theorys(chain, dt, close):
    rows = fed()
    plasticity = PlasticitySpec(learning_rate=0.03, feedforward_rate=0.02)
    params, engines = both(chain, rows, plasticity, dt=dt)
    for engine in engines:
        engine.learn(rows, np.arange(15)[::-1], 0)
    expected, found = (engine.parameters() for engine in engines)
    for name in ("F", "b", "G", "c"):
        for before, a, b in zip(*(getattr(p, name) for p in (params, expected, found)), strict=True):
            wanted, change = a - before, b - before
            if not wanted.any():  # G_1 and c do not learn
                assert not change.any() and name in "Gc"
            elif close is not None:  # a swing of 12 time constants of factor 1/2 ends 2^-12 short
                assert np.abs(change - wanted).max() < close * np.abs(wanted).max()
            else:
                assert np.vdot(change, wanted) > 0.99 * np.linalg.norm(change) * np.linalg.norm(wanted)
    np.testing.assert_array_equal(found.variance, params.variance)


def test_an_answer_knows_nothing_of_the_label_before():
    rows = fed(6)
    _, (theory, nengo) = both(SHALLOW, rows, PlasticitySpec(), replicas=4)
    nengo.learn(rows, np.arange(5), 0)
    theory = TheorySimulator(nengo.parameters(), INFERENCE, PlasticitySpec())
    for a, b in zip(nengo.feedforward(rows[:, :12]), theory.feedforward(rows[:, :12]), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-12)


def test_learns_digits_like_theory():
    data = load("digits")
    rows = labelled_rows(data.x_train, data.labels("train"), 10).astype(np.float64)
    chain = ((64, 30, 10), SHALLOW[1], 8)
    _, engines = both(chain, rows, PlasticitySpec(learning_rate=0.4), batch=20)
    known = []
    for engine in engines:
        known.append([(engine.classify(data.test).argmax(axis=1) == data.labels("test")).mean()])
        engine.learn(rows, np.arange(1000), 0)
        known[-1].append((engine.classify(data.test).argmax(axis=1) == data.labels("test")).mean())
    assert known[1][0] < 0.3 and known[1][1] > 0.7
    assert abs(known[0][1] - known[1][1]) < 0.01


def test_spikes_and_what_has_no_node_are_refused():
    rows = fed()
    with pytest.raises(InvalidInput, match=r"network: got 'with labels', .* nengo-poisson; learning with labels: th"):
        both(SHALLOW, rows, PlasticitySpec(), neurons="poisson")
    params, (_, nengo) = both(SHALLOW, rows, PlasticitySpec())
    with pytest.raises(InvalidInput, match="with labels"):
        nengo.infer(rows[:, :12])
    with pytest.raises(InvalidInput, match="with labels"):
        network(params)
