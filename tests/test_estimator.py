"""The scikit-learn face of the network."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from neuro_bpdl.data import load, missing_mask
from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.estimator import GenerativeNetwork


@pytest.fixture(scope="module")
def data():
    return load("digits")


@pytest.fixture(scope="module")
def fitted(data):
    return GenerativeNetwork(layers=(48, 20), epochs=10, learning_rate=0.1, batch=20, random_state=1).fit(data.x_train)


def test_learning_beats_the_mean_image_by_far(fitted, data):
    blind = ((data.x_train.mean(axis=0) - data.test) ** 2).mean()
    assert ((fitted.reconstruct(data.test) - data.test) ** 2).mean() < 0.3 * blind
    deep = fitted.inverse_transform(fitted.transform(data.test))
    assert ((deep - data.test) ** 2).mean() < 0.6 * blind


def test_score_of_a_trained_network_is_higher_than_that_of_a_fresh_one(fitted, data):
    fresh = clone(fitted).set_params(epochs=1, learning_rate=1e-6).fit(data.x_train)
    assert fitted.score(data.test) > fresh.score(data.test)


def test_inpainting_beats_the_mean_image_and_keeps_known_pixels(fitted, data):
    missing = missing_mask("random", 0.5, data.image_shape, 100, 0)
    images = data.test[:100]
    filled = fitted.inpaint(np.where(missing, np.nan, images))
    np.testing.assert_allclose(filled[~missing], images[~missing], atol=1e-6)
    blind = np.broadcast_to(fitted.mean_image_, images.shape)
    assert ((filled - images)[missing] ** 2).mean() < 0.8 * ((blind - images)[missing] ** 2).mean()


def test_samples_are_images_and_depend_on_the_seed_alone(fitted):
    a, b, c = fitted.sample(5, seed=1), fitted.sample(5, seed=1), fitted.sample(5, seed=2)
    assert a.shape == (5, 64) and a.min() >= 0 and a.max() <= 1
    np.testing.assert_array_equal(a, b)
    assert np.abs(a - c).max() > 0.1


def test_it_works_in_a_pipeline(data):
    pipeline = make_pipeline(GenerativeNetwork(layers=(48, 20), epochs=5), LogisticRegression(max_iter=500))
    score = pipeline.fit(data.x_train, data.y_train).score(data.test, data.labels("test"))
    assert score > 0.5  # ten classes: chance is 0.1


def test_two_fits_with_one_random_state_are_equal(fitted, data):
    again = clone(fitted).fit(data.x_train)
    np.testing.assert_array_equal(again.parameters_.F[0], fitted.parameters_.F[0])


def test_an_unfitted_network_says_so(data):
    with pytest.raises(NotFittedError):
        GenerativeNetwork().transform(data.test)


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (np.zeros((3, 4, 4)), "2-D array"),
        (np.full((30, 4), np.nan), "finite numbers in .* contains NaN"),
        (np.full((30, 4), 1j), "finite numbers in .* Complex data not supported"),
        (np.zeros((1, 4)), "finite numbers in .* minimum of 2"),
    ],
)
def test_bad_images_are_refused_by_name(images, message):
    with pytest.raises(InvalidInput, match=f"X: .*{message}"):
        GenerativeNetwork(layers=(3,), batch=20).fit(images)


def test_threads_share_a_batch_and_change_no_number(data):
    """In fixed point; elsewhere they are refused by name."""
    options = {"layers": (24, 10), "epochs": 1, "arithmetic": "fixed", "batch": 5}
    one, two = (GenerativeNetwork(**options, threads=n).fit(data.x_train[:100]).parameters_ for n in (1, 2))
    for a, b in zip((*one.F, *one.G), (*two.F, *two.G), strict=True):
        np.testing.assert_array_equal(a, b)
    with pytest.raises(InvalidInput, match="threads"):
        GenerativeNetwork(layers=(24, 10), threads=2).fit(data.x_train[:100])
