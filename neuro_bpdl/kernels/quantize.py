"""From float parameters and settings to the integers of the fixed-point network, and back."""

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
from neuro_bpdl.parameters import Parameters
from neuro_bpdl.spec import InferenceSpec, NetworkSpec, PlasticitySpec

Array = NDArray[Any]
HEADROOM = 2.0  # with noise of half the range, a white pixel is clipped beyond two standard deviations


@dataclass(frozen=True)
class Step:
    """δ or α as mantissa · 2^-shift."""

    mantissa: int
    shift: int

    @property
    def value(self) -> float:
        """What the integers stand for."""
        return self.mantissa * 2.0**-self.shift

    @property
    def pair(self) -> tuple[int, int]:
        """(mantissa, shift)."""
        return self.mantissa, self.shift


def quantized_step(name: str, value: float) -> Step:
    """The nearest mantissa · 2^-shift with a mantissa of at most 4 bits.

    Raises
    ------
    InvalidInput
        A positive ``value`` that moves a soma by less than half its last bit
        when the difference is one payload.
    """
    if value == 0:
        return Step(0, 0)
    smallest = 2.0**-widths.SOMA_FRACTION_BITS
    if value < smallest / 2:
        raise InvalidInput(name, value, f"0 or at least {smallest:.3g} in fixed point", f"use {smallest:.3g} or 0")
    steps = [
        Step(mantissa, shift)
        for shift in range(widths.STEP_SHIFT_MAX + 1)
        for mantissa in range(1, 2**widths.STEP_MANTISSA_BITS)
    ]
    return min(steps, key=lambda step: (abs(step.value - value), step.mantissa))


def check_soma_width(delta: float, alpha: float, fraction_bits: int = widths.SOMA_FRACTION_BITS) -> None:
    """Refuse settings under which h + δ(p − q) + α(r − h) needs more than the soma's 24 bits.

    Raises
    ------
    InvalidInput
    """
    limit = 2 ** (widths.SOMA_BITS - 1) - 1
    reach = (widths.PAYLOAD_MAX << fraction_bits) * (1 + delta + alpha)
    if reach > limit:
        fits = fraction_bits
        while (widths.PAYLOAD_MAX << fits) * (1 + delta + alpha) > limit:
            fits -= 1
        raise InvalidInput(
            "soma state", f"{reach:.0f}", f"at most {limit} ({widths.SOMA_BITS} bits)", f"use {fits} fraction bits"
        )


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


@dataclass(frozen=True)
class Scheme:
    """Everything that turns a network into integers.

    Attributes
    ----------
    up, down : tuples of Matrix
        F_l and G_l, l = 1…L.
    delta : Step
    alpha : tuple of Step
        One per layer, l = 1…L; 0 at the top.
    up_literals, down_literals : tuples of Literal
        Empty for a network that does not learn.
    """

    up: tuple[Matrix, ...]
    down: tuple[Matrix, ...]
    delta: Step
    alpha: tuple[Step, ...]
    up_literals: tuple[Literal, ...] = ()
    down_literals: tuple[Literal, ...] = ()

    def describe(self) -> list[str]:
        """One line per matrix and setting: what was asked for and what the chip has."""
        alphas = dict.fromkeys(f"{alpha.value:.5g}" for alpha in self.alpha[:-1])
        lines = [f"delta {self.delta.value:.5g}, alpha {', '.join(alphas) or 0}"]
        for matrix, rule in zip(
            (*self.up, *self.down), (*self.up_literals, *self.down_literals), strict=False
        ):
            lines.append(f"{matrix.name}: weight unit 2^-{matrix.unit_exponent}, {rule}")
        return lines


def scheme(params: Parameters, inference: InferenceSpec, plasticity: PlasticitySpec, *, learns: bool) -> Scheme:
    """The integers for ``params`` and settings.

    A matrix that learns has the unit of its fan-in, so that a run and its
    continuation have the same. One that does not takes a coarser unit when its
    weights need it.

    Raises
    ------
    InvalidInput
        An activation without a hardware form; a weight, a learning rate, δ or
        α that does not fit.
    """
    check_soma_width(inference.delta, max(inference.alphas(params.network.depth)))
    depth, ranges = params.network.depth, Ranges.of(params.network, plasticity)
    up = tuple(_matrix(f"F_{i + 1}", i, i + 1, ranges, params.F[i], params.b[i], learns=learns) for i in range(depth))
    down = tuple(_matrix(f"G_{i + 1}", i + 1, i, ranges, params.G[i], params.c[i], learns=learns) for i in range(depth))
    delta = quantized_step("inference.delta", inference.delta)
    alpha = tuple(quantized_step("inference.alpha", value) for value in inference.alphas(depth))
    if not learns:
        return Scheme(up, down, delta, alpha)
    rates = zip((*up, *down), (*plasticity.rates_up(depth), *plasticity.rates_down(depth)), strict=True)
    literals = tuple(matrix.literal(rate, derivative=plasticity.derivative) for matrix, rate in rates)
    return Scheme(up, down, delta, alpha, literals[:depth], literals[depth:])


def saturate(params: Parameters, plasticity: PlasticitySpec) -> None:
    """Clip weights and biases to what the matrices of a learning network hold. In place."""
    up, down = learning_matrices(params.network, plasticity)
    for matrices, weights, biases in ((up, params.F, params.b), (down, params.G, params.c)):
        for matrix, weight, bias in zip(matrices, weights, biases, strict=True):
            for array, limit in ((weight, matrix.limit), (bias, widths.WEIGHT_MAX * matrix.bias_unit)):
                np.clip(array, -limit, limit, out=array)


def reachable(network: NetworkSpec, plasticity: PlasticitySpec) -> PlasticitySpec:
    """The same with the smallest learning rate that a literal gives wherever one is smaller than that."""
    up, down = (
        [matrix.smallest_rate(derivative=plasticity.derivative) for matrix in matrices]
        for matrices in learning_matrices(network, plasticity)
    )
    depth = network.depth
    return plasticity.model_copy(update={
        "feedforward_rate": tuple(np.maximum(plasticity.rates_up(depth), up).tolist()),
        "learning_rate": tuple(np.maximum(plasticity.rates_down(depth), down).tolist()),
    })  # fmt: skip


def learning_matrices(network: NetworkSpec, plasticity: PlasticitySpec) -> tuple[list[Matrix], list[Matrix]]:
    """How F_l and G_l, l = 1…L, are held while they learn."""
    ranges, layers = Ranges.of(network, plasticity), range(1, network.depth + 1)

    def held(name: str, pre: int, post: int) -> Matrix:
        unit = learning_unit_exponent(network.sizes[pre], ranges.highs[pre])
        return Matrix.between(name, unit, pre, post, ranges)

    return [held(f"F_{i}", i - 1, i) for i in layers], [held(f"G_{i}", i, i - 1) for i in layers]


def _matrix(
    name: str, pre: int, post: int, ranges: Ranges, weights: Array, bias: Array, *, learns: bool
) -> Matrix:
    finest = learning_unit_exponent(ranges.network.sizes[pre], ranges.highs[pre])
    coarsest = max(0, -ranges.extra_shift(pre, post))
    candidates = [Matrix.between(name, u, pre, post, ranges) for u in range(finest, coarsest - 1, -1)]
    for matrix in candidates[:1] if learns else candidates:
        if matrix.fits(weights, bias):
            return matrix
    largest, held = float(max(np.abs(weights).max(), np.abs(bias).max())), candidates[0 if learns else -1]
    raise InvalidInput(
        f"weights of {name} (layer {post})", f"{largest:.4g}",
        f"at most {held.limit:.4g} (8 bits of 2^-{held.unit_exponent}) in fixed point",
        f"scale them by {held.limit / largest:.3g} or use --arithmetic float",
    )
