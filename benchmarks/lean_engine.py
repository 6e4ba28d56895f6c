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

from neuro_bpdl.backends.eager import EagerSimulator
from neuro_bpdl.backends.protocol import Progress
from neuro_bpdl.kernels.events import DOWN, LEARN_DOWN, LEARN_UP, UP, Counts, counts_of_messages
from neuro_bpdl.kernels.layer import LayerKernel
from neuro_bpdl.kernels.network import NetworkKernel
from neuro_bpdl.kernels.schedule import Program
from neuro_bpdl.spec import InferenceSpec

Array = NDArray[Any]


class Sender:
    """Stands for a layer's way of sending.

    Attributes
    ----------
    changed : (4,) int64
        Messages if only changes were sent; columns as in `neuro_bpdl.kernels.events`.
    """

    def __init__(self, layer: LayerKernel, threshold: float) -> None:
        self._layer, self._threshold, self._whole = layer, threshold, layer._send
        self._last: dict[tuple[int, bool], Array] = {}
        self.changed = np.zeros(4, np.int64)

    def __call__(self, way: int, payload: Array, rate: Array | None, learns: bool) -> Array:
        rate = self._layer.rate_of(self._layer.soma) if rate is None else rate
        quiet = np.where(rate > self._threshold, rate, 0) if self._threshold else rate
        sent = self._whole(way, payload, quiet, learns)
        self._count(way, sent, rate is self._layer.apical, learns)
        return sent

    def _count(self, way: int, sent: Array, reflects: bool, learns: bool) -> None:
        if learns:
            messages = np.count_nonzero(sent)
            self.changed[LEARN_UP if way == UP else LEARN_DOWN] += messages
            self._last.clear()
        else:
            last = self._last.get((way, reflects))
            messages = np.count_nonzero(sent) if last is None else np.count_nonzero(sent != last)
            self._last[way, reflects] = sent.copy()
        self.changed[UP if way == UP else DOWN] += messages


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
        senders = [layer._send for layer in network.layers]
        before = np.stack([sender.changed for sender in senders])
        super().learn(images, order, first, progress)
        messages = np.stack([sender.changed for sender in senders]) - before
        self.changes: Counts | None = counts_of_messages(
            messages, self._params.network.sizes, len(order), len(network.program)
        )

    def _network(self, program: Program, inference: InferenceSpec, batch: int) -> NetworkKernel:
        network = super()._network(program, inference, batch)
        for layer in network.layers:
            layer._send = Sender(layer, self.threshold)  # type: ignore[method-assign]
        # A compiled loop would not ask the layers what they send.
        network.present = partial(NetworkKernel.present, network)  # type: ignore[method-assign]
        return network
