"""In which order images are presented: the same for every backend and for a resumed run."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from neuro_bpdl.data.streams import ORDER, random_bits, require_count


def presentation_order(n_images: int, epochs_start: int, epochs: int, seed: int) -> npt.NDArray[np.int64]:
    """Image indices of epochs ``epochs_start`` … ``epochs_start + epochs − 1``, one after the other.

    Each epoch shows every image once; its permutation is a function of
    ``(seed, epoch)`` and ``n_images`` only, whatever epoch a run starts at.

    Returns
    -------
    (epochs · n_images,) int64

    Raises
    ------
    InvalidInput
        ``n_images`` below 1, or another argument below 0.
    """
    require_count("n_images", n_images, 1)
    for argument, value in (("epochs_start", epochs_start), ("epochs", epochs), ("seed", seed)):
        require_count(argument, value, 0)
    order = np.empty((epochs, n_images), np.int64)
    for row in range(epochs):
        bits = random_bits(seed, ORDER, epochs_start + row, shape=(n_images,))
        order[row] = np.argsort(bits, kind="stable")
    return order.reshape(-1)
