"""One matrix by itself in 8-bit weights and their tags, with the rule that teaches it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.kernels.fixed.matrix import learning_unit_exponent
from neuro_bpdl.numbers import widths
from neuro_bpdl.numbers.literal import literal

Array = NDArray[Any]


@dataclass(frozen=True)
class HeldWeights:
    """W = (weights + tags / 64) · 2^-unit_exponent, as `matrix.Matrix` has it between layers of a network.

    Attributes
    ----------
    weights, tags : (post, pre + 1) int64
        The last column is the bias unit's.
    """

    weights: Array
    tags: Array
    unit_exponent: int

    @classmethod
    def of(cls, given: Array, highs: tuple[float, float]) -> HeldWeights:
        """From floats (post, pre + 1).

        Raises
        ------
        InvalidInput
            A weight that 8 bits do not hold.
        """
        unit = learning_unit_exponent(given.shape[1] - 1, highs[0])
        total = np.rint(given * 2.0 ** (unit + widths.CARRY_BITS)).astype(np.int64)
        whole = (total + widths.CARRY_THRESHOLD) >> widths.CARRY_BITS
        if whole.min() < widths.WEIGHT_MIN or whole.max() > widths.WEIGHT_MAX:
            raise InvalidInput(
                "PlasticDense.weights", f"{np.abs(given).max():.4g}",
                f"at most {widths.WEIGHT_MAX * 2.0**-unit:.4g} (8 bits of 2^-{unit}) in fixed point",
                "scale them down, or use the tag floating_pt",
            )  # fmt: skip
        return cls(whole, total - (whole << widths.CARRY_BITS), unit)

    def tag_rule(self, learning_rate: float, highs: tuple[float, float]) -> str:
        """dt: S_pre · V̇ into the tag, at the nearest rate that a literal gives; errors as `numbers.literal.literal`."""
        scales = {"unit_exponent": self.unit_exponent, "high_pre": highs[0], "high_post": highs[1]}
        return literal("PlasticDense", learning_rate, **scales).tag_rule  # type: ignore[arg-type]
