"""The network as a `nengo.Network`: three compartments and an axon per neuron, F and G between them.

Layer l has a soma (h_l), a basal compartment (f_l), an echo of it (f_l of the
reconstruction g_l(h_l), through the same synapses), an apical compartment
(g_{l+1}) and axons, which send h_l or the reconstruction as rates or spikes.
Every population holds ``replicas`` copies, one per image.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import nengo
import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.activations import transfer
from neuro_bpdl.backends.nengo.axons import axon
from neuro_bpdl.backends.nengo.neurons import Identity, Soma, activity_range, compartment
from neuro_bpdl.backends.nengo.plasticity import VoltageSwing
from neuro_bpdl.backends.nengo.replicas import Replicated, SameSynapses
from neuro_bpdl.backends.nengo.stage import Stage
from neuro_bpdl.backends.nengo.timing import MAX_RATE
from neuro_bpdl.parameters import Parameters
from neuro_bpdl.spec import PlasticitySpec

Array = NDArray[Any]


@dataclass
class Populations:
    """The network and its parts; dictionaries count layers as the paper does.

    Attributes
    ----------
    soma, axon, apical, basal, echo, echo_axon : dict of layer → nengo.Ensemble
    up, up_bias, down, down_bias : dict of l = 1…L → nengo.Connection
        F_l, b_l, G_l, c_{l−1}.
    basal_membrane, apical_membrane : dict of layer → nengo.Ensemble
        Only in a network that learns.
    """

    network: nengo.Network
    replicas: int
    soma: dict[int, Any] = field(default_factory=dict)
    axon: dict[int, Any] = field(default_factory=dict)
    apical: dict[int, Any] = field(default_factory=dict)
    basal: dict[int, Any] = field(default_factory=dict)
    echo: dict[int, Any] = field(default_factory=dict)
    echo_axon: dict[int, Any] = field(default_factory=dict)
    up: dict[int, Any] = field(default_factory=dict)
    up_bias: dict[int, Any] = field(default_factory=dict)
    down: dict[int, Any] = field(default_factory=dict)
    down_bias: dict[int, Any] = field(default_factory=dict)
    basal_membrane: dict[int, Any] = field(default_factory=dict)
    apical_membrane: dict[int, Any] = field(default_factory=dict)


class _Wiring:
    """Adds populations and connections to one network."""

    def __init__(
        self,
        params: Parameters,
        stage: Stage,
        plasticity: PlasticitySpec | None,
        *,
        replicas: int,
        neurons: str,
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

    def axon(self, layer: int, source: Any, name: str) -> Any:
        span = activity_range(self.activations[layer])
        if self.plasticity is not None and not self.plasticity.clips(layer):
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
        self, sender: Any, receiver: Any, weights: Array, bias: Array, *, pre: int, post: int, rate: float
    ) -> tuple[Any, Any]:
        """Weights and, as one always-on presynaptic unit, biases; both plastic in a network that learns."""
        matrix = nengo.Connection(
            sender.neurons, receiver.neurons, transform=Replicated(weights, self.replicas), synapse=self.synapse,
            learning_rule_type=self.rule(pre, post, rate, self.synapse),
        )  # fmt: skip
        unit = nengo.Ensemble(
            self.replicas, 1, neuron_type=Identity(0.0, 1.0), gain=np.ones(self.replicas), bias=np.ones(self.replicas),
            encoders=np.ones((self.replicas, 1)), eval_points=np.zeros((1, 1)), label="always on",
        )  # fmt: skip
        always = nengo.Connection(
            unit.neurons, receiver.neurons, transform=Replicated(bias[:, None], self.replicas), synapse=None,
            learning_rule_type=self.rule(pre, post, rate, None),
        )  # fmt: skip
        return matrix, always

    def current(self, function: Any, sources: list[Any], target: Any, size: int) -> None:
        """A node that turns the potentials of ``sources`` into the current of ``target``."""
        node = nengo.Node(function, size_in=len(sources) * size, size_out=size)
        for i, source in enumerate(sources):
            nengo.Connection(source.neurons, node[i * size : (i + 1) * size], synapse=None)
        nengo.Connection(node, target.neurons, synapse=None)

    def membrane(self, layer: int, prediction: Any, soma: Any, connections: tuple[Any, ...], name: str) -> Any:
        """The potential that the synapses of a compartment see, and its gate: φ′ where the rule has it."""
        membrane = self.soma(layer, self.stage.timing.swing_tau, name)
        size = self.size(layer)
        self.current(self.stage.membrane_current(size), [membrane, prediction, soma], membrane, size)
        exact = self.plasticity is not None and self.plasticity.derivative
        slope = transfer(self.activations[layer]).slope if exact else np.ones_like
        gate = nengo.Node(self.stage.gate(slope, size), size_in=size, size_out=size, label="gate")
        nengo.Connection(prediction.neurons, gate, synapse=None)
        for connection in connections:
            nengo.Connection(membrane.neurons, connection.learning_rule[:size], synapse=None)
            nengo.Connection(gate, connection.learning_rule[size:], synapse=None)
        return membrane


def build_network(
    params: Parameters,
    stage: Stage,
    *,
    replicas: int,
    neurons: str = "rate",
    max_rate: float = MAX_RATE,
    plasticity: PlasticitySpec | None = None,
    seed: int = 0,
) -> Populations:
    """The network for ``replicas`` images at once.

    Parameters
    ----------
    stage : Stage
        What its nodes will read while it runs.
    plasticity : PlasticitySpec, optional
        Given, the network has plastic synapses, compartment membranes and
        corrupted axons; otherwise it only infers.
    """
    with nengo.Network(seed=seed) as network:
        wiring = _Wiring(params, stage, plasticity, replicas=replicas, neurons=neurons, max_rate=max_rate)
        parts = Populations(network, replicas)
        _add_layers(wiring, parts)
        _add_synapses(wiring, parts)
        _add_dynamics(wiring, parts)
        if plasticity is not None:
            _add_learning(wiring, parts)
    return parts


def _add_layers(wiring: _Wiring, parts: Populations) -> None:
    depth = wiring.params.network.depth
    for layer, activation in enumerate(wiring.activations):
        parts.soma[layer] = wiring.soma(layer, wiring.stage.timing.tau, "soma")
        parts.axon[layer] = wiring.axon(layer, parts.soma[layer], "axon")
        if layer > 0:
            parts.basal[layer] = wiring.population(layer, compartment(activation), "basal")
            parts.echo[layer] = wiring.population(layer, compartment(activation), "echo")
        if layer < depth:
            parts.apical[layer] = wiring.population(layer, compartment(activation), "apical")
            parts.echo_axon[layer] = wiring.axon(layer, parts.apical[layer], "echo axon")


def _add_synapses(wiring: _Wiring, parts: Populations) -> None:
    params, plasticity = wiring.params, wiring.plasticity or PlasticitySpec()
    depth = params.network.depth
    rates_up, rates_down = plasticity.rates_up(depth), plasticity.rates_down(depth)
    for l in range(1, depth + 1):  # noqa: E741
        F, b, G, c = (group[l - 1] for group in (params.F, params.b, params.G, params.c))
        parts.up[l], parts.up_bias[l] = wiring.synapses(
            parts.axon[l - 1], parts.basal[l], F, b, pre=l - 1, post=l, rate=rates_up[l - 1]
        )
        parts.down[l], parts.down_bias[l] = wiring.synapses(
            parts.axon[l], parts.apical[l - 1], G, c, pre=l, post=l - 1, rate=rates_down[l - 1]
        )
        nengo.Connection(
            parts.echo_axon[l - 1].neurons, parts.echo[l].neurons, transform=SameSynapses(parts.up[l]),
            synapse=wiring.synapse,
        )  # fmt: skip
        nengo.Connection(
            parts.up_bias[l].pre_obj, parts.echo[l].neurons, transform=SameSynapses(parts.up_bias[l]), synapse=None
        )


def _add_dynamics(wiring: _Wiring, parts: Populations) -> None:
    depth, stage = wiring.params.network.depth, wiring.stage
    for layer in range(depth + 1):
        soma, size = parts.soma[layer], wiring.size(layer)
        if layer == 0:
            wiring.current(stage.visible_current(size), [soma, parts.apical[0]], soma, size)
        elif layer == depth:
            wiring.current(stage.top_current(size), [soma, parts.basal[layer], parts.echo[layer]], soma, size)
        else:
            sources = [soma, parts.basal[layer], parts.echo[layer], parts.apical[layer]]
            wiring.current(stage.hidden_current(layer, size), sources, soma, size)


def _add_learning(wiring: _Wiring, parts: Populations) -> None:
    depth, stage = wiring.params.network.depth, wiring.stage
    for layer in range(depth + 1):
        noise = nengo.Node(stage.corruption(layer, wiring.size(layer)), size_out=wiring.size(layer), label="corruption")
        # a Neurons target multiplies by the axon's gain, as it does for the soma's value
        nengo.Connection(noise, parts.axon[layer].neurons, synapse=None)
        if layer > 0:
            parts.basal_membrane[layer] = wiring.membrane(
                layer, parts.basal[layer], parts.soma[layer], (parts.up[layer], parts.up_bias[layer]), "basal membrane"
            )
        if layer < depth:
            up = layer + 1
            parts.apical_membrane[layer] = wiring.membrane(
                layer, parts.apical[layer], parts.soma[layer], (parts.down[up], parts.down_bias[up]), "apical membrane"
            )
