"""The eager engine: the kernels stepped in this Python process, no Lava, a batch of replicas."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.description.program import Program
from neuro_bpdl.engines.programs import ProgramSimulator, States
from neuro_bpdl.engines.protocol import Progress
from neuro_bpdl.kernels.factory import learning_program, make_network
from neuro_bpdl.kernels.network import NetworkKernel
from neuro_bpdl.spec import InferenceSpec

Array = NDArray[Any]
CHUNK = 250  # images evaluated, or minibatches encoded, at once: bounds the memory of currents and records


class EagerSimulator(ProgramSimulator):
    """See `Simulator`; constructor as `ProgramSimulator`."""

    _learner: NetworkKernel | None = None

    def learn(self, images: Array, order: NDArray[np.int64], first: int, progress: Progress | None = None) -> None:
        """See `Simulator.learn`."""
        network = self._training_network()
        messages, clipped = network.messages, network.saturations
        batches = order.reshape(-1, self._batch)
        for start in range(0, len(batches), CHUNK):
            feeds = network.to_feed(images[batches[start : start + CHUNK]])
            for presentation, feed in enumerate(feeds, start=start):
                network.present(first + presentation, feed)
                if progress is not None:
                    progress((presentation + 1) * self._batch)
        self._params = network.to_parameters(self._params)
        self._count(network.messages - messages, network.saturations - clipped, len(order), network.program)

    def run(self, program: Program, inference: InferenceSpec, rates: Array) -> States:
        """See `ProgramSimulator.run`."""
        program = program.sending(self._engine.messages)
        states: States = [
            [np.empty((len(rates), n)) for n in program.description.sizes] for _ in program.records
        ]
        messages: Array = np.zeros(())
        clipped: Array = np.zeros(())
        for start in range(0, len(rates), CHUNK):
            rows = slice(start, min(start + CHUNK, len(rates)))
            network = self._network(program, inference, batch=rows.stop - rows.start)
            network.number_images_from(start)

            def record(k: int, somas: list[Array], rows: slice = rows, network: NetworkKernel = network) -> None:
                for layer, soma in enumerate(somas):
                    states[k][layer][rows] = network.to_rates(layer, soma)

            network.present(0, network.to_feed(rates[rows]), record)
            messages, clipped = messages + network.messages, clipped + network.saturations
        self._count(messages, clipped, len(rates), program)
        return states

    def _training_network(self) -> NetworkKernel:
        if self._learner is None:
            program = learning_program(self._engine, self._params.network, self._inference.steps)
            self._learner = self._network(program, self._inference, batch=self._batch)
        return self._learner

    def _network(self, program: Program, inference: InferenceSpec, batch: int) -> NetworkKernel:
        return make_network(
            self._engine, self._params, inference, self._plasticity, program, batch=batch, seed=self._seed
        )
