"""Few labels: what an epoch teaches, inferred labels, what they are worth; the same on every engine, to the byte."""

from importlib.util import find_spec

import numpy as np
import pytest

from neuro_bpdl.data import load
from neuro_bpdl.engines.registry import simulator_of
from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.recipes import compose, read_recipe
from neuro_bpdl.training.few_labels import images_in_all, lessons, share_taught, surest
from neuro_bpdl.training.labelled import learned_rows, told
from neuro_bpdl.training.loop import epochs, start
from neuro_bpdl.training.run_dir import RunDir
from neuro_bpdl.training.split import training_part
from neuro_bpdl.training.trainer import resume, train

SMALL = {("data",): "digits", ("layers",): (60, 10), ("training", "epochs"): 9, ("training", "validation"): 400,
         ("training", "labelled"): 30, ("training", "repeat"): 20, ("training", "shift"): 0,
         ("training", "batch"): 20}  # fmt: skip
FIXED = {("engine", "backend"): "eager", ("engine", "arithmetic"): "fixed", ("training", "batch"): 1,
         ("training", "shift"): 1, ("plasticity", "learning_rate"): 0.03, ("plasticity", "feedforward_rate"): 0.03,
         ("training", "limit"): 60, ("layers",): (8, 10), ("training", "repeat"): 1,
         ("training", "epochs"): 3}  # fmt: skip


def spec(given=None, **training):
    named = {("training", name): value for name, value in training.items()}
    return compose(read_recipe("semi").fields, {**SMALL, **(given or {}), **named})


def trained(one, data):
    rows = learned_rows(one, training_part(data, one.training))
    *_, last = epochs(one, rows, start(one, rows))
    return last.checkpoint


def accuracy(one, data):
    net = simulator_of(one, trained(one, data).params).classify(data.x_train[-400:])
    return float((net.argmax(axis=1) == data.y_train[-400:]).mean())


def equal(a, b):
    return all(np.array_equal(x, y) for name in ("F", "b", "G", "c") for x, y in
               zip(getattr(a, name), getattr(b, name), strict=True))  # fmt: skip


@pytest.fixture(scope="module")
def data():
    return load("digits")


def test_unlabelled_images_help(data):
    known = {what: [accuracy(spec(unlabelled=what, seed=seed), data) for seed in range(3)]
             for what in ("inferred", "untold")}  # fmt: skip
    assert np.mean(known["inferred"]) > np.mean(known["untold"]) + 0.03


def test_only_a_few_of_each_class_carry_their_label(data):
    one = spec()
    rows = learned_rows(one, data)
    known = told(one, rows)
    assert len(rows) == len(data.x_train) and rows[:, 64:].sum(axis=0).tolist() == [3] * 10
    np.testing.assert_array_equal(rows[known, 64:].argmax(axis=1), data.y_train[known])


def test_another_seed_draws_other_images(data):
    first, second = (told(one, learned_rows(one, data)) for one in (spec(seed=0), spec(seed=1)))
    assert first.sum() == second.sum() == 30 and not np.array_equal(first, second)


def test_an_epoch_teaches_more_of_the_surest(data):
    one = spec()
    rows = learned_rows(one, data)
    params = trained(spec(unlabelled="untold"), data).params
    answers = simulator_of(one, params).classify(rows[:, :64]).argmax(axis=1)
    place = {row[:64].tobytes(): k for k, row in enumerate(rows)}
    counts = []
    for epoch in (0, 3, 6, 8):
        taught = lessons(one, rows, epoch, params)
        assert len(taught) % 20 == 0 and (taught[:, 64:].sum(axis=1) == 1).all()
        at = np.array([place[row[:64].tobytes()] for row in taught])
        inferred = ~told(one, rows)[at]
        counts.append(int(inferred.sum()))
        np.testing.assert_array_equal(taught[inferred, 64:].argmax(axis=1), answers[at[inferred]])
        np.testing.assert_array_equal(taught[~inferred], rows[at[~inferred]])
        most = share_taught(one, epoch) * (len(rows) - 30) / 10
        assert (np.bincount(answers[at[inferred]], minlength=10) <= most).all()
    assert counts[0] == 0 and counts[0] < counts[1] < counts[2] and abs(counts[2] - counts[3]) <= 20


def test_the_surest_of_every_answer_by_hand():
    net = np.array([[3, 0, 1], [0, 2, 1.5], [1, 0, 0.9], [5, 4.8, 0], [0, 9, 1], [2, 0, 0]])
    assert surest(net, 0).tolist() == []
    assert surest(net, 1).tolist() in ([0, 4], [4, 5])  # image 0 and 5 lead by as much
    assert surest(net, 2).tolist() == [0, 1, 4, 5]
    assert surest(net, 9).tolist() == [0, 1, 2, 3, 4, 5]


def test_theory_and_eager_infer_and_learn_the_same(data):
    pair = [trained(spec({("engine", "backend"): backend, ("engine", "precision"): "float64"}, epochs=3), data).params
            for backend in ("theory", "eager")]  # fmt: skip
    for name in ("F", "b", "G", "c"):
        for expected, found in zip(*(getattr(params, name) for params in pair), strict=True):
            np.testing.assert_allclose(found, expected, atol=1e-9)


@pytest.mark.timeout(120)
@pytest.mark.skipif(find_spec("lava") is None, reason="needs Lava")
def test_fixed_point_on_lava_is_the_eager_engine_to_the_bit(data):
    pair = [trained(spec({**FIXED, ("engine", "backend"): backend}), data).params for backend in ("eager", "lava")]
    assert equal(*pair)


def test_a_run_that_was_interrupted_continues_to_the_byte(data, tmp_path):
    one = spec(FIXED)
    seen = []

    class Stop:
        def images_done(self, done, total):
            seen.append((done, total))

        def epoch_done(self, metrics):
            if metrics["epoch"] == 2:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(one, data, tmp_path / "part", Stop())
    again = resume(RunDir.open(tmp_path / "part"), data)
    assert equal(again.checkpoint().params, train(one, data, tmp_path / "whole").checkpoint().params)
    assert seen[-1][1] == images_in_all(one, 60) >= again.checkpoint().progress.images > 30 * 3
    with pytest.raises(InvalidInput, match="by which this run's"):
        resume(again, data, epochs=5)


def test_without_the_others_an_epoch_is_the_labelled_images(data):
    one = spec(unlabelled="untold", epochs=2)
    rows = learned_rows(one, data)
    assert len(rows) == 30 and images_in_all(one, len(data.x_train)) == 2 * 600
    assert trained(one, data).progress.images == 2 * 600


@pytest.mark.parametrize(("recipe", "given", "named"), [
    ("labels", {"unlabelled": "inferred"}, "training.unlabelled: got 'inferred', allowed: untold unless"),
    ("joint-quick", {"unlabelled": "inferred"}, "training.unlabelled: got 'inferred', allowed: untold unless"),
    ("labels", {"repeat": 2}, "training.repeat: got 2, allowed: 1 unless"),
    ("generative", {"labelled": 10}, "training.labelled: got 10, allowed: None without labels"),
    ("semi", {"labelled": 30, "repeat": 3}, "training.repeat: got 3, allowed: enough for a batch of 100"),
    ("semi", {"unlabelled": "guessed"}, "unlabelled"),
])  # fmt: skip
def test_settings_that_make_no_sense(recipe, given, named):
    with pytest.raises(InvalidInput, match=named):
        compose(read_recipe(recipe).fields, {("training", name): value for name, value in given.items()})


@pytest.mark.parametrize("labelled", [35, 100_000])
def test_labels_that_cannot_be_shared_out(data, tmp_path, labelled):
    with pytest.raises(InvalidInput, match=r"training\.labelled: got .*, allowed: a multiple of 10"):
        train(spec(labelled=labelled), data, tmp_path / "run")
    assert not list(tmp_path.iterdir())
