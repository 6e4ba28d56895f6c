"""Memory that a ProcessModel and the program that started it both see.

Lava moves a Var one number per message, 21 to 31 µs each; a weight matrix
would take seconds. A shared array costs one copy in memory, works while the
net is running, and has no name in the file system that could stay behind.
"""

from __future__ import annotations

import mmap
from typing import Any, NoReturn

import numpy as np
import numpy.typing as npt

from neuro_bpdl.errors import InvalidInput


class SharedArray:
    """A zero-filled numpy array in memory that survives Lava's fork.

    Make it before the run, hand it to a Process as a keyword argument and
    find it in the model's ``proc_params``: both sides then read and write the
    same bytes. It is a mailbox, not a queue: nothing locks it, so read what
    must be consistent (weights for a checkpoint) between two calls of
    ``LavaRun.steps``; single numbers (a step counter) may be read at any time.

    Parameters
    ----------
    shape : int or tuple of int
    dtype : numpy dtype without objects

    Attributes
    ----------
    array : numpy.ndarray, shape `shape`
        Write into it (``shared.array[...] = x``); never rebind it.

    Raises
    ------
    InvalidInput
        A negative size, or a dtype that holds Python objects.
    """

    def __init__(self, shape: int | tuple[int, ...], dtype: npt.DTypeLike = np.float64) -> None:
        sizes = (shape,) if isinstance(shape, int) else tuple(shape)
        kind = np.dtype(dtype)
        if any(size < 0 for size in sizes):
            raise InvalidInput("shape", shape, "sizes of 0 or more")
        if kind.hasobject:
            raise InvalidInput("dtype", kind.name, "a dtype of plain numbers", "objects cannot be shared")
        count = int(np.prod(sizes, dtype=np.int64))
        # An anonymous mapping cannot be empty.
        self._memory = mmap.mmap(-1, max(count * kind.itemsize, 1))
        self.array: npt.NDArray[Any] = np.frombuffer(self._memory, dtype=kind, count=count).reshape(sizes)

    @classmethod
    def like(cls, values: npt.ArrayLike) -> SharedArray:
        """Return a shared copy of `values`."""
        source = np.asarray(values)
        shared = cls(source.shape, source.dtype)
        shared.array[...] = source
        return shared

    def part(self, start: int, shape: tuple[int, ...]) -> SharedArray:
        """A view of `shape` that begins at element `start` of the flat array, in the same memory."""
        view = SharedArray.__new__(SharedArray)
        size = int(np.prod(shape, dtype=np.int64))
        view._memory, view.array = self._memory, self.array.reshape(-1)[start : start + size].reshape(shape)
        return view

    def __copy__(self) -> SharedArray:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> SharedArray:
        # A copy would be a second memory that nobody else sees.
        return self

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            "SharedArray: cannot be pickled, a copy would not be shared; hand it over before the run starts"
        )

    def __repr__(self) -> str:
        return f"SharedArray(shape={self.array.shape}, dtype={self.array.dtype})"
