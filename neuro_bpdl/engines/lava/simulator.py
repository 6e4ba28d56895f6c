"""The Lava engine: the same programs, run by Lava's CPU simulator under supervision."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.description.program import Program
from neuro_bpdl.engines.lava.availability import require_lava
from neuro_bpdl.engines.programs import ProgramSimulator, States
from neuro_bpdl.engines.protocol import Progress
from neuro_bpdl.kernels.factory import learning_program, make_network
from neuro_bpdl.kernels.fixed.warm_up import warm_up as warm_up_fixed
from neuro_bpdl.kernels.float.warm_up import warm_up as warm_up_float
from neuro_bpdl.kernels.network import NetworkKernel
from neuro_bpdl.spec import InferenceSpec

Array = NDArray[Any]
CHUNK = 100  # replicas of one fused evaluation
STALL_LIMIT = 120.0


class LavaSimulator(ProgramSimulator):
    """See `Simulator`; constructor as `ProgramSimulator`.

    Raises
    ------
    MissingDependency
        Lava is not installed, or this Python cannot run it.
    InvalidInput
        More than one replica with the composed model.
    SimulationError
        A run failed; carries the process's name and its traceback.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        require_lava()
        super().__init__(*args, **kwargs)

    def learn(self, images: Array, order: NDArray[np.int64], first: int, progress: Progress | None = None) -> None:
        """See `Simulator.learn`."""
        program = learning_program(self._engine, self._params.network, self._inference.steps)
        kernel = self._simulate(program, self._inference, images, order, self._batch, first, progress)
        self._params = kernel.to_parameters(self._params)

    def run(self, program: Program, inference: InferenceSpec, rates: Array) -> States:
        """See `ProgramSimulator.run`."""
        program = program.sending(self._engine.messages)
        batch = min(CHUNK, len(rates)) if self._engine.capabilities.batch else 1
        presentations = -(-len(rates) // batch)
        order = np.minimum(np.arange(presentations * batch), len(rates) - 1)  # the last batch is filled up
        records: list[Array] = []
        kernel = self._simulate(program, inference, rates, order, batch, 0, None, records)
        return [
            [
                kernel.to_rates(layer, somas[:, k].reshape(-1, somas.shape[-1])[: len(rates)])
                for layer, somas in enumerate(records)
            ]
            for k in range(len(program.records))
        ]

    def _simulate(
        self,
        program: Program,
        inference: InferenceSpec,
        rows: Array,
        order: NDArray[np.int64],
        batch: int,
        first: int,
        progress: Progress | None,
        records: list[Array] | None = None,
    ) -> NetworkKernel:
        """Run every presentation of ``order``; returns a kernel that holds the final weights."""
        from neuro_bpdl.engines.lava.mailbox import Mailbox
        from neuro_bpdl.engines.lava.run_config import select
        from neuro_bpdl.engines.lava.sources import connect_sources
        from neuro_bpdl.engines.lava.supervisor import LavaRun
        from neuro_bpdl.processes.network.process import Network

        common = {"batch": batch, "seed": self._seed}
        if self._engine.arithmetic == "fixed":  # before the fork: Lava's processes inherit what is compiled
            warm_up_fixed()
        elif self._engine.model == "fused" and batch == 1:
            warm_up_float(self._engine.precision)
        kernel = make_network(self._engine, self._params, inference, self._plasticity, program, **common)
        presentations = len(order) // batch
        mailbox = Mailbox.of(kernel, presentations)
        network = Network(
            params=self._params,
            inference=inference,
            plasticity=self._plasticity,
            engine=self._engine,
            program=program,
            mailbox=mailbox,
            first=first,
            **common,
        )
        connect_sources(network, kernel, rows, order, batch)
        count = mailbox.progress.array
        with LavaRun(
            network,
            select(self._engine.model, self._engine.arithmetic),
            timeout=STALL_LIMIT,
            heartbeat=lambda: int(count[0]),
            on_poll=_reporter(count, batch, progress),
        ) as run:
            run.steps(presentations * len(program))
        if progress is not None:
            progress(len(order))
        self._count(mailbox.messages.array, mailbox.saturations.array, len(order), program)
        if records is not None:
            records.extend(shared.array for shared in mailbox.records)
        kernel.adopt(mailbox.weights, mailbox.variance.array)
        return kernel


def _reporter(count: Array, batch: int, progress: Progress | None) -> Callable[[], None] | None:
    return None if progress is None else lambda: progress(int(count[0]) * batch)
