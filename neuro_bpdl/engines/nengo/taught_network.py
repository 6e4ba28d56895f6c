"""The network with labels as a `nengo.Network`: hidden layers follow the layer above, the top a label.

A hidden layer has a basal compartment (p_l = f_l(h_{l−1})), an apical one
(r_l = g_{l+1}(h_{l+1})) and an echo of it, which the layer above sends its
prediction through the same synapses (g_{l+1}(p_{l+1})). Its soma is nudged by
the difference, τ dh_l/dt = β (r_l − g_{l+1}(p_{l+1})); see `theory.labels`.
"""

from __future__ import annotations

import nengo
import numpy as np
from nengo.neurons import NeuronType

from neuro_bpdl.engines.nengo.network import Populations, add_pair
from neuro_bpdl.engines.nengo.neurons import compartment
from neuro_bpdl.engines.nengo.replicas import SameSynapses
from neuro_bpdl.engines.nengo.taught_stage import Slope, TaughtStage
from neuro_bpdl.engines.nengo.wiring import Wiring
from neuro_bpdl.numbers.activations import transfer
from neuro_bpdl.parameters import Parameters
from neuro_bpdl.spec import PlasticitySpec


def build_taught_network(
    params: Parameters,
    stage: TaughtStage,
    *,
    replicas: int,
    neurons: str | NeuronType,
    max_rate: float,
    plasticity: PlasticitySpec | None = None,
    seed: int = 0,
) -> Populations:
    """The network for ``replicas`` images and labels at once; arguments as `network.build_network`."""
    network = nengo.Network(seed=seed)
    with network:
        wiring = Wiring(params, stage, plasticity, replicas=replicas, neurons=neurons, max_rate=max_rate)
        parts = Populations(network, replicas)
        _add_layers(wiring, parts)
        _add_synapses(wiring, parts)
        _add_dynamics(wiring, stage, parts)
        if plasticity is not None:
            _add_learning(wiring, stage, parts)
    return parts


def _add_layers(wiring: Wiring, parts: Populations) -> None:
    depth = wiring.params.network.depth
    for layer, activation in enumerate(wiring.activations):
        parts.soma[layer] = wiring.soma(layer, wiring.stage.timing.tau, "soma")
        # a swing in units of β can be larger than any activity
        parts.axon[layer] = wiring.axon(layer, parts.soma[layer], "axon", open_ended=layer > 0)
        if layer > 0:
            parts.basal[layer] = wiring.population(layer, compartment(activation), "basal")
        if layer > 1:
            parts.hint_axon[layer] = wiring.axon(layer, parts.basal[layer], "hint axon")
        if layer < depth:
            parts.apical[layer] = wiring.population(layer, compartment(activation), "apical")
        if 0 < layer < depth:
            parts.hint[layer] = wiring.population(layer, compartment(activation), "hint")


def _add_synapses(wiring: Wiring, parts: Populations) -> None:
    for l in range(1, wiring.params.network.depth + 1):  # noqa: E741
        add_pair(wiring, parts, l)
        if l > 1:
            for sender, synapses in (
                (parts.hint_axon[l], parts.down[l]), (parts.down_bias[l].pre_obj.ensemble, parts.down_bias[l])
            ):  # fmt: skip
                nengo.Connection(
                    sender.neurons, parts.hint[l - 1].neurons, transform=SameSynapses(synapses), synapse=None
                )


def _add_dynamics(wiring: Wiring, stage: TaughtStage, parts: Populations) -> None:
    depth = wiring.params.network.depth
    for layer, soma in parts.soma.items():
        size = wiring.size(layer)
        if layer == 0:
            wiring.current(stage.visible_current(size), [soma, parts.apical[0]], soma, size)
        elif layer == depth:
            wiring.current(stage.top_current(size), [soma, parts.basal[layer]], soma, size)
        else:
            sources = [soma, parts.basal[layer], parts.apical[layer], parts.hint[layer]]
            wiring.current(stage.taught_current(size), sources, soma, size)


def _add_learning(wiring: Wiring, stage: TaughtStage, parts: Populations) -> None:
    """Membranes that swing, and axons that send what was predicted and then the swing itself; c and G_1 stay."""
    for layer, basal in parts.basal.items():
        size, soma, slope = wiring.size(layer), parts.soma[layer], _slope(wiring, stage, layer)
        membrane = wiring.soma(layer, stage.timing.swing_tau, "basal membrane")
        wiring.current(stage.basal_current(size), [membrane, basal, soma], membrane, size)
        wiring.learn_from(membrane, stage.gate(slope, size), basal, (parts.up[layer], parts.up_bias[layer]))
        parts.basal_membrane[layer] = membrane
        wiring.current(stage.message(slope, size), [soma, basal], parts.axon[layer], size)
        if layer < wiring.params.network.depth:
            apical = wiring.soma(layer, stage.timing.swing_tau, "apical membrane")
            wiring.current(stage.apical_current(size), [apical, basal], apical, size)
            wiring.learn_from(apical, stage.apical_gate(size), basal, (parts.down[layer + 1],))
            parts.apical_membrane[layer] = apical


def _slope(wiring: Wiring, stage: TaughtStage, layer: int) -> Slope:
    """What V̇ is multiplied by: φ′/β in a hidden layer, nothing at the top."""
    if layer == wiring.params.network.depth:
        return np.ones_like
    own = transfer(wiring.activations[layer]).slope
    return lambda prediction: own(prediction) / stage.beta
