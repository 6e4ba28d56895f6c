"""Models of `Network`: *fused* steps the kernels in one process, *composed* wires what a chip would run."""

from __future__ import annotations

from typing import Any

import numpy as np
from lava.magma.core.decorator import implements, requires, tag
from lava.magma.core.model.py.model import PyAsyncProcessModel
from lava.magma.core.model.py.ports import PyInPort
from lava.magma.core.model.py.type import LavaPyType
from lava.magma.core.model.sub.model import AbstractSubProcessModel
from lava.magma.core.resources import CPU
from lava.magma.core.sync.protocols.async_protocol import AsyncProtocol
from lava.magma.core.sync.protocols.loihi_protocol import LoihiProtocol

from neuro_bpdl.backends.lava.shared import SharedArray
from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.kernels.factory import make_network
from neuro_bpdl.kernels.network import NetworkKernel
from neuro_bpdl.processes.layer.process import LEARNING_SIGNALS, Layer
from neuro_bpdl.processes.network.process import Network
from neuro_bpdl.processes.plastic.process import PlasticDense


def _kernel(proc_params: Any) -> NetworkKernel:
    return make_network(
        proc_params["engine"],
        proc_params["params"],
        proc_params["inference"],
        proc_params["plasticity"],
        proc_params["program"],
        batch=proc_params["batch"],
        seed=proc_params["seed"],
    )


class _PyFusedNetwork(PyAsyncProcessModel):  # type: ignore[misc]
    """All layers and projections stepped in one process.

    Nothing outside takes part in a time step, so the model runs on by itself
    (AsyncProtocol): Lava's handshake would cost more than the step.
    """

    def __init__(self, proc_params: Any) -> None:
        super().__init__(proc_params)
        self._program, self._first = proc_params["program"], proc_params["first"]
        self._mailbox, self._kernel = proc_params["mailbox"], _kernel(proc_params)
        # The kernel learns in place, so its matrices can be the mailbox's own.
        self._kernel.up[:] = [shared.array for shared in self._mailbox.up]
        self._kernel.down[:] = [shared.array for shared in self._mailbox.down]
        self._feed: Any = None
        self._tick = 0

    def run_async(self) -> None:
        end, period = self._tick + self.num_steps, len(self._program)
        while self._tick < end:
            presentation, position = divmod(self._tick, period)
            if position == 0 and end - self._tick >= period and not self._program.records:
                self._kernel.present(self._first + presentation, self.feed_in.recv())
                self._report(presentation)
                self._tick += period
            else:
                self._step(presentation, position)
                self._tick += 1

    def _step(self, presentation: int, position: int) -> None:
        if position == 0:
            self._feed = self.feed_in.recv()
        self._kernel.step(position, self._first + presentation, self._feed)
        for layer in self._kernel.layers:
            self._mailbox.record(self._program, position, presentation, layer.index, layer.soma)
        if position == len(self._program) - 1:
            self._report(presentation)

    def _report(self, presentation: int) -> None:
        self._mailbox.variance.array[:] = self._kernel.variance
        self._mailbox.messages.array[:] = self._kernel.messages
        self._mailbox.saturations.array[:] = self._kernel.saturations
        self._mailbox.progress.array[0] = presentation + 1


@implements(proc=Network, protocol=AsyncProtocol)
@requires(CPU)
@tag("fused", "floating_pt")
class PyFusedNetworkFloat(_PyFusedNetwork):
    """Fused, float64."""

    feed_in: PyInPort = LavaPyType(PyInPort.VEC_DENSE, float)


@implements(proc=Network, protocol=AsyncProtocol)
@requires(CPU)
@tag("fused", "fixed_pt")
class PyFusedNetworkFixed(_PyFusedNetwork):
    """Fused, integers in Loihi's widths."""

    feed_in: PyInPort = LavaPyType(PyInPort.VEC_DENSE, np.int32, precision=24)


@implements(proc=Network, protocol=LoihiProtocol)
@tag("composed")
class ComposedNetwork(AbstractSubProcessModel):  # type: ignore[misc]
    """Stock learning connections between layer processes."""

    def __init__(self, proc: Any) -> None:
        params = proc.proc_params
        if params["batch"] != 1:
            raise InvalidInput("batch", params["batch"], "1 with the composed model", "or use --model fused")
        kernel, program, mailbox = _kernel(params), params["program"], params["mailbox"]
        layers = [
            Layer(
                n=layer.n,
                index=layer.index,
                kernel=layer,
                program=program,
                first=params["first"],
                gains=kernel.gains(layer.index),
                mailbox=mailbox,
                name=f"layer_{layer.index}",
            )
            for layer in kernel.layers
        ]
        projections = []

        def synapses(way: str, i: int, boxes: list[SharedArray]) -> dict[str, Any]:
            common = {"period": len(program), "first": params["first"], "mailbox": boxes[i]}
            return {**common, **kernel.synapses(i + 1, way)}

        for i in range(program.depth):
            below, above = layers[i], layers[i + 1]
            projections += [
                _project(f"F_{i + 1}", below.up_out, above, "basal", **synapses("up", i, mailbox.up)),
                _project(f"G_{i + 1}", above.down_out, below, "apical", **synapses("down", i, mailbox.down)),
            ]
        for part in (*layers, *projections):
            setattr(self, part.name, part)  # Lava finds parts among a model's attributes only
        proc.in_ports.feed_in.connect(layers[program.feed].feed_in)


def _project(name: str, source: Any, target: Layer, compartment: str, **synapses: Any) -> PlasticDense:
    """A plastic connection from ``source`` to a compartment of ``target``, and its learning signals."""
    dense = PlasticDense(name=name, **synapses)
    source.connect(dense.s_in)
    dense.a_out.connect(getattr(target, f"{compartment}_in"))
    for signal in LEARNING_SIGNALS:
        getattr(target, f"{compartment}_{signal}_out").connect(getattr(dense, f"s_in_{signal}"))
    return dense
