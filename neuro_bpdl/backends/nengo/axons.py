"""How a population's value travels: as a rate, or as the spikes of one of three neurons."""

from __future__ import annotations

from typing import Any

import numpy as np
from nengo.neurons import LIF, NeuronType, PoissonSpiking, RegularSpiking
from numpy.typing import NDArray

from neuro_bpdl.backends.nengo.neurons import Identity, activity_range
from neuro_bpdl.errors import InvalidInput

Array = NDArray[Any]
NEURONS = ("rate", "poisson", "regular", "lif")
MEMBRANE = 0.1
"""Membrane time constant of the LIF axons in seconds: long, for a straight response curve."""


def axon(activation: str, neurons: str, max_rate: float) -> tuple[NeuronType, float, float]:
    """Neuron type, gain and bias of an axon whose mean output is the activity it is given.

    A spike has the area 1/``max_rate``, so that ``max_rate`` spikes per second
    mean an activity of 1.

    Raises
    ------
    InvalidInput
        Unknown ``neurons``, or LIF axons for an activity that can be negative
        or has no upper limit.
    """
    if neurons not in NEURONS:
        raise InvalidInput("neurons", neurons, ", ".join(NEURONS))
    low, high = activity_range(activation)
    if neurons == "rate":
        return Identity(low, high), 1.0, 0.0
    if neurons == "lif":
        return _lif(activation, low, high, max_rate)
    wrapper = PoissonSpiking if neurons == "poisson" else RegularSpiking
    return wrapper(Identity(low, high, max_rate), amplitude=1.0 / max_rate), 1.0, 0.0


def _lif(activation: str, low: float, high: float, max_rate: float) -> tuple[NeuronType, float, float]:
    """Gain and bias of LIF neurons that turn activity v into ``max_rate`` · v spikes per second."""
    if low < 0 or not np.isfinite(high):
        raise InvalidInput("neurons", "lif", f"an activity in a finite range above 0; {activation} has none",
                           "use poisson or regular")  # fmt: skip
    neuron = LIF(tau_rc=MEMBRANE, tau_ref=0.0, amplitude=1.0 / max_rate)
    gain, bias = invert_lif(max_rate, high)
    return neuron, gain, bias


def invert_lif(max_rate: float, high: float, membrane: float = MEMBRANE) -> tuple[float, float]:
    """Least-squares line J = gain · v + bias through the inverse of the LIF response curve.

    Without a refractory period a LIF neuron fires r spikes per second at
    J(r) = 1/(1 − exp(−1/(r τ_RC))), nearly a straight line; v runs over the
    upper 98 % of its range, since below it the threshold bends the curve.
    """
    v = np.linspace(0.02 * high, high, 200)
    J = 1.0 / -np.expm1(-1.0 / (max_rate * v * membrane))
    gain, bias = np.polyfit(v, J, 1)
    return float(gain), float(bias)
