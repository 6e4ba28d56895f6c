"""What scikit-learn asks of every estimator, and what its users expect besides."""

import json
import pickle

import numpy as np
import pytest
from joblib import Parallel, delayed
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV
from sklearn.utils.estimator_checks import parametrize_with_checks

from neuro_bpdl.cli.main import run
from neuro_bpdl.data import load
from neuro_bpdl.errors import CheckpointError, InvalidInput
from neuro_bpdl.estimator import GenerativeNetwork

SMALL = GenerativeNetwork(layers=(8, 4), epochs=2)


@parametrize_with_checks([SMALL, GenerativeNetwork(layers=(8, 4), epochs=2, backend="theory")])
def test_the_contract(estimator, check):
    check(estimator)


@pytest.fixture(scope="module")
def images():
    return load("digits").x_train[:200].astype(np.float64)


def weights(network):
    return np.concatenate([matrix.ravel() for matrix in network.parameters_.F + network.parameters_.G])


def test_pickled_and_sent_to_other_processes(images):
    fitted = clone(SMALL).fit(images)
    again = pickle.loads(pickle.dumps(fitted))
    np.testing.assert_array_equal(again.transform(images), fitted.transform(images))
    np.testing.assert_array_equal(again.sample(3), fitted.sample(3))
    elsewhere = Parallel(n_jobs=2)(delayed(fitted.transform)(part) for part in (images[:5], images[5:10]))
    np.testing.assert_allclose(np.concatenate(elsewhere), fitted.transform(images[:10]), atol=1e-12)
    search = GridSearchCV(SMALL, {"learning_rate": [1e-4, 0.1]}, n_jobs=2, cv=2).fit(images)
    assert search.best_params_ == {"learning_rate": 0.1}


def test_names_in_and_out(images):
    fitted = clone(SMALL).fit(images)
    assert list(fitted.get_feature_names_out()) == [f"generativenetwork{unit}" for unit in range(4)]
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(images, columns=[f"pixel{i}" for i in range(images.shape[1])])
    named = clone(SMALL).set_output(transform="pandas").fit(frame)
    assert list(named.feature_names_in_) == list(frame.columns)
    assert list(named.transform(frame).columns) == list(named.get_feature_names_out())


@pytest.mark.parametrize("same", [lambda: 3, lambda: np.int64(3), lambda: np.random.RandomState(3),
                                  lambda: np.random.default_rng(3)], ids=["int", "numpy", "RandomState", "Generator"])
def test_random_states_that_are_the_same_give_the_same(images, same):
    one, other = (clone(SMALL).set_params(random_state=same()).fit(images) for _ in range(2))
    np.testing.assert_array_equal(weights(one), weights(other))


def test_no_random_state_is_another_one_each_time_and_text_is_refused(images):
    one, other = (clone(SMALL).set_params(random_state=None).fit(images) for _ in range(2))
    assert one.spec_.training.seed != other.spec_.training.seed
    with pytest.raises(InvalidInput, match="random_state: got 'today'"):
        clone(SMALL).set_params(random_state="today").fit(images)


def test_warm_start_goes_on_where_fit_stopped(images):
    whole = clone(SMALL).set_params(epochs=4).fit(images)
    parts = clone(SMALL).set_params(warm_start=True).fit(images).fit(images)
    np.testing.assert_array_equal(weights(parts), weights(whole))
    assert parts.n_iter_ == 4 and [line["epoch"] for line in parts.history_] == [0, 1, 2, 3, 4]
    assert parts.history_[-1]["reconstruction_mse"] == whole.history_[-1]["reconstruction_mse"]
    again = clone(SMALL).fit(images).fit(images)
    assert again.n_iter_ == 2


def test_partial_fit_presents_images_once(images):
    small = clone(SMALL).set_params(batch=20)
    whole = clone(small).fit(images)
    parts = clone(small).partial_fit(images).partial_fit(images)
    np.testing.assert_array_equal(weights(parts), weights(whole))
    parts.partial_fit(images[:40])
    assert parts.n_iter_ == 3 and parts.history_[-1]["images"] == 440
    with pytest.raises(InvalidInput, match="at least one batch of 20"):
        parts.partial_fit(images[:7])


def test_verbose_says_how_far_it_is(images, capsys):
    clone(SMALL).fit(images)
    assert capsys.readouterr().out == ""
    clone(SMALL).set_params(verbose=1).fit(images)
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("[GenerativeNetwork] epoch 1 of 2: reconstruction ") and "epoch 2 of 2" in second


def test_a_batch_that_was_chosen_is_not_changed(images):
    assert clone(SMALL).fit(images[:7]).spec_.training.batch == 1  # as many as there are images for
    with pytest.raises(InvalidInput, match="at least one batch of 20"):
        clone(SMALL).set_params(batch=20).fit(images[:7])


def test_bytes_are_scaled_and_come_back_as_bytes(images):
    unit, scaled = clone(SMALL).fit(images), clone(SMALL).fit(255 * images)
    np.testing.assert_allclose(scaled.transform(255 * images), unit.transform(images), atol=1e-9)
    np.testing.assert_allclose(scaled.reconstruct(255 * images), 255 * unit.reconstruct(images), atol=1e-6)
    np.testing.assert_allclose(scaled.sample(3), 255 * unit.sample(3), atol=1e-6)
    np.testing.assert_allclose(scaled.inverse_transform(unit.transform(images)), 255 * unit.inverse_transform(
        unit.transform(images)), atol=1e-6)  # fmt: skip
    assert scaled.transform(np.full((1, 64), 300.0)).shape == (1, 4)  # beyond the fit's range: clipped
    with pytest.raises(InvalidInput, match=r"values 0 to 2', allowed: values in \[0, 1\], as in fit"):
        unit.transform(2 * images)


def test_float32_stays_float32(images):
    fitted = clone(SMALL).fit(images.astype(np.float32))
    for array in (fitted.transform(images.astype(np.float32)), fitted.reconstruct(images.astype(np.float32))):
        assert array.dtype == np.float32


def test_a_saved_network_is_a_run_that_commands_read(images, tmp_path, capfd):
    fitted = clone(SMALL).fit(images)
    fitted.save(tmp_path / "run")
    loaded = GenerativeNetwork.load(tmp_path / "run")
    np.testing.assert_array_equal(loaded.transform(images), fitted.transform(images))
    np.testing.assert_array_equal(loaded.sample(2), fitted.sample(2))
    assert (loaded.label_, loaded.n_iter_, loaded.layers) == (fitted.label_, 2, (8, 4))
    loaded.partial_fit(images)
    assert loaded.n_iter_ == 3 and fitted.n_iter_ == 2
    assert run(["evaluate", str(tmp_path / "run"), "--data", "digits", "--limit", "50", "--json"]) == 0
    assert json.loads(capfd.readouterr().out)["images"] == 50
    with pytest.raises(CheckpointError, match="which exists"):
        fitted.save(tmp_path / "run")
    with pytest.raises(InvalidInput, match="for a run folder"):
        clone(SMALL).fit(3 * images).save(tmp_path / "scaled")
    assert not (tmp_path / "scaled").exists()


def test_nengo_learns_as_one_of_the_backends(images):
    pytest.importorskip("nengo")
    fitted = clone(SMALL).set_params(backend="nengo", epochs=1).fit(images[:60])
    assert fitted.label_.startswith("nengo rate float") and fitted.transform(images[:3]).shape == (3, 4)
