"""How a population's value travels: as a rate, as spikes, or as what any other neuron type sends."""

from __future__ import annotations

from typing import Any

import numpy as np
from nengo.neurons import LIF, NeuronType, PoissonSpiking, RegularSpiking
from numpy.typing import NDArray

from neuro_bpdl.engines.nengo.neurons import Identity
from neuro_bpdl.engines.nengo.response import measured_axon
from neuro_bpdl.errors import InvalidInput

Array = NDArray[Any]
NEURONS = ("rate", "poisson", "regular", "lif")
MEMBRANE = 0.1
"""Membrane time constant of the LIF axons in seconds: long, for a straight response curve."""
LONGEST_STEP = 0.2
"""Most spikes of a LIF axon per time step: more, and the refractory step bends its response curve."""


def axon(
    span: tuple[float, float], neurons: str | NeuronType, max_rate: float, dt: float
) -> tuple[NeuronType, float, float]:
    """Neuron type, gain and bias of an axon whose mean output is the activity it is given.

    A spike has the area 1/``max_rate``, so that ``max_rate`` spikes per second
    mean an activity of 1; spikes of a negative activity have the other sign.

    Parameters
    ----------
    span : lowest and highest activity that the axon sends

    Raises
    ------
    InvalidInput
        Unknown ``neurons``, or LIF axons for an activity that can be negative
        or has no upper limit, or a neuron type whose measured response is no straight line.
    """
    if isinstance(neurons, NeuronType):
        return measured_axon(span, neurons, max_rate, dt)
    if neurons not in NEURONS:
        raise InvalidInput("neurons", neurons, ", ".join(NEURONS))
    low, high = span
    if neurons == "rate":
        return Identity(low, high), 1.0, 0.0
    if neurons == "lif":
        return _lif(low, high, max_rate, dt)
    wrapper = PoissonSpiking if neurons == "poisson" else RegularSpiking
    return wrapper(Identity(low, high, max_rate), amplitude=1.0 / max_rate), 1.0, 0.0


def _lif(low: float, high: float, max_rate: float, dt: float) -> tuple[NeuronType, float, float]:
    """LIF neurons, gain and bias for ``max_rate`` · v spikes per second.

    The refractory period is one time step: Nengo's LIF loses the rest of the
    step after a spike when it is shorter.
    """
    if low < 0 or not np.isfinite(high):
        raise InvalidInput("neurons", "lif", f"activities in a finite range above 0, not {low:g} to {high:g}",
                           "use poisson or regular")  # fmt: skip
    if max_rate * high * dt > LONGEST_STEP:
        raise InvalidInput("dt", dt, f"at most {LONGEST_STEP / (max_rate * high):g} s for LIF axons of "
                           f"{max_rate * high:g} spikes per second", "use a smaller dt or max_rate")  # fmt: skip
    gain, bias = invert_lif(max_rate, high, dt)
    return LIF(tau_rc=MEMBRANE, tau_ref=dt, amplitude=1.0 / max_rate), gain, bias


def invert_lif(max_rate: float, high: float, refractory: float) -> tuple[float, float]:
    """Least-squares line J = gain · v + bias through the inverse of the LIF response curve.

    A LIF neuron fires r spikes per second at J(r) = 1/(1 − exp(−(1/r − τ_ref)/τ_RC)):
    nearly a straight line while r τ_ref is small and r τ_RC large. v runs over
    the upper 98 % of its range, since below it the threshold bends the curve.
    """
    v = np.linspace(0.02 * high, high, 200)
    J = 1.0 / -np.expm1(-(1.0 / (max_rate * v) - refractory) / MEMBRANE)
    gain, bias = np.polyfit(v, J, 1)
    return float(gain), float(bias)
