"""Which pixels are missing: the corruption that inpainting has to undo."""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt

from neuro_bpdl.data.streams import MASK, random_bits, require_count
from neuro_bpdl.errors import InvalidInput

MaskKind = Literal["random", "left", "right", "top", "bottom"]
KINDS: tuple[str, ...] = ("random", "left", "right", "top", "bottom")
Mask = npt.NDArray[np.bool_]


def missing_mask(
    kind: MaskKind, fraction: float, image_shape: tuple[int, ...], n: int, seed: int
) -> Mask:
    """A mask for ``n`` images, True where a pixel is missing.

    "random" removes exactly ``round(fraction · D)`` pixels of each image, with
    a draw per image that depends on ``seed`` and the image's row only. The
    sides remove ``round(fraction · W)`` columns or ``round(fraction · H)``
    rows, the same for every image.

    Returns
    -------
    (n, D) bool

    Raises
    ------
    InvalidInput
        Unknown kind, ``fraction`` not strictly between 0 and 1 or so extreme
        that no pixel would be missing or known, a side of an image that is not
        2-D, ``n`` below 1, ``seed`` below 0.
    """
    _check(kind, fraction, image_shape)
    require_count("n", n, 1)
    require_count("seed", seed, 0)
    if kind == "random":
        return _random(fraction, int(np.prod(image_shape)), n, seed)
    return np.tile(_side(kind, fraction, image_shape).reshape(1, -1), (n, 1))


def _check(kind: str, fraction: float, image_shape: tuple[int, ...]) -> None:
    if kind not in KINDS:
        raise InvalidInput("kind", kind, "one of " + ", ".join(KINDS))
    if not 0 < fraction < 1:
        raise InvalidInput("fraction", fraction, "a number strictly between 0 and 1", "0.5 hides half of the pixels")
    if len(image_shape) not in (1, 2) or min(image_shape) < 1:
        raise InvalidInput("image_shape", image_shape, "(H, W) or (D,)")
    if kind != "random" and len(image_shape) != 2:
        raise InvalidInput("kind", kind, f'"random" for images of shape {image_shape}',
                           "a side needs images of shape (H, W): save them as (N, H, W)")


def _random(fraction: float, pixels: int, n: int, seed: int) -> Mask:
    missing = _count(fraction, pixels, "pixels")
    ranked = np.argsort(random_bits(seed, MASK, shape=(n, pixels)), axis=1, kind="stable")
    mask = np.zeros((n, pixels), np.bool_)
    np.put_along_axis(mask, ranked[:, :missing], True, axis=1)
    return mask


def _side(kind: str, fraction: float, image_shape: tuple[int, ...]) -> Mask:
    rows, columns = image_shape
    mask = np.zeros(image_shape, np.bool_)
    if kind in ("left", "right"):
        missing = _count(fraction, columns, "columns")
        mask[:, slice(missing) if kind == "left" else slice(columns - missing, None)] = True
    else:
        missing = _count(fraction, rows, "rows")
        mask[slice(missing) if kind == "top" else slice(rows - missing, None)] = True
    return mask


def _count(fraction: float, total: int, unit: str) -> int:
    missing = round(fraction * total)
    if not 0 < missing < total:
        raise InvalidInput("fraction", fraction, f"a fraction that hides some but not all of {total} {unit}",
                           f"it hides {missing}: try 0.5")
    return missing
