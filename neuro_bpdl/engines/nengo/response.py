"""Any neuron type of Nengo as an axon: its response curve is measured, and straightened or refused."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import nengo
import numpy as np
from nengo.neurons import NeuronType
from nengo.params import iter_params
from numpy.typing import NDArray

from neuro_bpdl.errors import InvalidInput

Array = NDArray[Any]
CURRENTS, SECONDS, WARM_UP = 400, 2.0, 0.5  # of a measurement
LOWEST = 0.02  # of the range: below it a threshold bends the curve of every spiking neuron
BENT = 0.05  # of the range: a larger deviation from a straight line is refused


@dataclass(frozen=True)
class Response:
    """What a neuron sends on average where it is given an activity.

    Attributes
    ----------
    neuron : NeuronType
        With its output scaled to activities.
    gain, bias : float
        The current for an activity v is gain · v + bias.
    activity, sent : (points,)
        Measured.
    """

    neuron: NeuronType
    gain: float
    bias: float
    activity: Array
    sent: Array

    @property
    def deviation(self) -> float:
        """Largest difference from a straight line, as a share of the range."""
        return float(np.abs(self.sent - self.activity).max() / self.activity[-1])


def measured_axon(
    span: tuple[float, float], neurons: NeuronType, max_rate: float, dt: float
) -> tuple[NeuronType, float, float]:
    """Neuron type, gain and bias of an axon that sends activities in ``span``; arguments and errors as `axons.axon`."""
    low, high = span
    if low < 0 or not np.isfinite(high):
        raise InvalidInput("neurons", type(neurons).__name__, f"activities in a finite range above 0, not {low:g} to "
                           f"{high:g}", "use 'poisson' or 'regular'")  # fmt: skip
    found = measure_response(neurons, high, max_rate, dt)
    if found.deviation > BENT:
        raise InvalidInput(
            "neurons", type(neurons).__name__,
            f"a response within {BENT:.0%} of a straight line (measured: {found.deviation:.0%} off at {max_rate:g} Hz)",
            "use a lower max_rate, a longer membrane time constant, or 'lif'",
        )  # fmt: skip
    return found.neuron, found.gain, found.bias


@lru_cache(maxsize=32)
def measure_response(neurons: NeuronType, high: float, max_rate: float, dt: float) -> Response:
    """Run the neuron at many constant currents; fit the current that an activity needs; run it there.

    Parameters
    ----------
    high : float
        Largest activity.
    max_rate : float
        Output of an activity of 1, before scaling: spikes per second.
    dt : float
        Nengo's time step.

    Raises
    ------
    InvalidInput
        Its output cannot be scaled, or never reaches ``high``.
    """
    scaled = _scaled(neurons, max_rate)
    reach = _current_for(neurons, max_rate * high)
    currents = np.linspace(0.0, 1.5 * reach, CURRENTS)
    sent = np.maximum.accumulate(_means(scaled, currents, dt))
    if sent[-1] < high:
        raise InvalidInput("neurons", type(neurons).__name__, f"an output of {max_rate * high:g} Hz (measured: at most "
                           f"{sent[-1] * max_rate:.3g})", "use a lower max_rate")  # fmt: skip
    rising = np.concatenate(([True], np.diff(sent) > 0))
    activity = np.linspace(LOWEST * high, high, 100)
    gain, bias = np.polyfit(activity, np.interp(activity, sent[rising], currents[rising]), 1)
    found = _means(scaled, gain * activity + bias, dt)
    return Response(scaled, float(gain), float(bias), activity, found)


def _scaled(neurons: NeuronType, max_rate: float) -> NeuronType:
    """The same with an output of 1 where it had ``max_rate``."""
    given = {name: getattr(neurons, name) for name in iter_params(neurons)}
    if "amplitude" not in given:
        raise InvalidInput("neurons", type(neurons).__name__, "a neuron type with an amplitude: its output cannot be "
                           "scaled to activities otherwise", "use 'rate', 'poisson', 'regular' or 'lif'")  # fmt: skip
    return type(neurons)(**{**given, "amplitude": 1.0 / max_rate})


def _current_for(neurons: NeuronType, rate: float) -> float:
    """The constant current that the type itself says is needed."""
    try:
        gain, bias = neurons.gain_bias(np.array([rate]), np.array([0.0]))
    except Exception as error:  # Nengo raises errors of several kinds for a rate beyond the refractory period
        raise InvalidInput("neurons", type(neurons).__name__, f"one that can send {rate:g} Hz ({error})",
                           "use a lower max_rate") from None  # fmt: skip
    return float(gain[0] + bias[0])


def _means(neurons: NeuronType, currents: Array, dt: float) -> Array:
    n = len(currents)
    with nengo.Network(seed=0) as network:
        population = nengo.Ensemble(
            n, 1, neuron_type=neurons, gain=np.ones(n), bias=currents, encoders=np.ones((n, 1)),
            eval_points=np.zeros((1, 1)),
        )  # fmt: skip
        probe = nengo.Probe(population.neurons)
    with np.errstate(all="ignore"):  # Nengo derives intercepts that currents below threshold do not have
        simulator = nengo.Simulator(network, dt=dt, progress_bar=False, optimize=False)
    with simulator:
        simulator.run(SECONDS, progress_bar=False)
    return np.asarray(simulator.data[probe][round(WARM_UP / dt) :].mean(axis=0))
