"""What a running Lava network leaves where the program that started it can read it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.description.program import Program
from neuro_bpdl.engines.lava.shared import SharedArray
from neuro_bpdl.kernels.events import SATURATIONS
from neuro_bpdl.kernels.network import NetworkKernel

Array = NDArray[Any]


@dataclass(frozen=True)
class Mailbox:
    """Shared arrays of one run.

    Attributes
    ----------
    progress : (1,) int64
        Presentations finished.
    variance : (L,)
        σ²_l as of the last LEARN.
    memory : flat
        The weight matrices as the network holds them, after the last LEARN.
    projections : list of SharedArray
        The same, a matrix each.
    messages : (projections, 2) int64
        Message counters.
    saturations : (L + 1, 4) int64
        Counters of clipped numbers; stay 0 in float and in the composed
        model, whose stock synapses do not count.
    records : list of (presentations, records per presentation, batch, n_l)
        Somas at the program's recorded positions; empty arrays when it has none.
    """

    progress: SharedArray
    variance: SharedArray
    memory: SharedArray
    projections: list[SharedArray]
    messages: SharedArray
    saturations: SharedArray
    records: list[SharedArray]

    @classmethod
    def of(cls, kernel: NetworkKernel, presentations: int) -> Mailbox:
        """Room for what ``kernel`` will leave in so many presentations, with its weights in it."""
        recorded, memory = len(kernel.program.records), SharedArray.like(kernel.memory)
        ends = np.cumsum([w.size for w in kernel.weights])
        return cls(
            progress=SharedArray(1, np.int64),
            variance=SharedArray.like(kernel.variance),
            memory=memory,
            projections=[memory.part(int(end) - w.size, w.shape) for w, end in zip(kernel.weights, ends, strict=True)],
            messages=SharedArray.like(0 * kernel.messages),
            saturations=SharedArray((len(kernel.layers), len(SATURATIONS)), np.int64),
            records=[
                SharedArray((presentations, recorded, *layer.soma.shape), layer.soma.dtype) for layer in kernel.layers
            ],
        )

    @property
    def weights(self) -> list[Array]:
        """Copies of the matrices."""
        return [shared.array.copy() for shared in self.projections]

    def record(self, program: Program, position: int, presentation: int, layer: int, soma: Array) -> None:
        """Keep a soma if the program records at ``position``."""
        if position in program.recorded:
            self.records[layer].array[presentation, program.recorded.index(position)] = soma
