"""The eager engine whose units keep small payloads to themselves, to see what that saves and what it spoils.

A payload at or below a threshold is not sent, in inference and in learning.
The receivers compute with what they get, so quality pays for it. No schedule
of the package has this; sending changes only is an option of every engine
(`neuro_bpdl.spec.EngineSpec.sends`).
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from neuro_bpdl.description.operations import Op, Row
from neuro_bpdl.description.program import Program
from neuro_bpdl.engines.eager import EagerSimulator
from neuro_bpdl.kernels.layer import Arrival, Broadcast, LayerKernel
from neuro_bpdl.kernels.network import NetworkKernel
from neuro_bpdl.spec import InferenceSpec


class Sender:
    """Stands for a layer's way of sending."""

    def __init__(self, layer: LayerKernel, threshold: float) -> None:
        self._layer, self._threshold = layer, threshold
        self._whole = layer.act
        layer.act = self  # type: ignore[method-assign]

    def __call__(self, row: Row, arrived: Arrival, sent: Broadcast) -> None:
        self._whole(row, arrived, sent)
        if row.op in (Op.SEND, Op.LEARN):
            units = sent.payloads[row.subject][:, :-1]
            loud = units > self._threshold
            silenced = np.count_nonzero(units) - np.count_nonzero(loud)
            units *= loud
            self._layer.messages[row.subject][: 1 + (row.op is Op.LEARN)] -= silenced


class LeanSimulator(EagerSimulator):
    """`EagerSimulator` whose layers send through `Sender`: whole payloads, stepped in Python.

    Parameters
    ----------
    threshold : float
        In payload units of the arithmetic (fixed: of 127; float: of the rate).
    """

    def __init__(self, *args: Any, threshold: float, **options: Any) -> None:
        super().__init__(*args, **options)
        self.threshold = threshold

    def _network(self, program: Program, inference: InferenceSpec, batch: int) -> NetworkKernel:
        network = super()._network(program, inference, batch)
        for layer in network.layers:
            Sender(layer, self.threshold)
        # A compiled loop would not ask the layers what they send.
        network.present = partial(NetworkKernel.present, network)  # type: ignore[method-assign]
        return network
