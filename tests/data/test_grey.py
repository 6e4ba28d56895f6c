"""Images that stay bytes: whatever is taken from them is what the float32 array has."""

import numpy as np
import pytest

from neuro_bpdl.data import load
from neuro_bpdl.data.grey import GreyImages

RAW = np.random.default_rng(0).integers(0, 256, (2500, 7), dtype=np.uint8)
WHOLE = RAW.astype(np.float32) / np.float32(255)


@pytest.mark.parametrize(
    "key", [3, slice(5, 900), [4, 4, 1], np.arange(20).reshape(4, 5), (slice(10), slice(2, 5)), slice(None, None, -1)]
)
def test_what_is_taken_is_float32_of_the_same_numbers(key):
    taken = GreyImages(RAW, 255)[key]
    assert taken.dtype == np.float32
    np.testing.assert_array_equal(taken, WHOLE[key])


def test_it_has_the_shape_of_the_array_and_becomes_it():
    grey = GreyImages(RAW, 255)
    assert (grey.shape, grey.ndim, grey.size, len(grey), grey.dtype) == (WHOLE.shape, 2, WHOLE.size, 2500, WHOLE.dtype)
    np.testing.assert_array_equal(np.asarray(grey), WHOLE)
    np.testing.assert_array_equal(np.asarray(grey.first(30)), WHOLE[:30])


def test_the_mean_image_is_numpys_to_the_last_bit():
    mean = GreyImages(RAW, 255).mean(axis=0, dtype=np.float64)
    np.testing.assert_array_equal(mean, WHOLE.mean(axis=0, dtype=np.float64))


def test_the_mean_of_all_pixels_and_no_other():
    assert GreyImages(RAW, 255).mean() == pytest.approx(WHOLE.mean(dtype=np.float64), rel=1e-12)
    with pytest.raises(ValueError, match=r"axis: got 1, allowed: 0 or None; take numpy\.asarray"):
        GreyImages(RAW, 255).mean(axis=1)


def test_a_loaded_data_set_keeps_bytes_and_shows_floats():
    data = load("mnist-mini")
    part = data.limit(50)
    assert isinstance(part.train_rows, GreyImages)
    assert data.x_train.dtype == np.float32
    assert data.x_train is data.x_train
    np.testing.assert_array_equal(part.x_train, data.x_train[:50])
