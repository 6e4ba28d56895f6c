"""How activity travels: a graded payload, or W binary spikes that the receiver counts.

A neuron that sends spikes integrates its payload p at every one of W time
steps and fires whenever it has gathered what one spike is worth, w = m · 2^-s
payloads, times W. It starts each message at a phase of its own, so that after
W steps

    regular:     count_i = ⌊p/w + phase_i⌋, phase_i = θ_i/m staggered over the units (golden ratio)
    stochastic:  count ~ Binomial(W, p/(wW)), a draw for every unit and time step

Over the m phases the mean of a regular count is p/w exactly (Hermite's
identity). What a spike is worth is a small mantissa and a shift, so that all
of it is integers: the receiver multiplies its summed current by m.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
WORTH_BITS = 5  # of m: the largest rate is at most 1/16 beyond what was asked for
GOLDEN = 40503  # (√5 − 1)/2 in 1/2^16: phases of neighbours are far apart
GOLDEN_BITS = 16


@dataclass(frozen=True)
class Train:
    """The spike trains of one population.

    Attributes
    ----------
    window : int
        W, time steps.
    mantissa, shift : int
        m and s: one spike is worth m · 2^-s payloads.
    stochastic : bool
        Whether spikes are drawn; regular otherwise.
    """

    window: int
    mantissa: int
    shift: int
    stochastic: bool = False

    @classmethod
    def reaching(cls, payload: float, window: int, *, stochastic: bool = False) -> Train:
        """Trains whose W spikes are worth at least ``payload``: the smallest worth that m and s express."""
        shift = max(0, WORTH_BITS - 1 - math.floor(math.log2(payload / window)))
        mantissa = math.ceil(payload / window * 2.0**shift)
        return cls(window, mantissa, shift, stochastic)

    @property
    def worth(self) -> float:
        """w, payloads."""
        return self.mantissa * 2.0**-self.shift

    def drive(self, payload: Array) -> Array:
        """|p| · 2^s, what a neuron integrates at every time step; clipped at what W spikes hold."""
        return np.minimum(np.abs(payload).astype(np.int64) << self.shift, self.window * self.mantissa)

    def clipped(self, payload: Array) -> int:
        """How many of these payloads W spikes do not hold."""
        return int(np.count_nonzero(np.abs(payload).astype(np.int64) << self.shift > self.window * self.mantissa))

    def counts(self, payload: Array) -> Array:
        """Regular counts of (…, n) payloads, with their sign."""
        theta = phases(payload.shape[-1], self.mantissa)
        return np.sign(payload) * ((self.drive(payload) + theta) // self.mantissa)

    def fires(self, payload: Array, step: int) -> Array:
        """The regular spikes −1, 0 or 1 of (…, n) payloads at time step 0 … W − 1 of a message."""
        theta, drive = phases(payload.shape[-1], self.mantissa) * self.window, self.drive(payload)
        before, after = (theta + drive * k for k in (step, step + 1))
        threshold = self.mantissa * self.window
        return np.sign(payload) * (after // threshold - before // threshold)


def phases(units: int, mantissa: int) -> Array:
    """(units,) int64 in 0 … m − 1: where every unit's integration begins, staggered."""
    fraction = (np.arange(units, dtype=np.int64) * GOLDEN) & ((1 << GOLDEN_BITS) - 1)
    return (fraction * mantissa) >> GOLDEN_BITS
