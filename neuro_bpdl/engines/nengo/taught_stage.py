"""What is on stage while a network with labels is taught: the nudge, and what its axons send while synapses learn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.engines.nengo.stage import Phase, Stage

Array = NDArray[Any]
Slope = Callable[[Array], Array]


@dataclass
class TaughtStage(Stage):
    """As `Stage`; ``top`` is the label, or None where the top is free to answer, and ``beta`` the nudge β."""

    beta: float = 1.0

    def top_current(self, size: int) -> Callable[[float, Array], Array]:
        """Node function from [soma, basal] to the current of the top somas: clamped at the label, else they answer."""

        def current(_: float, x: Array) -> Array:
            h, p = x[:size], x[size:]
            if self.phase is Phase.SETTLE:
                return self.pull * ((p if self.top is None else self.top) - h)
            return np.zeros(size)

        return current

    def taught_current(self, size: int) -> Callable[[float, Array], Array]:
        """Node function from [soma, basal, apical, its echo] to the current of a hidden layer's somas."""

        def current(_: float, x: Array) -> Array:
            h, p, r, s = np.split(x, 4)
            if self.phase is Phase.SETTLE:
                return self.pull * (p - h)
            if self.phase is Phase.TEACH:
                return self.beta * (r - s)
            return np.zeros(size)

        return current

    def basal_current(self, size: int) -> Callable[[float, Array], Array]:
        """Node function from [membrane, prediction, soma]: the membrane waits at the prediction, until it swings."""

        def current(_: float, x: Array) -> Array:
            v, prediction, h = x[:size], x[size : 2 * size], x[2 * size :]
            if self.phase in (Phase.TEACH, Phase.RISE, Phase.FALL):
                return np.zeros(size)
            return (h if self.phase is Phase.SWING else prediction) - v

        return current

    def apical_current(self, size: int) -> Callable[[float, Array], Array]:
        """Node function from [membrane, basal prediction]: from rest up to what was predicted, and back to rest."""
        held = np.zeros(size)

        def current(_: float, x: Array) -> Array:
            v, prediction = x[:size], x[size:]
            if self.phase is Phase.PREDICT:
                held[...] = prediction
            return (held if self.phase is Phase.RISE else 0.0) - v

        return current

    def apical_gate(self, size: int) -> Callable[[float, Array], Array]:
        """Node function: open while apical membranes rise and fall."""
        opened, closed = np.ones(size), np.zeros(size)

        def gate(_: float, prediction: Array) -> Array:
            return opened if self.phase in (Phase.RISE, Phase.FALL) else closed

        return gate

    def message(self, slope: Slope, size: int) -> Callable[[float, Array], Array]:
        """Node function from [soma, prediction] to what axons send besides the soma's value.

        While basal membranes swing they send p_l instead, then V̇⁺ and V̇⁻ with
        V̇ = ``slope``(p_l) (h_l − p_l).
        """
        held = np.zeros(size)

        def extra(_: float, x: Array) -> Array:
            h, prediction = x[:size], x[size:]
            if self.phase is Phase.PREDICT:
                held[...] = prediction
            if self.phase is Phase.SWING:
                return held - h
            if self.phase in (Phase.RISE, Phase.FALL):
                swing = slope(held) * (h - held)
                return np.maximum(swing if self.phase is Phase.RISE else -swing, 0) - h
            return np.zeros(size)

        return extra
