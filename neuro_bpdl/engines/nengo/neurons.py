"""Neuron types that Nengo does not have: graded compartments and an integrating soma.

Rates are in units of the network's activity, not in Hz: a compartment's output
is a dendritic potential. What travels between layers is made by the axons.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from nengo.builder.builder import Builder
from nengo.builder.operator import Operator
from nengo.builder.signal import Signal
from nengo.neurons import NeuronType, Sigmoid, Tanh
from nengo.params import NumberParam
from numpy.typing import NDArray

from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.numbers.activations import RELU_CEILING, pieces_of, transfer

Array = NDArray[Any]


class Graded(NeuronType):
    """A stateless rate neuron without a firing threshold: output = response(J)."""

    negative = False
    spiking = False

    def response(self, J: Array) -> Array:
        """The output for a current J, elementwise."""
        raise NotImplementedError

    def step(self, dt: float, J: Array, output: Array) -> None:
        output[...] = self.response(J)

    def max_rates_intercepts(self, gain: Array, bias: Array) -> tuple[Array, Array]:
        """Output at x = 1 and the x where the current is 0 (Nengo's summary of a response curve)."""
        return self.response(gain + bias), -bias / gain


class HardSigmoid(Graded):
    """clip(J/4 + 1/2, 0, 1)."""

    def response(self, J: Array) -> Array:
        return np.minimum(np.maximum(0.5 + J / 4.0, 0.0), 1.0)


class Softplus(Graded):
    """log(1 + exp J)."""

    def response(self, J: Array) -> Array:
        return np.logaddexp(0.0, J)


class ClippedRectifier(Graded):
    """J between 0 and `RELU_CEILING`."""

    def response(self, J: Array) -> Array:
        return np.minimum(np.maximum(J, 0.0), RELU_CEILING)


class PwlSigmoid(Graded):
    """The PLAN approximation of the logistic function, in straight pieces."""

    def response(self, J: Array) -> Array:
        return pieces_of("pwl-sigmoid").value(J)


class PwlSoftplus(Graded):
    """Softplus in straight pieces, up to its ceiling."""

    def response(self, J: Array) -> Array:
        return pieces_of("pwl-softplus").value(J)


class Identity(Graded):
    """J between ``low`` and ``high``, times ``scale``: an axon that sends its soma's value as a rate."""

    low = NumberParam("low")
    high = NumberParam("high")
    scale = NumberParam("scale", low=0, low_open=True)

    def __init__(self, low: float, high: float, scale: float = 1.0) -> None:
        super().__init__()
        self.low, self.high, self.scale = low, high, scale
        self.negative = low < 0

    def response(self, J: Array) -> Array:
        return self.scale * np.minimum(np.maximum(J, self.low), self.high)


class Soma(NeuronType):
    """A membrane that integrates, τ dV/dt = J, between ``low`` and ``high``; its output is V.

    Built with an operator of its own: the new V appears at the *end* of a time
    step, which makes the soma the one place where a loop of the network closes.
    """

    negative = True
    spiking = False
    tau = NumberParam("tau", low=0, low_open=True)
    low = NumberParam("low")
    high = NumberParam("high")

    def __init__(self, tau: float, low: float, high: float) -> None:
        super().__init__()
        self.tau, self.low, self.high = tau, low, high

    def max_rates_intercepts(self, gain: Array, bias: Array) -> tuple[Array, Array]:
        """An integrator has no response curve; Nengo only records these."""
        return np.full_like(gain, self.high), np.zeros_like(gain)


class SimSoma(Operator):
    """V ← clip(V + (dt/τ) J).

    Notes
    -----
    1. sets ``[]``
    2. incs ``[]``
    3. reads ``[J]``
    4. updates ``[voltage]``
    """

    def __init__(self, neurons: Soma, J: Signal, voltage: Signal) -> None:
        super().__init__(tag="soma")
        self.neurons = neurons
        self.sets: list[Signal] = []
        self.incs: list[Signal] = []
        self.reads, self.updates = [J], [voltage]

    def make_step(self, signals: Any, dt: float, rng: np.random.RandomState) -> Any:
        J, voltage = signals[self.reads[0]], signals[self.updates[0]]
        soma = self.neurons
        step_size = dt / soma.tau

        def integrate() -> None:
            voltage[...] += step_size * J
            np.clip(voltage, soma.low, soma.high, out=voltage)

        return integrate


@Builder.register(Soma)
def build_soma(model: Any, soma: Soma, neurons: Any) -> None:
    """Let the membrane potential itself be the population's output signal."""
    model.add_op(SimSoma(soma, model.sig[neurons]["in"], model.sig[neurons]["out"]))


_COMPARTMENTS = {
    "hard-sigmoid": HardSigmoid,
    "sigmoid": lambda: Sigmoid(tau_ref=1.0),
    "softplus": Softplus,
    "tanh": lambda: Tanh(tau_ref=1.0),
    "clipped-relu": ClippedRectifier,
    "pwl-sigmoid": PwlSigmoid,
    "pwl-softplus": PwlSoftplus,
}


def compartment(activation: str) -> NeuronType:
    """The neuron type of a dendritic compartment.

    Raises
    ------
    InvalidInput
        No neuron type computes this activation.
    """
    if activation not in _COMPARTMENTS:
        raise InvalidInput("activation", activation, ", ".join(_COMPARTMENTS))
    return _COMPARTMENTS[activation]()


def activity_range(activation: str) -> tuple[float, float]:
    """Lowest and highest activity of a population with this activation."""
    curve = transfer(activation)
    return curve.low, curve.high
