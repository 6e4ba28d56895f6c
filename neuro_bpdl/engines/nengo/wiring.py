"""Adding populations, synapses and membranes to one Nengo network: what every part of the network is made with."""

from __future__ import annotations

from typing import Any

import nengo
import numpy as np
from nengo.neurons import NeuronType
from numpy.typing import NDArray

from neuro_bpdl.engines.nengo.axons import axon
from neuro_bpdl.engines.nengo.neurons import Identity, Soma, activity_range
from neuro_bpdl.engines.nengo.plasticity import VoltageSwing
from neuro_bpdl.engines.nengo.replicas import Replicated
from neuro_bpdl.engines.nengo.stage import Stage
from neuro_bpdl.numbers.activations import transfer
from neuro_bpdl.parameters import Parameters
from neuro_bpdl.spec import PlasticitySpec

Array = NDArray[Any]


class Wiring:
    """Adds populations and connections to one network."""

    def __init__(
        self,
        params: Parameters,
        stage: Stage,
        plasticity: PlasticitySpec | None,
        *,
        replicas: int,
        neurons: str | NeuronType,
        max_rate: float,
    ) -> None:
        self.params, self.stage, self.plasticity = params, stage, plasticity
        self.replicas, self.neurons, self.max_rate = replicas, neurons, max_rate
        self.activations = params.network.activations
        self.synapse = None if stage.timing.synapse is None else nengo.Lowpass(stage.timing.synapse)

    def size(self, layer: int) -> int:
        return self.replicas * self.params.network.sizes[layer]

    def population(self, layer: int, neuron: Any, name: str, gain: float = 1.0, bias: float = 0.0) -> Any:
        n = self.size(layer)
        return nengo.Ensemble(
            n, 1, neuron_type=neuron, gain=np.full(n, gain), bias=np.full(n, bias),
            encoders=np.ones((n, 1)), eval_points=np.zeros((1, 1)), label=f"{name} {layer}",
        )  # fmt: skip

    def soma(self, layer: int, tau: float, name: str) -> Any:
        return self.population(layer, Soma(tau, *activity_range(self.activations[layer])), name)

    def axon(self, layer: int, source: Any, name: str, *, open_ended: bool = False) -> Any:
        """What sends a population's value; ``open_ended``, one outside the range of its activity too."""
        span = activity_range(self.activations[layer])
        if open_ended or (self.plasticity is not None and not self.plasticity.clips(layer)):
            span = (-np.inf, np.inf)
        neuron, gain, bias = axon(span, self.neurons, self.max_rate, self.stage.timing.dt)
        sender = self.population(layer, neuron, name, gain, bias)
        nengo.Connection(source.neurons, sender.neurons, synapse=None)
        return sender

    def rule(self, pre: int, post: int, rate: float, synapse: Any) -> VoltageSwing | None:
        if self.plasticity is None:
            return None
        low = -np.inf if self.plasticity.clips(pre) else activity_range(self.activations[pre])[0]
        return VoltageSwing(rate, self.size(post), synapse, low)

    def synapses(
        self, sender: Any, receiver: Any, weights: Array, bias: Array, *, pre: int, post: int, rate: float, name: str
    ) -> tuple[Any, Any]:
        """Weights and, as one always-on presynaptic unit, biases; both plastic in a network that learns."""
        matrix = nengo.Connection(
            sender.neurons, receiver.neurons, transform=Replicated(weights, self.replicas), synapse=self.synapse,
            learning_rule_type=self.rule(pre, post, rate, self.synapse), label=name,
        )  # fmt: skip
        unit = nengo.Ensemble(
            self.replicas, 1, neuron_type=Identity(0.0, 1.0), gain=np.ones(self.replicas), bias=np.ones(self.replicas),
            encoders=np.ones((self.replicas, 1)), eval_points=np.zeros((1, 1)), label="always on",
        )  # fmt: skip
        always = nengo.Connection(
            unit.neurons, receiver.neurons, transform=Replicated(bias[:, None], self.replicas), synapse=None,
            learning_rule_type=self.rule(pre, post, rate, None), label=f"bias of {name}",
        )  # fmt: skip
        return matrix, always

    def current(self, function: Any, sources: list[Any], target: Any, size: int) -> None:
        """A node that turns the potentials of ``sources`` into the current of ``target``."""
        node = nengo.Node(function, size_in=len(sources) * size, size_out=size, label=f"current of {target.label}")
        for i, source in enumerate(sources):
            nengo.Connection(getattr(source, "neurons", source), node[i * size : (i + 1) * size], synapse=None)
        nengo.Connection(node, target.neurons, synapse=None)

    def membrane(self, layer: int, prediction: Any, soma: Any, connections: tuple[Any, ...], name: str) -> Any:
        """The potential that the synapses of a compartment see, and its gate: φ′ where the rule has it."""
        membrane = self.soma(layer, self.stage.timing.swing_tau, name)
        size = self.size(layer)
        self.current(self.stage.membrane_current(size), [membrane, prediction, soma], membrane, size)
        exact = self.plasticity is not None and self.plasticity.derivative
        slope = transfer(self.activations[layer]).slope if exact else np.ones_like
        self.learn_from(membrane, self.stage.gate(slope, size), prediction, connections)
        return membrane

    def learn_from(self, membrane: Any, gate: Any, prediction: Any, connections: tuple[Any, ...]) -> None:
        """Let synapses see a membrane's potential, and the gate that a function makes of a prediction."""
        size = membrane.n_neurons
        node = nengo.Node(gate, size_in=size, size_out=size, label="gate")
        nengo.Connection(prediction.neurons, node, synapse=None)
        for connection in connections:
            nengo.Connection(membrane.neurons, connection.learning_rule[:size], synapse=None)
            nengo.Connection(node, connection.learning_rule[size:], synapse=None)
