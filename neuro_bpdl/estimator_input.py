"""What an estimator is given, made into what the training loop takes: images in [0, 1], a seed, a data set."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils import check_random_state
from sklearn.utils.validation import validate_data

from neuro_bpdl.data import Dataset
from neuro_bpdl.errors import InvalidInput

Array = NDArray[Any]
SEEDS = 2**31 - 1


class InvalidType(InvalidInput, TypeError):
    """An `InvalidInput` where scikit-learn's users expect a TypeError."""


@dataclass(frozen=True)
class Range:
    """The values that stand for black and white: (0, 1) for images that are in it, else the range of the fit."""

    low: float = 0.0
    high: float = 1.0

    @classmethod
    def of(cls, images: Array) -> Range:
        """(0, 1) where all values are in it; else the smallest and the largest of all pixels."""
        low, high = float(images.min()), float(images.max())
        return cls() if low >= 0 and high <= 1 else cls(low, high if high > low else low + 1.0)

    @property
    def is_unit(self) -> bool:
        """Whether nothing is scaled."""
        return (self.low, self.high) == (0.0, 1.0)

    def scaled(self, images: Array) -> Array:
        """Images in [0, 1]; a value beyond the range of the fit is clipped, as by ``MinMaxScaler(clip=True)``.

        Raises
        ------
        InvalidInput
            The fit's images were in [0, 1], and these are not.
        """
        known = images[~np.isnan(images)]
        if not self.is_unit:
            return np.clip((images - self.low) / (self.high - self.low), 0, 1)
        if known.size and (known.min() < 0 or known.max() > 1):
            raise InvalidInput("X", f"values {known.min():g} to {known.max():g}", "values in [0, 1], as in fit",
                               "scale them alike")  # fmt: skip
        return images

    def restored(self, images: Array) -> Array:
        """From [0, 1] to the values that were given."""
        return images if self.is_unit else self.low + images * (self.high - self.low)


def checked(estimator: Any, X: Any, *, reset: bool, missing: bool = False, least: int = 1) -> Array:
    """X as (images, pixels), float32 or float64; sets or compares the estimator's names and number of features.

    Parameters
    ----------
    least : int
        Images there have to be.

    Raises
    ------
    InvalidInput
        With scikit-learn's reason in it, a TypeError where its error is one; a difference of column names in
        scikit-learn's own words.
    """
    try:
        given = validate_data(estimator, X, reset=reset, dtype=[np.float64, np.float32],
                              ensure_min_samples=least, ensure_all_finite="allow-nan" if missing else True)  # fmt: skip
    except (ValueError, TypeError, OverflowError) as error:
        if str(error).startswith("The feature names"):
            raise  # lines of names
        first = str(error).partition("\n")[0]
        reason = first if "NaN" in first else " ".join(str(error).split())  # what follows a NaN is advice on others
        kind = InvalidType if isinstance(error, TypeError) else InvalidInput
        raise kind("X", type(X).__name__, "finite numbers in a dense 2-D array", reason) from None
    return np.asarray(given)


def seed_of(random_state: Any) -> int:
    """A seed of the specs: a whole number as it is; from None, a RandomState or a Generator the next that it draws."""
    if isinstance(random_state, int | np.integer) and not isinstance(random_state, bool):
        return int(random_state)
    if isinstance(random_state, np.random.Generator):
        return int(random_state.integers(SEEDS))
    try:
        return int(check_random_state(random_state).randint(SEEDS))
    except (ValueError, TypeError):
        allowed = "a whole number, None, a numpy RandomState or Generator"
        raise InvalidInput("random_state", random_state, allowed) from None


def as_dataset(images: Array) -> Dataset:
    """Images (N, D) in [0, 1] as the data set "array", which no name loads again."""
    digest = hashlib.sha256(f"{images.shape} {images.dtype}".encode() + np.ascontiguousarray(images).tobytes())
    return Dataset("array", images, None, None, None, (images.shape[1],), "an array in memory", digest.hexdigest(),
                   "not stated")  # fmt: skip
