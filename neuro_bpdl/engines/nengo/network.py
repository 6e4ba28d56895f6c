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
from nengo.neurons import NeuronType

from neuro_bpdl.engines.nengo.neurons import compartment
from neuro_bpdl.engines.nengo.replicas import SameSynapses
from neuro_bpdl.engines.nengo.stage import Stage
from neuro_bpdl.engines.nengo.timing import MAX_RATE
from neuro_bpdl.engines.nengo.wiring import Wiring
from neuro_bpdl.parameters import Parameters
from neuro_bpdl.spec import PlasticitySpec


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
    hint, hint_axon : dict of layer → nengo.Ensemble
        Only in a network with labels (`taught_network`): the echo of an apical
        compartment, and what sends it the prediction of the layer above.
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
    hint: dict[int, Any] = field(default_factory=dict)
    hint_axon: dict[int, Any] = field(default_factory=dict)


def build_network(
    params: Parameters,
    stage: Stage,
    *,
    replicas: int,
    neurons: str | NeuronType = "rate",
    max_rate: float = MAX_RATE,
    plasticity: PlasticitySpec | None = None,
    seed: int = 0,
    network: nengo.Network | None = None,
    image: nengo.Node | None = None,
) -> Populations:
    """The network for ``replicas`` images at once.

    Parameters
    ----------
    stage : Stage
        What its nodes will read while it runs.
    plasticity : PlasticitySpec, optional
        Given, the network has plastic synapses, compartment membranes and
        corrupted axons; otherwise it only infers.
    network : nengo.Network, optional
        Where to build; a new one unless given.
    image : nengo.Node, optional
        An input of (replicas · n_0,) that pixels follow; the stage's image unless given.
    """
    network = nengo.Network(seed=seed) if network is None else network
    with network:
        wiring = Wiring(params, stage, plasticity, replicas=replicas, neurons=neurons, max_rate=max_rate)
        parts = Populations(network, replicas)
        _add_layers(wiring, parts)
        _add_synapses(wiring, parts)
        _add_dynamics(wiring, parts, image)
        if plasticity is not None:
            _add_learning(wiring, parts)
    return parts


def _add_layers(wiring: Wiring, parts: Populations) -> None:
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


def add_pair(wiring: Wiring, parts: Populations, l: int) -> None:  # noqa: E741
    """F_l and G_l with their biases, between layers l − 1 and l."""
    params, plasticity = wiring.params, wiring.plasticity or PlasticitySpec()
    depth = params.network.depth
    rate_up, rate_down = plasticity.rates_up(depth)[l - 1], plasticity.rates_down(depth)[l - 1]
    F, b, G, c = (group[l - 1] for group in (params.F, params.b, params.G, params.c))
    parts.up[l], parts.up_bias[l] = wiring.synapses(
        parts.axon[l - 1], parts.basal[l], F, b, pre=l - 1, post=l, rate=rate_up, name=f"F_{l}"
    )
    parts.down[l], parts.down_bias[l] = wiring.synapses(
        parts.axon[l], parts.apical[l - 1], G, c, pre=l, post=l - 1, rate=rate_down, name=f"G_{l}"
    )


def _add_synapses(wiring: Wiring, parts: Populations) -> None:
    for l in range(1, wiring.params.network.depth + 1):  # noqa: E741
        add_pair(wiring, parts, l)
        nengo.Connection(
            parts.echo_axon[l - 1].neurons, parts.echo[l].neurons, transform=SameSynapses(parts.up[l]),
            synapse=wiring.synapse,
        )  # fmt: skip
        nengo.Connection(
            parts.up_bias[l].pre_obj, parts.echo[l].neurons, transform=SameSynapses(parts.up_bias[l]), synapse=None
        )


def _add_dynamics(wiring: Wiring, parts: Populations, image: nengo.Node | None) -> None:
    depth, stage = wiring.params.network.depth, wiring.stage
    for layer in range(depth + 1):
        soma, size = parts.soma[layer], wiring.size(layer)
        if layer == 0:
            sources = [soma, parts.apical[0], *([] if image is None else [image])]
            wiring.current(stage.visible_current(size), sources, soma, size)
        elif layer == depth:
            wiring.current(stage.top_current(size), [soma, parts.basal[layer], parts.echo[layer]], soma, size)
        else:
            sources = [soma, parts.basal[layer], parts.echo[layer], parts.apical[layer]]
            wiring.current(stage.hidden_current(layer, size), sources, soma, size)


def _add_learning(wiring: Wiring, parts: Populations) -> None:
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
