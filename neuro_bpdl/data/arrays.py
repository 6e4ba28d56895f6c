"""Raw arrays in, `Dataset` out: every check a data set has to pass."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from neuro_bpdl.data.dataset import Dataset, Images, Labels, RawArrays, raw_sha256, varies
from neuro_bpdl.data.grey import GreyImages
from neuro_bpdl.errors import InvalidInput

IMAGE_TYPES = "uint8, or float16, float32 or float64 in [0, 1]"
IMAGE_SHAPES = "(N, H, W) or (N, D)"


def to_dataset(raw: RawArrays, *, name: str, source: str, attribution: str, maximum: int = 255) -> Dataset:
    """Check raw arrays and make rows of float32 in [0, 1] of them; bytes stay bytes until they are looked at.

    Parameters
    ----------
    raw : mapping
        ``x_train`` and any of ``x_test``, ``y_train``, ``y_test``. Images are
        uint8 (divided by ``maximum``) or floats in [0, 1], of shape (N, H, W) or
        (N, D); labels are integers of shape (N,).
    maximum : int
        The uint8 value that stands for 1.

    Raises
    ------
    InvalidInput
        A wrong type or shape, a value outside [0, 1], NaN or
        infinity, no image, a single training image, training images that are
        all the same, test images of another shape, or labels that do not fit.
    """
    x_train = _rows("x_train", raw["x_train"], maximum)
    _require_learnable(x_train)
    image_shape = raw["x_train"].shape[1:]
    return Dataset(
        name=name,
        train_rows=x_train,
        test_rows=_test_rows(raw, image_shape, maximum),
        y_train=_labels(raw, "train"),
        y_test=_labels(raw, "test"),
        image_shape=tuple(int(size) for size in image_shape),
        source=source,
        sha256=raw_sha256(raw),
        attribution=attribution,
    )


def _test_rows(raw: RawArrays, image_shape: tuple[int, ...], maximum: int) -> Images | GreyImages | None:
    if "x_test" not in raw:
        return None
    rows = _rows("x_test", raw["x_test"], maximum)
    shape = raw["x_test"].shape[1:]
    if shape != image_shape:
        raise InvalidInput("data.x_test", shape, f"images of shape {image_shape}, as in x_train", "give both one shape")
    return rows


def _rows(key: str, images: npt.NDArray[Any], maximum: int) -> Images | GreyImages:
    """(N, D) float32 in [0, 1] of images that are checked one by one."""
    field = f"data.{key}"
    if images.ndim not in (2, 3):
        raise InvalidInput(field, images.shape, f"shape {IMAGE_SHAPES}", "reshape: one image a row")
    if images.dtype != np.uint8 and (images.dtype.kind != "f" or images.dtype.itemsize > 8):
        raise InvalidInput(field, str(images.dtype), IMAGE_TYPES, "scale to [0, 1] and use astype(numpy.float32)")
    if images.size == 0:
        raise InvalidInput(field, images.shape, "at least one image with at least one pixel")
    rows = np.ascontiguousarray(images.reshape(len(images), -1))
    if images.dtype == np.uint8:
        return GreyImages(rows, maximum)
    _require_unit_range(field, images)
    return rows.astype(np.float32)


def _require_unit_range(field: str, images: npt.NDArray[Any]) -> None:
    lowest, highest = float(images.min()), float(images.max())  # NaN passes through min and max
    if not (np.isfinite(lowest) and np.isfinite(highest)):
        count = int(np.count_nonzero(~np.isfinite(images)))
        raise InvalidInput(field, f"{count} of {images.size} values NaN or infinite", "finite values in [0, 1]",
                           "remove or replace them")
    if lowest < 0 or highest > 1:
        raise InvalidInput(field, f"values from {lowest:g} to {highest:g}", "values in [0, 1]",
                           "scale the images, or store them as uint8")


def _require_learnable(x_train: Images | GreyImages) -> None:
    if len(x_train) == 1:
        raise InvalidInput("data.x_train", "1 image", "at least 2 images", "a single image leaves nothing to learn")
    if not varies(x_train):
        raise InvalidInput("data.x_train", f"{len(x_train)} equal images", "images that differ from each other",
                           "constant data leaves nothing to learn")


def _labels(raw: RawArrays, split: str) -> Labels | None:
    key, images = f"y_{split}", f"x_{split}"
    if key not in raw:
        return None
    labels, field = raw[key], f"data.{key}"
    if images not in raw:
        raise InvalidInput(field, "labels without images", f"{key} together with {images}", f"add {images}")
    if labels.dtype.kind not in "iu":
        raise InvalidInput(field, str(labels.dtype), "integers", "use astype(numpy.int64) on whole numbers")
    if labels.shape != (len(raw[images]),):
        raise InvalidInput(field, labels.shape, f"shape ({len(raw[images])},), one label an image of {images}")
    if labels.max() > np.iinfo(np.int64).max:
        raise InvalidInput(field, int(labels.max()), "labels below 2**63")
    return labels.astype(np.int64)
