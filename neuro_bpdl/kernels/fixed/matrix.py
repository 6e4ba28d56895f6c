"""How a plastic matrix is held in 8-bit weights and their tags, and how its currents become payloads."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.description.network import describe
from neuro_bpdl.description.populations import Population, Role
from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.kernels.fixed import curves
from neuro_bpdl.kernels.fixed.trains import Trains, trains_of
from neuro_bpdl.numbers import widths
from neuro_bpdl.numbers.activations import HARDWARE_ACTIVATIONS, transfer
from neuro_bpdl.numbers.literal import Literal, literal, rate_per_literal, smallest_rate
from neuro_bpdl.spec import GRADED, Code, NetworkSpec, PlasticitySpec

Array = NDArray[Any]
LOUDER = 4  # a recognition bias of MNIST wants about -6; with an activity of 1 it could be 2
LOUDEST = 2 * widths.PAYLOAD_MAX
HEADROOM = 2.0  # with noise of half the range, a white pixel is clipped beyond two standard deviations


def highs(network: NetworkSpec, plasticity: PlasticitySpec) -> list[float]:
    """Activity that the largest payload of each layer stands for, a label child behind the top among them.

    Pixels whose noise is not clipped have `HEADROOM` times their range.

    Raises
    ------
    InvalidInput
        An activation without straight pieces, which shifts and additions cannot form.
    """
    found = []
    for layer, population in enumerate(describe(network).populations):
        if population.activation not in HARDWARE_ACTIVATIONS:
            raise InvalidInput(
                f"activation of layer {layer}", population.activation,
                f"{' or '.join(HARDWARE_ACTIVATIONS)} in fixed point", "or use --arithmetic float",
            )  # fmt: skip
        room = 1.0 if plasticity.clips(layer) else HEADROOM
        found.append(room * transfer(population.activation).high)
    return found


@dataclass(frozen=True)
class Ranges:
    """A network with the activity that the largest payload of each of its populations stands for."""

    network: NetworkSpec
    highs: list[float]
    trains: tuple[Trains, ...] | None = None
    paired: bool = False

    @classmethod
    def of(cls, network: NetworkSpec, plasticity: PlasticitySpec, code: Code = GRADED) -> Ranges:
        """See `highs`, and `trains.trains_of` where messages are spikes."""
        high = highs(network, plasticity)
        return cls(network, high, trains_of(network, plasticity, high, code), code.paired)

    @property
    def populations(self) -> tuple[Population, ...]:
        """Those of the network's description."""
        return describe(self.network).populations

    def loud(self, layer: int) -> float:
        """What a layer's always-on unit sends, in payloads."""
        return loud_on(self.highs[layer]) if self.trains is None else self.trains[layer].loud_payload

    def unit_exponent(self, pre: int, post: int) -> int:
        """u of a matrix that learns; what ends on a label population has twice the range, to be sure."""
        labelled = self.populations[post].role in (Role.LABEL, Role.TOLD)
        return learning_unit_exponent(self.populations[pre].size, self.highs[pre]) - labelled

    def extra_shift(self, pre: int, post: int) -> int:
        """Bits between a current in weight units and a payload, beyond the unit's exponent; can be negative."""
        slope = curves.steepest(self.populations[post].activation)
        return slope + round(math.log2(self.highs[post] / self.highs[pre]))


def learning_unit_exponent(fan_in: int, high: float = 1.0) -> int:
    """u of a matrix that learns: weights grow as 1/√fan-in, so four times fewer inputs get twice the range.

    A presynaptic activity that reaches ``high`` needs smaller weights: four
    times the activity gets half the range, and half the smallest learning rate.
    """
    finer = math.floor(math.log2(high) / 2)
    return widths.UNIT_EXPONENT - max(0, math.ceil(math.log2(widths.WIDE_FAN_IN / fan_in) / 2)) + finer


def quiet_on(high: float) -> int:
    """Payload of the bias unit where synapses learn: an activity of 1 in the layer's units."""
    return round(widths.PAYLOAD_MAX / high)


def loud_on(high: float) -> int:
    """Payload of the bias unit in messages: 8 bits of weight hold larger biases, and learn them as much faster.

    At most `LOUDEST`, which two units of the largest payload send together.
    """
    return min(LOUDEST, LOUDER * quiet_on(high))


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
        Counted spikes make A when what they sum to is multiplied by their mantissa.
    spike : float
        Activity that one spike stands for where synapses learn; 0 where payloads are graded.
    activation : str
        Of the postsynaptic compartment.
    paired : bool
        V̇ is told in spikes (`pairs`).
    """

    name: str
    unit_exponent: int
    bias_unit: float
    shift: int
    offset: int
    high_pre: float
    high_post: float
    activation: str
    spike: float = 0.0
    paired: bool = False

    @classmethod
    def between(cls, name: str, unit_exponent: int, pre: int, post: int, ranges: Ranges) -> Matrix:
        """The matrix from layer ``pre`` to layer ``post``."""
        high, activation = ranges.highs, ranges.populations[post].activation
        trains = None if ranges.trains is None else ranges.trains[pre]
        shift = unit_exponent + ranges.extra_shift(pre, post) + (0 if trains is None else trains.state.shift)
        # Half a payload rounds to the nearest; with the 127/2 of a hard sigmoid's φ(0) it makes 64.
        offset = ((curves.origin(activation, high[post]) + 1) << shift) >> 1
        payload = high[pre] / widths.PAYLOAD_MAX
        bias_unit = 2.0**-unit_exponent * ranges.loud(pre) * payload
        spike = 0.0 if trains is None else trains.noisy.worth * payload
        return cls(name, unit_exponent, bias_unit, shift, offset, high[pre], high[post], activation, spike,
                   ranges.paired)  # fmt: skip

    @property
    def limit(self) -> float:
        """Largest weight."""
        return widths.WEIGHT_MAX * 2.0**-self.unit_exponent

    @property
    def net_unit(self) -> float:
        """The net input that a current of 1 stands for."""
        return 2.0**-self.unit_exponent * self.high_pre / widths.PAYLOAD_MAX

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

    def literal(self, rate: float, slope: float = 1.0) -> Literal:
        """The learning rate as this matrix can have it; V̇ that comes times φ′ leaves it ``slope``, φ′'s largest."""
        return literal(self.name, rate, **self._scales(slope))

    def smallest_rate(self, slope: float = 1.0) -> float:
        """The smallest learning rate that a literal gives it."""
        return smallest_rate(**self._scales(slope))

    def rate_per_literal(self, slope: float = 1.0) -> float:
        """The learning rate that the literal 1 gives it."""
        return rate_per_literal(**self._scales(slope))

    def _scales(self, slope: float) -> dict[str, Any]:
        return {"unit_exponent": self.unit_exponent, "high_pre": self.high_pre, "high_post": self.high_post,
                "slope": slope, "spike": self.spike, "paired": self.paired}  # fmt: skip


def learning_matrices(
    network: NetworkSpec, plasticity: PlasticitySpec, code: Code = GRADED
) -> tuple[list[Matrix], list[Matrix]]:
    """How F_l and G_l, l = 1…L, are held while they learn."""
    ranges, layers = Ranges.of(network, plasticity, code), range(1, network.depth + 1)

    def held(name: str, pre: int, post: int) -> Matrix:
        unit = ranges.unit_exponent(pre, post)
        return Matrix.between(name, unit, pre, post, ranges)

    return [held(f"F_{i}", i - 1, i) for i in layers], [held(f"G_{i}", i, i - 1) for i in layers]


def slopes(network: NetworkSpec, plasticity: PlasticitySpec) -> list[float]:
    """Largest φ′ of the layer whose V̇ F_1 … F_L and G_1 … G_L learn from, where that comes times φ′; else 1.

    It is the layer that the matrix ends on. Where labels teach, V̇ of hidden
    layers comes times φ′, and G_l learns from that of layer l as F_l does; G_1 is not taught.
    """
    steepest = [2.0 ** -curves.steepest(name) for name in network.activations]
    if network.labels is not None:
        hidden = steepest[1:-1]
        return [*hidden, 1.0, 1.0, *hidden[1:], 1.0]
    return [*steepest[1:], *steepest[:-1]] if plasticity.derivative else [1.0] * (2 * network.depth)
