"""Images and labels in one network: theory = eager through whole epochs; runs; drawing and filling in with a label."""

import numpy as np
import pytest

from neuro_bpdl.cli.main import run as command
from neuro_bpdl.data import load
from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.generation.engine import opened
from neuro_bpdl.generation.inpainting import inpaint
from neuro_bpdl.generation.quality import Judge
from neuro_bpdl.generation.samples import generate
from neuro_bpdl.generation.told import told_tops
from neuro_bpdl.hardware import Counts, estimate, presentation_counts, presentation_steps
from neuro_bpdl.recipes import compose, read_recipe
from neuro_bpdl.report.costs import run_costs
from neuro_bpdl.theory.teaching import alignment
from neuro_bpdl.training.answers import judge_answers
from neuro_bpdl.training.evaluation import evaluate
from neuro_bpdl.training.few_labels import lessons
from neuro_bpdl.training.fixed_point import quantised_settings, setting_rows
from neuro_bpdl.training.labelled import learned_rows, told
from neuro_bpdl.training.loop import epochs, keep_house, plasticity_of, start
from neuro_bpdl.training.trainer import resume, train

PLACES = {"epochs": ("training", "epochs"), "limit": ("training", "limit"), "labelled": ("training", "labelled"),
          "repeat": ("training", "repeat"), "backend": ("engine", "backend"), "precision": ("engine", "precision"),
          "falling": ("training", "falling"), "shift": ("training", "shift"),
          "unlabelled": ("training", "unlabelled")}  # fmt: skip


def spec(recipe="joint-quick", **more):
    small = {("data",): "digits", ("layers",): (48, 24, 10), ("training", "epochs"): 6, ("training", "shift"): 0,
             ("training", "validation"): 200, ("plasticity", "teaching_rate"): (0.03, 1.0, 1.0)}  # fmt: skip
    return compose(read_recipe(recipe).fields, {**small, **{PLACES[name]: value for name, value in more.items()}})


@pytest.fixture(scope="module")
def data():
    return load("digits")


@pytest.fixture(scope="module")
def run(tmp_path_factory, data):
    return train(spec(), data, tmp_path_factory.mktemp("joint") / "run")


def test_homeostasis_leaves_the_layer_that_labels_are_taught_on_alone(run, data):
    """What labels have made of its net inputs would be undone; layers below, and all of one of images, have it."""
    one, params = run.config.spec, run.checkpoint().params
    kept = params.copy()
    keep_house(one, kept, learned_rows(one, data))
    changed = [not np.array_equal(a, b) for a, b in zip((*params.F, *params.b), (*kept.F, *kept.b), strict=True)]
    assert changed == [True, False, False] * 2
    images = one.model_copy(update={"labels": None})
    assert not images.joint
    keep_house(images, kept := params.images.copy(), data.x_train)
    assert not np.array_equal(kept.F[1], params.F[1])


@pytest.mark.parametrize(("labelled", "unlabelled"), [(None, "untold"), (100, "untold"), (100, "inferred")])
def test_epochs_in_float_equal_theory(data, labelled, unlabelled):
    ends = []
    for backend in ("theory", "eager"):
        one = spec(backend=backend, precision="float64", epochs=2, limit=300, labelled=labelled, shift=1, repeat=2,
                   unlabelled=unlabelled)  # fmt: skip
        rows = learned_rows(one, data.limit(300))
        begun = start(one, rows)
        *_, last = epochs(one, rows, begun)
        ends.append(last.checkpoint.params)
    for name in ("F", "b", "G", "c"):
        for expected, found in zip(*(getattr(params, name) for params in ends), strict=True):
            np.testing.assert_allclose(found, expected, atol=1e-9, rtol=1e-9)
    np.testing.assert_allclose(ends[0].variance, ends[1].variance, rtol=1e-9)
    assert alignment(ends[0], 3) > alignment(begun.params, 3)


def test_a_run_knows_and_rebuilds_images(run, data):
    lines = run.metrics()
    assert lines[0]["accuracy"] < 0.3 and lines[-1]["accuracy"] > 0.85
    assert lines[-1]["reconstruction_mse"] < 0.5 * lines[-1]["mean_image_mse"]
    assert judge_answers(run, data).accuracy > 0.8
    judged = evaluate(run, data, limit=100)
    assert judged.measurement.reconstruction_mse < 0.5 * judged.baselines["mean_image_mse"]
    assert run.checkpoint().params.prior_mean.shape == (24,)


def test_images_drawn_with_a_label_are_of_its_class(run, data, monkeypatch):
    monkeypatch.setattr("neuro_bpdl.generation.prior.COMPONENTS", 20)
    judge = Judge(data.x_train, data.labels("train"), data.test, data.test)
    for label in (0, 6):
        drawn = generate(run, 50, prior="mixture", label=label)
        said = judge.classifier.predict(drawn.generated.reshape(50, -1))
        assert (said == label).mean() > 0.6 and drawn.to_dict()["label"] == label
    free = generate(run, 50, prior="mixture")
    assert (judge.classifier.predict(free.generated.reshape(50, -1)) == 0).mean() < 0.4
    assert "label" not in free.to_dict()


def test_draws_of_the_top_are_taken_by_what_their_images_are_classified_as(run):
    spec, rng = run.config.spec, np.random.default_rng(0)
    with opened(run) as trained:
        draws = rng.random((500, 24)).astype(np.float32)
        taken = told_tops(trained.simulator, draws, 3, 20, spec.inference, rng)
        nets = [trained.simulator.classify(trained.simulator.generate(h, spec.inference, 0)[0]) for h in (taken, draws)]
    chance = [(np.exp(net) / np.exp(net).sum(axis=1, keepdims=True))[:, 3].mean() for net in nets]
    assert chance[0] > 1.5 * chance[1] and len(np.unique(taken, axis=0)) == 20


def test_half_an_image_gains_by_a_true_label_and_loses_by_a_wrong_one(run, data):
    alone, own = (inpaint(run, data, kind="left", limit=200, label=label) for label in (None, "own"))
    wrong = inpaint(run, data, kind="left", limit=200, label=1)
    assert own.missing_pixel_mse < alone.missing_pixel_mse < wrong.missing_pixel_mse
    assert own.to_dict()["label"] == "own" and "label" not in alone.to_dict()
    assert np.array_equal(own.inpainted[~own.missing], own.original[~own.missing].astype(float))


def test_as_many_of_each_class_carry_their_label(data):
    one = spec(labelled=50, limit=1000, repeat=3)
    rows = learned_rows(one, data.limit(1000))
    known = told(one, rows)
    assert len(rows) == 1000 and rows[:, 64:].sum(axis=0).tolist() == [5] * 10
    np.testing.assert_array_equal(rows[known, 64:].argmax(axis=1), data.y_train[:1000][known])
    taught = lessons(one, rows, 0, start(one, rows).params)
    assert len(taught) == 140 and taught[:, 64:].sum() == 140  # 150 down to a multiple of the batch


@pytest.mark.parametrize(("labelled", "allowed"), [(55, "a multiple of 10"), (100_000, "up to"), (2, "multiple of 10")])
def test_labels_that_cannot_be_shared_out(data, labelled, allowed):
    with pytest.raises(InvalidInput, match=r"training\.labelled") as refused:
        learned_rows(spec(labelled=labelled), data)
    assert allowed in str(refused.value)


@pytest.mark.parametrize("words", [
    ["generate", "RUN", "--label", "10"], ["generate", "RUN", "--label", "-1"],
    ["inpaint", "RUN", "--label", "10"], ["inpaint", "RUN", "--label", "x"], ["inpaint", "RUN", "--label", "1.5"],
])  # fmt: skip
def test_a_label_out_of_range_is_refused_and_nothing_written(run, tmp_path, words, capfd):
    out = tmp_path / "out.npz"
    given = [str(run.path) if word == "RUN" else word for word in words]
    assert command([*given, "--out", str(out)]) == 2
    said = capfd.readouterr().err.strip()
    assert "--label" in said and len(said.splitlines()) == 1 and not list(tmp_path.iterdir())


def test_a_run_that_was_never_told_a_label_refuses_one(run, data, tmp_path):
    taught = train(compose(read_recipe("labels-float").fields, {
        ("data",): "digits", ("layers",): (20, 10), ("training", "epochs"): 1, ("training", "validation"): 0,
        ("training", "limit"): 100}), data, tmp_path / "taught")  # fmt: skip
    with pytest.raises(InvalidInput, match="has not learned images and labels together"):
        generate(taught, 5, label=3)
    twelve = train(compose(spec(epochs=1, limit=60).model_dump(exclude_unset=True), {("layers",): (20, 12, 12)}),
                   data, tmp_path / "twelve")  # fmt: skip
    with pytest.raises(InvalidInput, match="0 to 9, the labels that the run was taught"):
        generate(twelve, 5, label=11)


@pytest.mark.parametrize(("place", "value", "named"), [
    (("training", "repeat"), 2, "training.repeat"), (("plasticity", "teaching_rate"), 0.1, "plasticity.teaching_rate"),
])
def test_what_only_the_joint_network_has_is_refused_elsewhere(place, value, named):
    for recipe in ("labels", "generative"):
        with pytest.raises(InvalidInput, match=named):
            compose(read_recipe(recipe).fields, {place: value})


@pytest.mark.parametrize(("place", "value", "named"), [
    (("engine", "backend"), "nengo", "engine"),
    (("plasticity", "teaching_rate"), "auto", "plasticity.teaching_rate"),
    (("plasticity", "teaching_rate"), [0.1, 0.1], "plasticity.teaching_rate"),
])  # fmt: skip
def test_what_cannot_have_images_and_labels_in_one_network_refuses_by_name(place, value, named):
    fields = {**read_recipe("joint-quick").fields, "data": "digits"}
    if place[0] == "engine":
        fields |= {"activation": "hard-sigmoid"}
    with pytest.raises(InvalidInput, match=named) as refused:
        compose(fields, {("engine", "backend"): "eager", place: value, ("engine", "precision"): "float64"})
    if place[0] == "engine":
        assert "theory, eager, lava, lava-composed" in str(refused.value)


def test_a_graph_and_a_comparison_refuse_both(run, tmp_path, capfd):
    for words in (["export", str(run.path), "--format", "nir", "--out", str(tmp_path / "x")],
                  ["compare", str(run.path)]):  # fmt: skip
        assert command(words) == 2
        assert "images and labels in one network" in capfd.readouterr().err
    assert not (tmp_path / "x").exists()


def fixed(**more):
    small = {("data",): "digits", ("layers",): (48, 24, 10), ("training", "epochs"): 4, ("training", "shift"): 0,
             ("training", "validation"): 200, ("plasticity", "teaching_rate"): (0.004, 0.05, 0.05),
             ("plasticity", "feedforward_rate"): 0.003}  # fmt: skip
    return compose(read_recipe("joint-chip-quick").fields, {**small, **{PLACES[k]: v for k, v in more.items()}})


@pytest.fixture(scope="module")
def fixed_run(tmp_path_factory, data):
    return train(fixed(), data, tmp_path_factory.mktemp("fixed") / "run")


def test_a_run_in_integers_knows_and_rebuilds_images(fixed_run):
    lines = fixed_run.metrics()
    assert lines[0]["accuracy"] < 0.3 and lines[-1]["accuracy"] > 0.75
    assert lines[-1]["reconstruction_mse"] < 0.6 * lines[-1]["mean_image_mse"]
    assert len(lines[-1]["saturations"]) == 4  # labels are counted too


@pytest.mark.parametrize("of", [lambda **more: spec(limit=200, **more), lambda **more: fixed(limit=100, **more)],
                         ids=["float", "fixed"])  # fmt: skip
def test_a_resumed_run_is_the_unbroken_one_to_the_byte(of, data, tmp_path):
    one, two = (of(epochs=n, falling=False) for n in (1, 2))
    whole = train(two, data, tmp_path / "whole").checkpoint().params
    again = resume(train(one, data, tmp_path / "part"), data, epochs=2).checkpoint().params
    for a, b in zip([*whole.F, *whole.G, whole.prior_mean], [*again.F, *again.G, again.prior_mean], strict=True):
        np.testing.assert_array_equal(a, b)


def test_rates_of_both_events_are_told_as_their_literals(fixed_run):
    rows = dict(row[:2] for row in setting_rows(quantised_settings(fixed_run.config.spec, 64)))
    assert rows["teaching rate of F_3"] == "0.05" and rows["learning rate of G_2"] == "0.006"
    assert "teaching rate of G_1" not in rows and "learning rate of F_3" not in rows and rows["λ"] == "1"
    falls = plasticity_of(fixed(epochs=1000), fixed_run.checkpoint().params, 999)
    assert min(falls.teaching_rate) > 1e-5 > 0.004 / 1000  # the smallest that a literal gives
    assert falls.teaching_rate[2] == pytest.approx(0.0077, rel=0.1)


def test_costs_are_those_of_an_image_and_of_its_label(fixed_run):
    network, inference = fixed_run.config.network, fixed_run.config.spec.inference
    most, alone = (sum((presentation_counts(one, inference, True) for one in networks), Counts())
                   for networks in ((network,), (network.images, network.taught)))  # fmt: skip
    assert (most.spikes, most.synaptic_operations, most.learning_updates, most.time_steps) == (
        alone.spikes, alone.synaptic_operations, alone.learning_updates, alone.time_steps)  # fmt: skip
    costs = run_costs(fixed_run, images=3)
    assert costs.learning.time_steps == most.time_steps and 0 < costs.learning.spikes <= most.spikes
    assert 0 < costs.inference.spikes < costs.learning.spikes
    assert costs.learn.dynamic_energy <= estimate(presentation_steps(network, inference, True), costs.mapping
                                                  ).dynamic_energy  # fmt: skip


def test_commands_on_a_run_in_integers(fixed_run, tmp_path, capsys):
    run = str(fixed_run.path)
    assert command(["map", run, "--json"]) == 0
    assert command(["export", run, "--out", str(tmp_path / "chip")]) == 0
    assert sorted(part.name for part in (tmp_path / "chip").iterdir()) == ["images", "labels"]
    assert "load_both" in capsys.readouterr().out
    assert command(["generate", run, "--label", "7", "--n", "4", "--out", str(tmp_path / "sevens.npz")]) == 0
    assert command(["inpaint", run, "--label", "own", "--limit", "5", "--out", str(tmp_path / "half.npz")]) == 0
    assert command(["evaluate", run, "--limit", "20"]) == 0
    assert "eager fused fixed" in capsys.readouterr().out


def test_commands(run, tmp_path, capsys):
    assert command(["evaluate", str(run.path), "--limit", "50"]) == 0
    said = capsys.readouterr().out
    assert "accuracy" in said and "reconstruction error" in said
    out = tmp_path / "sevens.npz"
    assert command(["generate", str(run.path), "--label", "7", "--n", "9", "--out", str(out)]) == 0
    assert command(["inpaint", str(run.path), "--label", "own", "--kind", "left", "--limit", "20",
                    "--out", str(tmp_path / "half.npz")]) == 0  # fmt: skip
    assert command(["classify", str(run.path), "--limit", "20"]) == 0
    assert out.exists() and (tmp_path / "half.npz").exists()
