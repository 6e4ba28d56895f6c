"""The eager engine with cheaper sends, to see what they save and what they spoil.

Two changes that the schedule does not have:

- *silence*: a payload at or below a threshold is not sent. The receivers
  compute with what they get, so quality pays for it.
- *changes only*: a unit sends the difference to what it sent last through the
  same projection. Receivers that hold the two currents of a cycle (from h and
  from r) and add the differences have the same integers as before, so in
  fixed point every weight stays the same bit for bit; here the messages are
  counted and the payload is delivered whole. LEARN sends everything, for
  synapses learn where a message arrives, and a presentation starts anew, for
  learning has changed the weights.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.description.operations import Op, Row
from neuro_bpdl.description.program import Program
from neuro_bpdl.engines.eager import EagerSimulator
from neuro_bpdl.engines.protocol import Progress
from neuro_bpdl.kernels.events import Counts, counts_of_messages
from neuro_bpdl.kernels.layer import Arrival, Broadcast, LayerKernel
from neuro_bpdl.kernels.network import NetworkKernel
from neuro_bpdl.spec import InferenceSpec

Array = NDArray[Any]


class Sender:
    """Stands for a layer's way of sending.

    Attributes
    ----------
    changed : (projections, 2) int64
        Messages if only changes were sent; columns as in `neuro_bpdl.kernels.events`.
    """

    def __init__(self, layer: LayerKernel, threshold: float, projections: int) -> None:
        self._layer, self._threshold = layer, threshold
        self._last: dict[tuple[int, bool], Array] = {}
        self.changed = np.zeros((projections, 2), np.int64)
        self._whole = layer.act
        layer.act = self  # type: ignore[method-assign]

    def __call__(self, row: Row, arrived: Arrival, sent: Broadcast) -> None:
        self._whole(row, arrived, sent)
        if row.op not in (Op.SEND, Op.LEARN):
            return
        payload = sent.payloads[row.subject]
        if self._threshold:
            units = payload[:, :-1]
            loud = units > self._threshold
            silenced = np.count_nonzero(units) - np.count_nonzero(loud)
            units *= loud
            self._layer.messages[row.subject][: 1 + (row.op is Op.LEARN)] -= silenced
        self._count(row, payload)

    def _count(self, row: Row, payload: Array) -> None:
        if row.op is Op.LEARN:
            self.changed[row.subject] += np.count_nonzero(payload)
            self._last.clear()
            return
        last = self._last.get((row.subject, row.argument >= 0))
        messages = np.count_nonzero(payload) if last is None else np.count_nonzero(payload != last)
        self._last[row.subject, row.argument >= 0] = payload.copy()
        self.changed[row.subject, 0] += messages


class LeanSimulator(EagerSimulator):
    """`EagerSimulator` whose layers send through `Sender`.

    Parameters
    ----------
    threshold : float
        In payload units of the arithmetic (fixed: of 127; float: of the rate).

    Attributes
    ----------
    changes : Counts or None
        Events per image of the latest `learn` if only changes were sent.
    """

    def __init__(self, *args: Any, threshold: float = 0, **options: Any) -> None:
        super().__init__(*args, **options)
        self.threshold, self.changes = threshold, None
        self._senders: list[Sender] = []

    def learn(self, images: Array, order: NDArray[np.int64], first: int, progress: Progress | None = None) -> None:
        """See `EagerSimulator.learn`."""
        network = self._training_network()
        before = sum(sender.changed for sender in self._senders)
        super().learn(images, order, first, progress)
        messages = sum(sender.changed for sender in self._senders) - before
        self.changes: Counts | None = counts_of_messages(
            messages, network.program.description, len(order), len(network.program)
        )

    def _network(self, program: Program, inference: InferenceSpec, batch: int) -> NetworkKernel:
        network = super()._network(program, inference, batch)
        self._senders = [Sender(layer, self.threshold, len(network.weights)) for layer in network.layers]
        # A compiled loop would not ask the layers what they send.
        network.present = partial(NetworkKernel.present, network)  # type: ignore[method-assign]
        return network
