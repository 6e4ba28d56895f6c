"""Images and labels in one network, in integers: compiled = Python twin = Lava fused = composed, to the bit."""

from importlib.util import find_spec
from itertools import pairwise

import numpy as np
import pytest
from twins import taught_rates

from neuro_bpdl.agreement.lessons import summed_lessons
from neuro_bpdl.agreement.measures import cosine
from neuro_bpdl.data import load
from neuro_bpdl.data.classes import labelled_rows
from neuro_bpdl.engines.registry import make_simulator
from neuro_bpdl.kernels.fixed.network import FixedNetwork
from neuro_bpdl.kernels.network import NetworkKernel
from neuro_bpdl.spec import EngineSpec, InferenceSpec, LabelSpec, NetworkSpec, PlasticitySpec
from neuro_bpdl.theory.taught_start import joint_parameters

pytestmark = pytest.mark.timeout(300)
SIZES, NAMES = (64, 20, 12, 10), ("pwl-sigmoid", "pwl-softplus", "pwl-sigmoid", "pwl-sigmoid")
INFERENCE = InferenceSpec(steps=3, delta=0.625, alpha=0.1)
PLASTICITY = PlasticitySpec(learning_rate=(0.01, 0.02), feedforward_rate=0.004, teaching_rate=(0.01, 0.05, 0.05),
                            noise=0.25, visible_noise=0.5, clip_visible=False, derivative=True)  # fmt: skip
IMAGES, LESSONS = 40, 30


@pytest.fixture(scope="module")
def rows():
    data = load("digits")
    return labelled_rows(data.x_train, data.labels("train"), 10)


def start(rows, weight=0.75):
    network = NetworkSpec.of(SIZES, NAMES, labels=LabelSpec(nudge=0, generative=True, weight=weight))
    return joint_parameters(network, rows[:500, :64].astype(float), 3)


def simulator(params, backend="eager", model="fused", rounding="shared", batch=1, sends="whole"):
    engine = EngineSpec(backend=backend, model=model, arithmetic="fixed", rounding=rounding, sends=sends)
    return make_simulator(engine, params, INFERENCE, PLASTICITY, batch=batch, seed=3)


def in_blocks(one, rows, images=IMAGES, lessons=LESSONS):
    """Images, labels, and both again; what has been learned after each."""
    ends = []
    for first in (0, images):
        one.learn(rows, np.arange(first, first + images), first)
        ends.append(one.parameters())
        one.teach(rows, np.arange(lessons), first)
        ends.append(one.parameters())
    return ends


def arrays(params):
    return [*params.F, *params.b, *params.G, *params.c, params.variance]


def all_it_does(one, rows, few=4):
    """States of inference, filling in and drawing, with a label and without, and answers."""
    told, missing = rows[:few], np.random.default_rng(0).random((few, 64)) < 0.5
    tops = np.hstack([np.random.default_rng(1).random((few, 12)), told[:, 64:]])
    found = [one.classify(told[:, :64])]
    for seen, top in ((told, tops), (told[:, :64], tops[:, :12])):
        inferred = one.infer(seen, record=True)
        found += [*inferred.h, *(state for step in inferred.history for state in step), inferred.reconstruction]
        found += [*one.inpaint(seen, missing), *one.generate(top, INFERENCE, 2)]
    return found


def assert_same(one, other):
    assert len(one) == len(other)
    for a, b in zip(one, other, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize(
    ("rounding", "batch", "sends"),
    [("per-synapse", 1, "whole"), ("shared", 1, "whole"), ("per-synapse", 5, "whole"), ("shared", 1, "changes")],
)
def test_compiled_blocks_of_both_events_are_the_state_machines(rows, monkeypatch, rounding, batch, sends):
    how = {"rounding": rounding, "batch": batch, "sends": sends}
    compiled = simulator(start(rows), **how)
    learned = [arrays(params) for params in in_blocks(compiled, rows)]
    found = all_it_does(compiled, rows, 9)
    monkeypatch.setattr(FixedNetwork, "present", NetworkKernel.present)
    stepped = simulator(start(rows), **how)
    for one, params in zip(learned, in_blocks(stepped, rows), strict=True):
        assert_same(one, arrays(params))
    assert_same(found, all_it_does(stepped, rows, 9))
    for before, after in pairwise([arrays(start(rows)), *learned]):
        assert sum(np.abs(a - b).max() > 0.005 for a, b in zip(before, after, strict=True)) >= 5


lava = pytest.mark.skipif(find_spec("lava") is None, reason="Lava is not installed")


@lava
def test_lava_fused_is_the_kernels(rows):
    found = []
    for backend in ("lava", "eager"):
        one = simulator(start(rows), backend, rounding="per-synapse")
        found.append([array for params in in_blocks(one, rows) for array in arrays(params)] + all_it_does(one, rows))
    assert_same(*found)


@lava
@pytest.mark.parametrize(("sends", "few"), [("whole", 15), ("changes", 2)])
def test_lava_composed_is_the_kernels(rows, sends, few):
    """Stock connections between layers: images, labels, images; then a state that is told a label, and a draw."""
    found, top = [], np.hstack([np.full((1, 12), 0.4), rows[:1, 64:]])
    for backend, model in (("lava", "composed"), ("eager", "fused")):
        one = simulator(start(rows), backend, model, sends=sends)
        one.learn(rows, np.arange(few), 0)
        one.teach(rows, np.arange(few), 0)
        one.learn(rows, np.arange(few, few + 3), few)
        told = one.infer(rows[:2], record=True)
        found.append([*arrays(one.parameters()), *(state for step in told.history for state in step),
                      *one.generate(top, INFERENCE, 1)])  # fmt: skip
    assert_same(*found)


def test_a_label_changes_f_and_g_as_theory_does(rows):
    """Over many labels and draws, without a step that is lost on the way down: the mean change is the rule's."""
    params = start(rows)
    params.G[1] *= 6
    params.G[2] *= 6
    rule = PLASTICITY.teaching
    rates = taught_rates(params.taught, rule)
    asked = dict(zip(("F_1", "F_2", "F_3", "G_2", "G_3"), (*rule.rates_up(3), *rule.rates_down(3)[1:]), strict=True))
    for name, (found, expected) in summed_lessons(params.taught, rule, rows[:400], seed=4).items():
        assert cosine(found, expected) > 0.97
        length = np.linalg.norm(found) / np.linalg.norm(expected)
        assert length == pytest.approx(rates[name] / asked[name], rel=0.15)


def test_what_is_drawn_for_a_label_is_drawn_for_no_image(rows, monkeypatch):
    drawn = {"learn": set(), "teach": set()}
    event, given = "learn", FixedNetwork._draws
    monkeypatch.setattr(FixedNetwork, "present", NetworkKernel.present)

    def seen(network, projection):
        drawn[event].add(given(network, projection)[2:])
        return given(network, projection)

    monkeypatch.setattr(FixedNetwork, "_draws", seen)
    one = simulator(start(rows))
    for event in ("learn", "teach"):
        getattr(one, event)(rows, np.arange(60), 0)
    assert min(map(len, drawn.values())) > 1000 and not drawn["learn"] & drawn["teach"]
