"""Runs `compiled.present` for a network of one replica: makes its plan, draws its noise, reads its counters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from weakref import proxy

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.description import operations
from neuro_bpdl.description.projections import Way
from neuro_bpdl.kernels.corruption import Corruption
from neuro_bpdl.kernels.float.compiled import Live, Plan, present
from neuro_bpdl.kernels.float.curves import curve
from neuro_bpdl.kernels.network import Recorder
from neuro_bpdl.numbers.activations import pieces_of

if TYPE_CHECKING:
    from neuro_bpdl.kernels.float.network import FloatNetwork

Array = NDArray[Any]


class Presenter:
    """Whole presentations of a network in one compiled call each.

    Parameters
    ----------
    network : FloatNetwork
        Its weights, states and counters are worked on where they are.
    """

    def __init__(self, network: FloatNetwork) -> None:
        # The network owns this: were each to hold the other, both would stay until Python looks for rings.
        self._network, state, program, dtype = proxy(network), network.state, network.program, network.dtype
        self._plan = _plan(network)
        self._live = Live(
            network.memory, state.soma, state.noisy, state.held, state.current,
            moving=np.zeros_like(state.soma),
            begun=np.zeros(len(network.layers), bool),
            missing=np.zeros(state.soma.size, bool),
            scratch=np.zeros(max(program.description.sizes), dtype),
            messages=state.messages,
            squares=np.zeros(len(network.weights)),
            records=np.zeros((len(program.records), state.soma.size), dtype),
        )  # fmt: skip
        self._silent = self._live._replace(records=np.zeros((0, 0), dtype))
        self._corruption = Corruption(network.layers, state, network.seed)
        sizes = program.description.sizes
        spreads = [layer.plasticity.noise_of(layer.index) for layer in network.layers]
        self._spread: Array = np.repeat(np.array(spreads, dtype), sizes) if program.corrupts else np.zeros(0, dtype)
        self._averaged = operations.swinging(program, Way.DOWN)

    def present(self, presentation: int, feed: Array, record: Recorder | None) -> None:
        """From the first row to the last; the network's weights and states are changed in place.

        Parameters
        ----------
        feed : (1, feed size)
        """
        live, network, corruption = self._silent if record is None else self._live, self._network, self._corruption
        corruption.draw(presentation)
        noise = self._spread * corruption.normal.astype(network.dtype)
        present(np.ascontiguousarray(feed[0], network.dtype), noise, corruption.uniform, self._plan, live)
        for branch in self._averaged:
            layer = network.layers[network.projections[branch].target]
            layer.average(branch, float(live.squares[branch]) / layer.n, presentation)
        if record is not None:
            for k, somas in enumerate(live.records):
                record(k, [network.state.of_population(somas, layer) for layer in range(len(network.layers))])


def _plan(network: FloatNetwork) -> Plan:
    layers, description, dtype = network.layers, network.program.description, network.dtype
    starts = np.cumsum([0, *(matrix.size for matrix in network.weights)])
    basal = [next(iter(description.into(layer.index, Way.UP)), 0) for layer in layers]
    projections, steps = [], []
    for i, projection in enumerate(network.projections):
        target = layers[projection.target]
        shape = [starts[i], *network.weights[i].shape]
        projections.append([projection.source, projection.target, *shape, basal[target.index], description.partner(i)])
        steps.append([target.steps[i], target.alpha, network.rates[i]])
    about = [
        [layer.index in network.program.free, layer.is_top and layer.plasticity.top_noise == "bernoulli",
         layer.plasticity.clips(layer.index), layer.gated]
        for layer in layers
    ]  # fmt: skip
    return Plan(
        rows=operations.compiled(network.program),
        projections=np.array(projections, np.int64),
        populations=np.array(about, np.int64),
        steps=np.array(steps, dtype),
        curves=np.stack([curve(pieces_of(layer.transfer.name), dtype) for layer in layers]),
        boost=np.array([2.0**layer.nudge for layer in layers], dtype),
        edges=network.state.edges,
        branches=network.state.branches,
    )
