"""Networks with labels: every engine against theory, and that a wrong one is found out."""

import functools
import json

import numpy as np
import pytest
from typer.testing import CliRunner

from neuro_bpdl.agreement import compare_engines
from neuro_bpdl.agreement.figures import scatter_figure
from neuro_bpdl.agreement.table import layer_rows, remarks, term_rows
from neuro_bpdl.cli.app import app
from neuro_bpdl.data import load
from neuro_bpdl.data.classes import labelled_rows
from neuro_bpdl.engines.registry import make_simulator
from neuro_bpdl.engines.theory import TheorySimulator
from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.report.agreement import agreement_section
from neuro_bpdl.spec import ENGINES, EngineSpec, InferenceSpec, LabelSpec, NetworkSpec, PlasticitySpec
from neuro_bpdl.theory.taught_start import taught_parameters

pytestmark = pytest.mark.timeout(300)
INFERENCE, PLASTICITY = InferenceSpec(), PlasticitySpec(learning_rate=0.05)
TAUGHT = [(one.name, kind) for one in ENGINES.values() if one.labels and not one.slow for kind in one.arithmetics]
NEEDS = {"lava": "lava.magma", "nengo": "nengo"}


def taught():
    return _taught().copy()


@functools.cache
def _taught():
    """A network that has been taught for a moment, so that classes differ in what they are taken for."""
    data = load("digits")
    rows = labelled_rows(data.x_train, data.labels("train"), 10)
    network = NetworkSpec.of((64, 30, 10), ("hard-sigmoid", "clipped-relu", "hard-sigmoid"), LabelSpec())
    start = taught_parameters(network, data.x_train[:500].astype(float), 3)
    simulator = TheorySimulator(start, INFERENCE, PLASTICITY, batch=1, seed=3)
    simulator.learn(rows, np.arange(600), 0)
    return simulator.parameters()


def compared(engine, n=20, **options):
    data = load("digits")
    options = {"labels": data.labels("test")[:n], **options}
    return compare_engines({"x": engine}, taught(), data.test[:n], INFERENCE, PLASTICITY, **options)


def theory(params):
    return TheorySimulator(params, INFERENCE, PLASTICITY)


@pytest.mark.parametrize(("name", "arithmetic"), TAUGHT, ids=" ".join)
def test_every_engine_with_labels_keeps_its_tolerance(name, arithmetic):
    one = ENGINES[name]
    if one.backend in NEEDS:
        pytest.importorskip(NEEDS[one.backend], reason=f"{one.backend} is not installed")
    spec = EngineSpec(backend=one.backend, model=one.model, arithmetic=arithmetic)
    agreement = compared(lambda params: make_simulator(spec, params, INFERENCE, PLASTICITY, seed=3))
    assert agreement.taught and agreement.missed() == []
    found = agreement.engines[0]
    assert [layer.layer for layer in found.layers] == [1, 2]
    assert set(found.updates) == {"F_1", "F_2", "G_2"}
    assert found.same_answers >= (0.9 if arithmetic == "fixed" else 1)


def test_what_is_wrong_is_found():
    class Backwards(TheorySimulator):
        def learn(self, images, order, first, progress=None):
            start = self.parameters()
            super().learn(images, order, first, progress)
            self._params.G[1][...] = 2 * start.G[1] - self._params.G[1]

    missed = compared(lambda params: Backwards(params, INFERENCE, PLASTICITY)).missed()
    assert len(missed) == 1 and "cosine ΔG_2: -1" in missed[0]

    def other_weights(params):
        params = params.copy()
        params.b[1][...] += 1
        return theory(params)

    agreement = compared(other_weights)
    assert any("rmse h_2" in line for line in agreement.missed())
    assert not any("h_1" in line for line in agreement.missed())


def test_only_images_of_which_a_label_teaches_something_are_learned():
    sure = taught()
    sure.F[1][...], sure.b[1][...] = 0, -4  # the top is silent: only what a label asks for is missing
    sure.b[1][3] = 4
    data = load("digits")
    labels = np.array([3, 3, 5, 3, 5])
    learned = []

    class Watched(TheorySimulator):
        def learn(self, images, order, first, progress=None):
            learned.append(list(order))
            super().learn(images, order, first, progress)

    for chosen, expected in ((labels, [[2, 4]]), (labels[:2], [])):
        learned.clear()
        images = data.test[: len(chosen)]
        engines = {"x": lambda params: Watched(params, INFERENCE, PLASTICITY)}
        agreement = compare_engines(engines, sure, images, INFERENCE, PLASTICITY, labels=chosen)
        assert learned == expected and agreement.holds
        assert list(agreement.engines[0].updates) == (["F_1", "F_2", "G_2"] if expected else [])


def test_what_is_told_of_it():
    agreement = compared(theory)
    assert agreement.engines[0].same_answers == 1 and "x: 100 % of the answers are theory's" in remarks(agreement)
    record = json.loads(json.dumps(agreement.to_dict()))
    assert record["engines"][0]["same_answers"] == 1 and record["engines"][0]["objective"] == {}
    assert term_rows(agreement) == [] and len(layer_rows(agreement)) == 4
    assert len(scatter_figure(agreement).axes) == 2
    assert agreement_section(agreement).html.count("<img") == 1


@pytest.mark.parametrize(("labels", "said"), [(None, "labels: got None"), (np.full(20, 10), "labels: got 10")])
def test_labels_are_needed(labels, said):
    with pytest.raises(InvalidInput, match=said):
        compared(theory, labels=labels)


def test_the_command(tmp_path):
    run, figures = str(tmp_path / "run"), tmp_path / "figures"
    small = ["--data", "digits", "--layers", "16,10", "--epochs", "1", "--limit", "200", "--set", "training.shift=0",
             "--set", "training.validation=0"]  # fmt: skip
    done = CliRunner().invoke(app, ["train", "--recipe", "labels-quick", *small, "--out", run])
    assert done.exit_code == 0, done.output
    done = CliRunner().invoke(app, ["compare", run, "--backends", "eager", "--n", "30", "--figures", str(figures)])
    assert done.exit_code == 0, done.output
    assert "ΔG_2" in done.stdout and "Objective" not in done.stdout
    assert [path.name for path in figures.iterdir()] == ["rates.png"]
