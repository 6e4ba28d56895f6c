"""Random bits that depend on nothing but a seed and the name of their use."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from neuro_bpdl.errors import InvalidInput

ORDER, MASK, DRAW = 1, 2, 3


def random_bits(seed: int, *key: int, shape: tuple[int, ...]) -> npt.NDArray[np.uint64]:
    """64 random bits an element, a function of ``(seed, key)`` only.

    Philox's raw output, which numpy keeps the same across versions (unlike
    its shuffles and distributions). ``key`` starts with the use, `ORDER`,
    `MASK` or `DRAW`, so that no two uses share bits.
    """
    source = np.random.Philox(np.random.SeedSequence(seed, spawn_key=key))
    bits: npt.NDArray[np.uint64] = source.random_raw(int(np.prod(shape))).reshape(shape)
    return bits


def require_count(argument: str, value: object, minimum: int) -> None:
    """Refuse anything but a whole number of at least ``minimum``."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < minimum:
        raise InvalidInput(argument, value, f"a whole number of at least {minimum}")
