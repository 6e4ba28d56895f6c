"""The network for people who build with Nengo: a `nengo.Network` that runs in anybody's simulator."""

from __future__ import annotations

from typing import Any

import nengo
import numpy as np
from nengo.neurons import NeuronType
from numpy.typing import NDArray

from neuro_bpdl.engines.nengo.axons import NEURONS
from neuro_bpdl.engines.nengo.clock import ClockedStage, presentation
from neuro_bpdl.engines.nengo.memory import check_memory
from neuro_bpdl.engines.nengo.network import Populations, build_network
from neuro_bpdl.engines.nengo.timing import MAX_RATE, Timing
from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.parameters import Parameters
from neuro_bpdl.spec import InferenceSpec, PlasticitySpec
from neuro_bpdl.theory.climb import resolved

Array = NDArray[Any]
POPULATIONS = ("soma", "axon", "basal", "apical", "echo", "echo_axon", "basal_membrane", "apical_membrane")


class BPDLNetwork(nengo.Network):  # type: ignore[misc]
    """See `network`.

    Attributes
    ----------
    input : nengo.Node
        The image, (n_0,); connect something to it where no images were given.
    parts : Populations
        Every ensemble and connection by its name in the paper.
    dt, presentation_time : float
        Seconds: what the simulator's ``dt`` has to be, and how long one image is shown.
    """

    input: nengo.Node
    parts: Populations
    dt: float
    presentation_time: float
    start: Parameters

    def probe(self, name: str, layer: int, **options: Any) -> nengo.Probe:
        """A probe of a population by its name: "soma" is h_l, "basal" f_l, "apical" g_{l+1}, "axon" what is sent.

        Parameters
        ----------
        options
            Of `nengo.Probe`, e.g. ``synapse=0.05``.

        Raises
        ------
        InvalidInput
            No such population, or none in this layer.
        """
        if name not in POPULATIONS:
            raise InvalidInput("name", name, ", ".join(POPULATIONS))
        found = getattr(self.parts, name)
        if layer not in found:
            there = ", ".join(map(str, found)) or "none: nothing learns here"
            raise InvalidInput("layer", layer, f"{there} for {name}")
        with self:
            return nengo.Probe(found[layer].neurons, label=f"{name} {layer}", **options)

    def parameters(self, simulator: nengo.Simulator) -> Parameters:
        """The weights in a simulator of this network now; raises InvalidInput when it is closed."""
        if simulator.closed:
            raise InvalidInput("simulator", "a closed one", "an open one", "read the weights inside its with block")
        params = self.start.copy()

        def weights(connection: Any) -> Array:
            return np.array(simulator.signals[simulator.model.sig[connection]["weights"]])

        for l in range(1, params.network.depth + 1):  # noqa: E741
            params.F[l - 1][...] = weights(self.parts.up[l])
            params.b[l - 1][...] = weights(self.parts.up_bias[l])[:, 0]
            params.G[l - 1][...] = weights(self.parts.down[l])
            params.c[l - 1][...] = weights(self.parts.down_bias[l])[:, 0]
        return params


def network(
    params: Parameters,
    inference: InferenceSpec | None = None,
    plasticity: PlasticitySpec | None = None,
    *,
    images: Array | None = None,
    neurons: str | NeuronType = "rate",
    dt: float = 0.001,
    window: float | None = None,
    max_rate: float = MAX_RATE,
    seed: int = 0,
    label: str = "neuro-bpdl",
) -> BPDLNetwork:
    """A labelled network that shows itself one image after the other, by its own clock.

    ``with nengo.Simulator(net, dt=net.dt) as sim: sim.run(3 * net.presentation_time)``

    Parameters
    ----------
    inference : InferenceSpec, optional
        N, δ, α; one inference step takes ``window`` seconds.
    plasticity : PlasticitySpec, optional
        Given, its synapses learn after every inference by S_pre · dV_post/dt; otherwise it only infers.
    images : (N, n_0), optional
        Shown one after the other, from the first again at the end. Otherwise connect something to ``net.input``.
    neurons : "rate", "poisson", "regular", "lif" or a Nengo neuron type
        What axons send. The response curve of a type is measured, and refused where it is not nearly straight.
    dt, window, max_rate
        As of `NengoSimulator`.

    Raises
    ------
    InvalidInput
        Images of another size, unknown neurons or ones with a bent response, Bernoulli corruption or labels, which
        have no node here, or a network that does not fit in memory.
    """
    spec = resolved(inference or InferenceSpec(), params)
    if not isinstance(neurons, NeuronType) and neurons not in NEURONS:
        raise InvalidInput("neurons", neurons, f"{', '.join(NEURONS)} or a nengo.neurons.NeuronType")
    if params.network.labels is not None:
        raise InvalidInput("params", "a network with labels", "one without labels here", "or use NengoSimulator")
    if plasticity is not None and plasticity.top_noise == "bernoulli":
        raise InvalidInput("plasticity.top_noise", "bernoulli", "gaussian here", "or use NengoSimulator")
    check_memory(params.network, 1, learning=plasticity is not None)
    kind = neurons if isinstance(neurons, str) else ("regular" if neurons.spiking else "rate")
    timing, depth = Timing.of(kind, dt, window, max_rate), params.network.depth
    spiking = timing.synapse is not None
    stage = ClockedStage(
        timing, spec.delta, spec.alphas(depth),
        schedule=presentation(timing, depth, spec.steps, spiking=spiking, learns=plasticity is not None),
        sizes=params.network.sizes, plasticity=plasticity, seed=seed,
    )  # fmt: skip
    stage.noise = [np.zeros(n) for n in params.network.sizes]
    made = BPDLNetwork(label=label, seed=seed)
    made.dt, made.presentation_time, made.start = dt, stage.period * dt, params.astype(np.float64)
    with made:
        made.input = nengo.Node(size_in=params.network.sizes[0], label="image")
        if images is not None:
            shown = _checked(images, params.network.sizes[0])
            screen = nengo.Node(_screen(shown, stage.period, dt), size_out=shown.shape[1], label="images")
            nengo.Connection(screen, made.input, synapse=None)
    made.parts = build_network(
        made.start, stage, replicas=1, neurons=neurons, max_rate=max_rate, plasticity=plasticity, seed=seed,
        network=made, image=made.input,
    )  # fmt: skip
    return made


def _checked(images: Array, pixels: int) -> Array:
    shown = np.asarray(images, np.float64)
    if shown.ndim != 2 or shown.shape[1] != pixels or not len(shown):
        raise InvalidInput("images", shown.shape, f"(N, {pixels})")
    return shown


def _screen(images: Array, period: int, dt: float) -> Any:
    def shown(t: float) -> Array:
        return images[(round(t / dt) - 1) // period % len(images)]

    return shown
