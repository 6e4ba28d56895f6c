"""How a plastic matrix is held in 8-bit weights and their tags, and how its currents become payloads."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.activations import HARDWARE_ACTIVATIONS, transfer
from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.kernels import curves, widths
from neuro_bpdl.kernels.literal import Literal, literal, smallest_rate
from neuro_bpdl.spec import NetworkSpec, PlasticitySpec

Array = NDArray[Any]
HEADROOM = 2.0  # with noise of half the range, a white pixel is clipped beyond two standard deviations


def highs(network: NetworkSpec, plasticity: PlasticitySpec) -> list[float]:
    """Activity that the largest payload of each layer stands for.

    Pixels whose noise is not clipped have `HEADROOM` times their range.

    Raises
    ------
    InvalidInput
        An activation without straight pieces, which shifts and additions cannot form.
    """
    for layer, name in enumerate(network.activations):
        if name not in HARDWARE_ACTIVATIONS:
            raise InvalidInput(
                f"activation of layer {layer}", name, f"{' or '.join(HARDWARE_ACTIVATIONS)} in fixed point",
                "or use --arithmetic float",
            )
    room = [1.0 if plasticity.clips(layer) else HEADROOM for layer in range(network.depth + 1)]
    return [more * transfer(name).high for more, name in zip(room, network.activations, strict=True)]


@dataclass(frozen=True)
class Ranges:
    """A network with the activity that the largest payload of each of its layers stands for."""

    network: NetworkSpec
    highs: list[float]

    @classmethod
    def of(cls, network: NetworkSpec, plasticity: PlasticitySpec) -> Ranges:
        """See `highs`."""
        return cls(network, highs(network, plasticity))

    def extra_shift(self, pre: int, post: int) -> int:
        """Bits between a current in weight units and a payload, beyond the unit's exponent; can be negative."""
        slope = curves.steepest(self.network.activations[post])
        return slope + round(math.log2(self.highs[post] / self.highs[pre]))


def learning_unit_exponent(fan_in: int, high: float = 1.0) -> int:
    """u of a matrix that learns: weights grow as 1/√fan-in, so four times fewer inputs get twice the range.

    A presynaptic activity that reaches ``high`` needs smaller weights: four
    times the activity gets half the range, and half the smallest learning rate.
    """
    finer = math.floor(math.log2(high) / 2)
    return widths.UNIT_EXPONENT - max(0, math.ceil(math.log2(widths.WIDE_FAN_IN / fan_in) / 2)) + finer


def always_on(high: float) -> int:
    """Payload of the bias unit: an activity of 1 in the layer's units."""
    return round(widths.PAYLOAD_MAX / high)


@dataclass(frozen=True)
class Matrix:
    """How one plastic matrix is held: W = (weight + tag / 64) · 2^-unit_exponent.

    Currents see the 8-bit weight alone; the tag, at most half a weight unit at
    rest, is what learning has gathered for it.

    Attributes
    ----------
    name : str
        The paper's, e.g. "F_1".
    bias_unit : float
        What one unit of the last column stands for.
    shift, offset : int
        A current A becomes the rate that `curves.payloads` has at (A + offset) >> shift.
    activation : str
        Of the postsynaptic compartment.
    """

    name: str
    unit_exponent: int
    bias_unit: float
    shift: int
    offset: int
    high_pre: float
    high_post: float
    activation: str

    @classmethod
    def between(cls, name: str, unit_exponent: int, pre: int, post: int, ranges: Ranges) -> Matrix:
        """The matrix from layer ``pre`` to layer ``post``."""
        high, activation = ranges.highs, ranges.network.activations[post]
        shift = unit_exponent + ranges.extra_shift(pre, post)
        # Half a payload rounds to the nearest; with the 127/2 of a hard sigmoid's φ(0) it makes 64.
        offset = ((curves.origin(activation, high[post]) + 1) << shift) >> 1
        on = always_on(high[pre])
        bias_unit = 2.0**-unit_exponent * on * high[pre] / widths.PAYLOAD_MAX
        return cls(name, unit_exponent, bias_unit, shift, offset, high[pre], high[post], activation)

    @property
    def limit(self) -> float:
        """Largest weight."""
        return widths.WEIGHT_MAX * 2.0**-self.unit_exponent

    def fits(self, weights: Array, bias: Array) -> bool:
        """Whether every weight and bias has an integer."""
        whole, _ = self._split(weights, bias)
        return bool(whole.min() >= widths.WEIGHT_MIN and whole.max() <= widths.WEIGHT_MAX)

    def quantized(self, weights: Array, bias: Array) -> Array:
        """(2, pre + 1, post) int16, weights and tags, from (post, pre) and (post,) floats."""
        return np.ascontiguousarray(np.stack(self._split(weights, bias)), dtype=np.int16)

    def _split(self, weights: Array, bias: Array) -> tuple[Array, Array]:
        joined = np.column_stack((weights * 2.0**self.unit_exponent, bias / self.bias_unit)).T
        total = np.rint(joined * widths.CARRY).astype(np.int64)
        whole = (total + widths.CARRY_THRESHOLD) >> widths.CARRY_BITS
        return whole, total - (whole << widths.CARRY_BITS)

    def dequantized(self, stored: Array) -> tuple[Array, Array]:
        """(post, pre) and (post,) float64 from `quantized`; exact, so that they quantise back to the same."""
        value = stored[0] + stored[1] / widths.CARRY
        return value[:-1].T * 2.0**-self.unit_exponent, value[-1] * self.bias_unit

    def literal(self, rate: float, *, derivative: bool = False) -> Literal:
        """The learning rate as this matrix can have it; with φ′, whose largest value is then the literal's."""
        return literal(self.name, rate, **self._scales(derivative))

    def smallest_rate(self, *, derivative: bool = False) -> float:
        """The smallest learning rate that a literal gives it."""
        return smallest_rate(**self._scales(derivative))

    def _scales(self, derivative: bool) -> dict[str, Any]:
        slope = 2.0 ** -curves.steepest(self.activation) if derivative else 1.0
        return {"unit_exponent": self.unit_exponent, "high_pre": self.high_pre, "high_post": self.high_post,
                "slope": slope}  # fmt: skip


def learning_matrices(network: NetworkSpec, plasticity: PlasticitySpec) -> tuple[list[Matrix], list[Matrix]]:
    """How F_l and G_l, l = 1…L, are held while they learn."""
    ranges, layers = Ranges.of(network, plasticity), range(1, network.depth + 1)

    def held(name: str, pre: int, post: int) -> Matrix:
        unit = learning_unit_exponent(network.sizes[pre], ranges.highs[pre])
        return Matrix.between(name, unit, pre, post, ranges)

    return [held(f"F_{i}", i - 1, i) for i in layers], [held(f"G_{i}", i, i - 1) for i in layers]
