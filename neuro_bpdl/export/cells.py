"""A unit as several neurons that fire or do not: what readers of NIR have who know no Threshold node.

- ``lif``: one memoryless neuron (LIF with τ = Δt, so that a time step forgets the one before) for each step of a
  staircase. How a reader resets it does not matter, one time step is enough, and rates stay within half a step.
- ``if``: one integrate-and-fire neuron for each straight piece of the curve. Its spike count over T steps is the
  piece's share, within 1/T and what spikes that arrive unevenly cost. Needs a reader that resets by subtraction and
  fires at most once a time step.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.export.chains import Chain, RateMap
from neuro_bpdl.numbers.activations import HARDWARE_ACTIVATIONS, pieces_of

Array = NDArray[Any]
Neurons = Literal["threshold", "lif", "if"]
DT = 1e-4  # s; snnTorch's reader has no other
THRESHOLD = 1.0


@dataclass(frozen=True)
class Cells:
    """K neurons for each unit: fires where gain · z + shift exceeds `THRESHOLD`; a spike is worth ``height``.

    Attributes
    ----------
    gain, shift, height : (K,)
    low : float
        The rate when none fires.
    """

    gain: Array
    shift: Array
    height: Array
    low: float

    def weights(self, weight: Array, bias: Array) -> tuple[Array, Array]:
        """(K n, pre) and (K n,): what drives all first neurons of the units, then all second ones."""
        driven = self.gain[:, None] * bias + self.shift[:, None]
        return np.vstack([gain * weight for gain in self.gain]), driven.ravel()

    def summed(self, n: int) -> Array:
        """(n, K n): from spikes to rates above ``low``."""
        return np.hstack([height * np.eye(n) for height in self.height])


def cells_of(each: RateMap, neurons: Neurons) -> Cells:
    """The neurons of a map's units.

    Raises
    ------
    InvalidInput
        ``if`` with a curve that has no straight pieces.
    """
    if neurons == "lif":
        return _memoryless(each)
    if each.activation not in HARDWARE_ACTIVATIONS:
        raise InvalidInput("activation", each.activation, f"{' or '.join(HARDWARE_ACTIVATIONS)} with neurons 'if'",
                           "use neurons 'lif'")  # fmt: skip
    pieces = pieces_of(each.activation)
    knots = np.array([*pieces.knots, pieces.end])
    gain = 1 / np.diff(knots)
    return Cells(gain, -gain * knots[:-1], np.diff([*pieces.starts, pieces.high]), 0.0)


def _memoryless(each: RateMap) -> Cells:
    """One for each step; driven between 0 and twice the threshold, where no reader makes two spikes of it."""
    thresholds, levels = each.stairs.thresholds, len(each.stairs.thresholds)
    high = np.abs(each.weight).sum(axis=1) * each.high_pre + np.abs(each.bias)
    gain = 0.99 * THRESHOLD / float(high.max() + np.abs(thresholds).max())
    ones = np.ones(levels)
    return Cells(gain * ones, THRESHOLD - gain * thresholds, each.stairs.step * ones, each.stairs.low)


def with_cells(chain: Chain, neurons: Neurons) -> Chain:
    """The chain with several neurons for every unit; as it is for ``threshold``."""
    if neurons == "threshold":
        return chain
    maps = []
    for each in chain.maps:
        cells = cells_of(each, neurons)
        weight, bias = cells.weights(each.weight, each.bias)
        maps.append(replace(each, weight=weight, bias=bias, cells=cells))
    return replace(chain, maps=tuple(maps))


def neuron_node(neurons: Neurons, n: int) -> Any:
    """NIR's node of ``n`` such neurons, with its reset potential."""
    import nir

    threshold, zero, one = np.full(n, THRESHOLD), np.zeros(n), np.ones(n)
    if neurons == "if":
        return nir.IF(r=one, v_threshold=threshold, v_reset=zero)
    return nir.LIF(tau=np.full(n, DT), r=one, v_leak=zero, v_threshold=threshold, v_reset=zero)
