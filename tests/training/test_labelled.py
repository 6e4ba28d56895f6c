"""Training with labels: run folders, resumed to the byte; images that move; answers and their measures; commands."""

import numpy as np
import pytest

from neuro_bpdl.cli.main import run as command
from neuro_bpdl.data import load
from neuro_bpdl.engines.protocol import Label
from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.recipes import compose, read_recipe
from neuro_bpdl.training.answers import Answers, judge_answers, probabilities
from neuro_bpdl.training.labelled import labelled, learned_rows, moved
from neuro_bpdl.training.run_dir import RunDir
from neuro_bpdl.training.trainer import resume, train

SMALL = {("data",): "digits", ("layers",): (40, 10), ("training", "epochs"): 3, ("training", "validation"): 200,
         ("plasticity", "learning_rate"): 0.04, ("plasticity", "feedforward_rate"): 0.04}  # fmt: skip


def spec(**more):
    places = {"limit": ("training", "limit"), "epochs": ("training", "epochs"), "arithmetic": ("engine", "arithmetic")}
    return compose(read_recipe("labels").fields, {**SMALL, **{places[k]: v for k, v in more.items()}})


@pytest.fixture(scope="module")
def data():
    return load("digits")


@pytest.fixture(scope="module")
def run(tmp_path_factory, data):
    return train(spec(), data, tmp_path_factory.mktemp("labels") / "run")


def test_every_epoch_says_how_many_validation_images_are_known(run):
    lines = run.metrics()
    assert [line["measured_images"] for line in lines] == [200] * 4
    assert lines[0]["accuracy"] < 0.3
    assert lines[-1]["accuracy"] > 0.75
    assert lines[-1]["split"] == "validation" and "reconstruction_mse" not in lines[-1]


def test_a_resumed_run_is_the_unbroken_one_to_the_byte(run, data, tmp_path):
    steady = {**SMALL, ("training", "falling"): False}
    shorter = compose(read_recipe("labels").fields, {**steady, ("training", "epochs"): 1})
    longer = compose(read_recipe("labels").fields, {**steady, ("training", "epochs"): 2})
    whole = train(longer, data, tmp_path / "whole").checkpoint().params
    again = resume(train(shorter, data, tmp_path / "part"), data, epochs=2).checkpoint().params
    for a, b in zip([*whole.F, *whole.G, *whole.b], [*again.F, *again.G, *again.b], strict=True):
        np.testing.assert_array_equal(a, b)


def test_answers_of_a_run(run, data):
    found = judge_answers(run, data)
    assert found.accuracy > 0.75
    assert found.confusion.sum() == len(data.test) and np.trace(found.confusion) == round(found.accuracy * 360)
    assert found.confusion.sum(axis=1).tolist() == np.bincount(data.labels("test")).tolist()
    assert found.to_dict()["backend"] == "eager" and found.data == "digits"
    floats = judge_answers(run, data, engine=spec(arithmetic="float").engine)
    assert np.abs(found.net - floats.net).mean() < 0.1  # the same network, read in float


def test_measures_of_answers_by_hand():
    net = np.log([[0.8, 0.2], [0.6, 0.4], [0.3, 0.7], [0.05, 0.95]])
    answers = Answers(net, np.array([0, 1, 1, 1]), Label("eager", "fused", "float", "", 0), "by hand")
    np.testing.assert_allclose(probabilities(net), np.exp(net))
    assert answers.accuracy == 0.75
    assert answers.confusion.tolist() == [[1, 0], [1, 2]]
    assert answers.error_by_class == [0, pytest.approx(1 / 3)]
    assert answers.confused == [(1, 0, 1)]
    assert [(round(row.confidence, 9), row.accuracy, row.images) for row in answers.reliability] == [
        (0.6, 0, 1), (0.7, 1, 1), (0.8, 1, 1), (0.95, 1, 1)
    ]  # fmt: skip
    assert answers.calibration_error == pytest.approx((0.2 + 0.6 + 0.3 + 0.05) / 4)
    assert Answers(net, np.array([1, 1, 1, 1]), answers.label, "").error_by_class[0] is None


def test_moved_images_keep_their_labels_and_move_by_a_pixel_at_most():
    image = np.zeros((8, 8))
    image[3, 4] = 1
    some = spec()
    rows = labelled(some, np.tile(image.ravel(), (500, 1)), np.arange(500) % 10)
    shown = moved(some, rows, 0)
    np.testing.assert_array_equal(shown[:, 64:], rows[:, 64:])
    at = {divmod(int(k), 8) for k in shown[:, :64].argmax(axis=1)}
    assert at == {(r, c) for r in (2, 3, 4) for c in (3, 4, 5)}
    assert not np.array_equal(shown, moved(some, rows, 1))
    np.testing.assert_array_equal(shown, moved(some, rows, 0))


def test_data_without_labels_or_with_too_many_classes_are_refused(data, tmp_path):
    from dataclasses import replace

    with pytest.raises(InvalidInput, match=r"data\.y_train: got None, allowed: labels in digits"):
        train(spec(), replace(data, y_train=None), tmp_path / "run")
    with pytest.raises(InvalidInput, match="labels: got 10, allowed: 0 to 9"):
        learned_rows(spec(), replace(data, y_train=data.y_train + 1))
    with pytest.raises(InvalidInput, match="labels: got 'one class only'"):
        learned_rows(spec(), replace(data, y_train=data.y_train * 0))
    assert not (tmp_path / "run").exists()


def test_a_test_label_that_was_never_taught_is_refused(data, tmp_path):
    from dataclasses import replace

    few = data.y_train < 9
    part = replace(data, train_rows=data.x_train[few], y_train=data.y_train[few])
    with pytest.raises(InvalidInput, match=r"data\.y_test: got 9, allowed: labels that the run was taught"):
        judge_answers(train(spec(epochs=1), part, tmp_path / "run"), part)


def test_commands(run, tmp_path, capfd):
    assert command(["evaluate", str(run.path)]) == 0
    printed = capfd.readouterr().out
    assert "accuracy" in printed and "calibration" in printed and "9 taken for" in printed
    assert command(["classify", str(run.path), "--limit", "5", "--out", str(tmp_path / "answers.npz")]) == 0
    with np.load(tmp_path / "answers.npz") as archive:
        assert archive["labels"].shape == (5,) and archive["probabilities"].shape == (5, 10)
    assert command(["report", str(run.path)]) == 0
    html = (run.path / "report.html").read_text()
    assert "What is taken for what" in html and "Surest first" in html and "cosine of G" in html
    found = judge_answers(run, load("digits"))
    truth, said, count = found.confused[0]
    assert f"{truth} taken for {said}: {count} image" in html and f"of class {truth} that were taken for {said}" in html
    assert "Calibration" in html and sum(row.images for row in found.reliability) == len(found.truth)
    assert "0.59" in html and "Renner 2024" in html  # beside the modelled energy of a training image
    capfd.readouterr()
    for arguments, said in (
        (["generate", str(run.path), "--out", str(tmp_path / "x.npz")], "with labels"),
        (["evaluate", str(run.path), "--samples", "5"], "--samples: got 5, allowed: nothing for a run with labels"),
        (["classify", str(run.path), "--out", str(tmp_path / "x.txt")], "--out"),
        (["classify", str(run.path), "--out", str(tmp_path / "no [red] x" / "a.npz")], f"make '{tmp_path}/no [red] x'"),
    ):
        assert command(arguments) == 2
        err = capfd.readouterr().err
        assert said in err and err.count("\n") == 1, err
    assert not (tmp_path / "x.npz").exists()


def test_an_engine_without_labels_is_refused_with_those_that_have_them():
    said = "labels: got 'a table', allowed: none on the engine nengo-lif; learning with labels: theory, eager, lava, "
    with pytest.raises(InvalidInput, match=said):
        compose(spec(arithmetic="float").model_dump(), {("engine", "backend"): "nengo", ("engine", "model"): "lif"})
    for place, value in ((("engine", "code"), "regular"), (("training", "ground"), "bright"),
                         (("plasticity", "learning_rate"), "auto"),
                         (("plasticity", "visible_noise"), "auto")):  # fmt: skip
        with pytest.raises(InvalidInput, match=rf"{'.'.join(place)}: got '{value}', allowed: .* with labels"):
            compose(spec().model_dump(), {place: value, ("engine", "window"): 15 if value == "regular" else 1})
    with pytest.raises(InvalidInput, match=r"training\.shift: got 1, allowed: 0 without labels"):
        compose({}, {("training", "shift"): 1})


def test_a_run_without_labels_does_not_classify(tmp_path, capfd):
    train(compose({}, {("data",): "digits", ("layers",): (9, 4), ("training", "epochs"): 1}), load("digits"),
          tmp_path / "plain")  # fmt: skip
    assert command(["classify", str(tmp_path / "plain")]) == 2
    assert "labels" in capfd.readouterr().err
    assert RunDir.open(tmp_path / "plain").config.spec.labels is None
