"""What a running Lava network leaves where the program that started it can read it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.backends.lava.shared import SharedArray
from neuro_bpdl.kernels.events import SATURATIONS
from neuro_bpdl.kernels.network import NetworkKernel
from neuro_bpdl.kernels.schedule import Program

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
    up, down : lists of weight matrices, post × (pre + 1)
        As the network holds them, after the last LEARN.
    messages : (L + 1, 4) int64
        Message counters of the layers.
    saturations : (L + 1, 4) int64
        Counters of clipped numbers; stay 0 in float and in the composed
        model, whose stock synapses do not count.
    records : list of (presentations, records per presentation, batch, n_l)
        Somas at the program's recorded positions; empty arrays when it has none.
    """

    progress: SharedArray
    variance: SharedArray
    up: list[SharedArray]
    down: list[SharedArray]
    messages: SharedArray
    saturations: SharedArray
    records: list[SharedArray]

    @classmethod
    def of(cls, kernel: NetworkKernel, presentations: int) -> Mailbox:
        """Room for what ``kernel`` will leave in so many presentations, with its weights in it."""
        recorded = len(kernel.program.records)
        return cls(
            progress=SharedArray(1, np.int64),
            variance=SharedArray.like(kernel.variance),
            up=[SharedArray.like(w) for w in kernel.up],
            down=[SharedArray.like(w) for w in kernel.down],
            messages=SharedArray((len(kernel.layers), 4), np.int64),
            saturations=SharedArray((len(kernel.layers), len(SATURATIONS)), np.int64),
            records=[
                SharedArray((presentations, recorded, *layer.soma.shape), layer.soma.dtype) for layer in kernel.layers
            ],
        )

    def record(self, program: Program, position: int, presentation: int, layer: int, soma: Array) -> None:
        """Keep a soma if the program records at ``position``."""
        if position in program.records:
            self.records[layer].array[presentation, program.records.index(position)] = soma
