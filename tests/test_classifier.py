"""The scikit-learn face of a network with labels."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from neuro_bpdl.classifier import SpikingClassifier
from neuro_bpdl.data import load
from neuro_bpdl.errors import InvalidInput


@pytest.fixture(scope="module")
def data():
    return load("digits")


@pytest.fixture(scope="module")
def fitted(data):
    return SpikingClassifier(hidden=80, epochs=12).fit(data.x_train, data.labels("train"))


def test_most_digits_are_known(fitted, data):
    assert fitted.score(data.test, data.labels("test")) > 0.9
    np.testing.assert_array_equal(fitted.classes_, np.arange(10))
    assert fitted.label_ == "eager fused float, seed 0"


def test_fixed_point_one_image_at_a_time(data):
    network = SpikingClassifier(hidden=80, arithmetic="fixed", epochs=4).fit(data.x_train, data.labels("train"))
    assert network.spec_.training.batch == 1
    assert network.score(data.test, data.labels("test")) > 0.87


def test_chances_add_up_to_one_and_agree_with_the_answer(fitted, data):
    chances = fitted.predict_proba(data.test)
    np.testing.assert_allclose(chances.sum(axis=1), 1)
    np.testing.assert_array_equal(fitted.classes_[chances.argmax(axis=1)], fitted.predict(data.test))
    np.testing.assert_array_equal(fitted.decision_function(data.test).argmax(axis=1), chances.argmax(axis=1))


def test_labels_may_be_words_and_two_classes_have_one_margin(data):
    rows = np.isin(data.labels("train"), [3, 8])
    words = np.where(data.labels("train")[rows] == 3, "three", "eight")
    network = SpikingClassifier(hidden=40, epochs=5).fit(data.x_train[rows], words)
    np.testing.assert_array_equal(network.classes_, ["eight", "three"])
    margin = network.decision_function(data.x_train[rows])
    np.testing.assert_array_equal(np.where(margin > 0, "three", "eight"), network.predict(data.x_train[rows]))
    assert network.score(data.x_train[rows], words) > 0.95


def test_two_fits_with_one_random_state_are_equal(data):
    one, other, third = (
        SpikingClassifier(hidden=30, epochs=1, shift=1, random_state=seed).fit(data.x_train, data.labels("train"))
        for seed in (5, 5, 6)
    )
    np.testing.assert_array_equal(one.decision_function(data.test), other.decision_function(data.test))
    assert not np.array_equal(one.decision_function(data.test), third.decision_function(data.test))


def test_it_works_in_a_pipeline_and_in_cross_validation(data):
    pipeline = make_pipeline(MinMaxScaler(clip=True), SpikingClassifier(hidden=40, epochs=4))
    scores = cross_val_score(pipeline, data.x_train[:600], data.labels("train")[:600], cv=2)
    assert scores.min() > 0.7
    assert clone(pipeline).get_params()["spikingclassifier__hidden"] == 40


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda x, y: (x[0], y), "X: got .*2-D array"),
        (lambda x, y: (x / 0.0, y), "X: got .*finite numbers"),
        (lambda x, y: (x, y[:-1]), r"y: got \(29,\), allowed: 30 labels, one for each image"),
        (lambda x, y: (x, y * 0), "y: got 'one class only', allowed: two classes or more"),
        (lambda x, y: (x, np.where(y == 1, np.nan, y)), r"y: got .*Input y contains NaN"),
        (lambda x, y: (x, [None, *y[1:]]), "y: got .*Unknown label type"),
        (lambda x, y: (x, y, np.ones(30)), "sample_weight: got 'weights', allowed: None"),
    ],
)
def test_what_it_cannot_use_is_refused_by_name(change, message, data):
    with pytest.raises(InvalidInput, match=message):
        SpikingClassifier(hidden=10).fit(*change(data.x_train[:30].astype(float), data.labels("train")[:30]))


def test_other_images_than_in_fit_and_no_fit_at_all(fitted, data):
    with pytest.raises(InvalidInput, match="X has 60 features, but SpikingClassifier is expecting 64"):
        fitted.predict(data.test[:, :60])
    with pytest.raises(NotFittedError):
        SpikingClassifier().predict(data.test)


def test_images_that_are_not_square_cannot_be_moved(data):
    with pytest.raises(InvalidInput, match=r"training\.shift: .*0 for images of 60 pixels, which are not square"):
        SpikingClassifier(hidden=10, shift=1).fit(data.x_train[:, :60], data.labels("train"))


@parametrize_with_checks(
    [SpikingClassifier(hidden=40, epochs=30)],
    expected_failed_checks=lambda _: {
        name: "sample weights are refused by name: an event has one size"
        for name in (
            "check_all_zero_sample_weights_error", "check_classifiers_one_label_sample_weights",
            "check_sample_weight_equivalence_on_dense_data", "check_sample_weights_list",
            "check_sample_weights_not_an_array", "check_sample_weights_not_overwritten",
            "check_sample_weights_pandas_series", "check_sample_weights_shape",
        )
    },
)  # fmt: skip
def test_scikit_learns_own_checks(estimator, check):
    check(estimator)
