"""Models of `Network`: *fused* steps the kernels in one process, *composed* wires what a chip would run."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from lava.magma.core.decorator import implements, requires, tag
from lava.magma.core.model.py.model import PyAsyncProcessModel
from lava.magma.core.model.py.ports import PyInPort
from lava.magma.core.model.py.type import LavaPyType
from lava.magma.core.model.sub.model import AbstractSubProcessModel
from lava.magma.core.resources import CPU
from lava.magma.core.sync.protocols.async_protocol import AsyncProtocol
from lava.magma.core.sync.protocols.loihi_protocol import LoihiProtocol

from neuro_bpdl.description.projections import Projection
from neuro_bpdl.engines.lava.wiring import chain, connect
from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.kernels.factory import make_network
from neuro_bpdl.kernels.network import NetworkKernel, Recorder
from neuro_bpdl.processes.layer.process import Layer
from neuro_bpdl.processes.network.process import Network
from neuro_bpdl.processes.plastic.process import PlasticDense
from neuro_bpdl.spec import ENGINES, EngineSpec

Arithmetic = Literal["float", "fixed"]


def _engine(proc_params: Any, arithmetic: Arithmetic | None) -> EngineSpec:
    """The engine that was given, or the model's arithmetic; they must not differ."""
    given: EngineSpec | None = proc_params["engine"]
    if given is None:
        return EngineSpec(backend="lava", arithmetic=arithmetic or "float")
    if arithmetic not in (None, given.arithmetic):
        raise InvalidInput(
            "engine.arithmetic of Network", given.arithmetic, f"{arithmetic}, as the run configuration's tag says",
            "change one of the two places, or leave engine out",
        )  # fmt: skip
    return given


def _kernel(proc_params: Any, arithmetic: Arithmetic | None = None) -> NetworkKernel:
    return make_network(
        _engine(proc_params, arithmetic),
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

    arithmetic: Arithmetic
    soma: Any

    def __init__(self, proc_params: Any) -> None:
        super().__init__(proc_params)
        self._program, self._first = proc_params["program"], proc_params["first"]
        self._mailbox, self._kernel = proc_params["mailbox"], _kernel(proc_params, self.arithmetic)
        if self._mailbox is not None:  # the kernel learns in place, so its matrices can be the mailbox's own
            self._kernel.live_in(self._mailbox.memory.array)
        self._feed: Any = None
        self._tick = 0

    def run_async(self) -> None:
        self.soma = self._kernel.state.soma
        end, period = self._tick + self.num_steps, len(self._program)
        while self._tick < end:
            presentation, position = divmod(self._tick, period)
            if position == 0 and end - self._tick >= period:
                self._kernel.present(self._first + presentation, self._fed(), self._recorder(presentation))
                self._report(presentation)
                self._tick += period
            else:
                self._step(presentation, position)
                self._tick += 1

    def _step(self, presentation: int, position: int) -> None:
        if position == 0:
            self._feed = self._fed()
        self._kernel.step(position, self._first + presentation, self._feed, self._recorder(presentation))
        if position == len(self._program) - 1:
            self._report(presentation)

    def _fed(self) -> Any:
        """What the sources send at the start of a presentation."""
        feed = self.feed_in.recv()
        return feed if len(self._program.feeds) == 1 else np.hstack((feed, self.label_in.recv()))

    def _recorder(self, presentation: int) -> Recorder | None:
        """Keeps the somas of a presentation where the program records any."""
        if not self._program.records or self._mailbox is None:
            return None
        boxes = self._mailbox.records

        def record(k: int, somas: list[Any]) -> None:
            for box, soma in zip(boxes, somas, strict=True):
                box.array[presentation, k] = soma

        return record

    def _report(self, presentation: int) -> None:
        if self._mailbox is None:
            return
        self._mailbox.variance.array[:] = self._kernel.variance
        self._mailbox.messages.array[:] = self._kernel.messages
        self._mailbox.saturations.array[:] = self._kernel.saturations
        self._mailbox.progress.array[0] = presentation + 1


@implements(proc=Network, protocol=AsyncProtocol)
@requires(CPU)
@tag("fused", "floating_pt")
class PyFusedNetworkFloat(_PyFusedNetwork):
    """Fused, float64."""

    arithmetic = "float"
    soma: Any = LavaPyType(np.ndarray, float)
    feed_in: PyInPort = LavaPyType(PyInPort.VEC_DENSE, float)
    label_in: PyInPort = LavaPyType(PyInPort.VEC_DENSE, float)


@implements(proc=Network, protocol=AsyncProtocol)
@requires(CPU)
@tag("fused", "fixed_pt")
class PyFusedNetworkFixed(_PyFusedNetwork):
    """Fused, integers in Loihi's widths."""

    arithmetic = "fixed"
    soma: Any = LavaPyType(np.ndarray, np.int32, precision=24)
    feed_in: PyInPort = LavaPyType(PyInPort.VEC_DENSE, np.int32, precision=24)
    label_in: PyInPort = LavaPyType(PyInPort.VEC_DENSE, np.int32, precision=24)


@implements(proc=Network, protocol=LoihiProtocol)
@tag("composed")
class ComposedNetwork(AbstractSubProcessModel):  # type: ignore[misc]
    """Stock learning connections between layer processes."""

    def __init__(self, proc: Any) -> None:
        params = proc.proc_params
        ENGINES["lava-composed"].require_batch(params["batch"])
        if params["engine"] is None:
            self._stand_alone(proc)
            return
        kernel, program, mailbox = _kernel(params), params["program"], params["mailbox"]
        layers = [
            Layer(
                shape=(layer.n,),
                index=layer.index,
                kernel=layer,
                program=program,
                first=params["first"],
                gains={branch: kernel.rule(branch)[1] for branch in layer.incoming},
                mailbox=mailbox,
                name=f"layer_{layer.index}",
            )
            for layer in kernel.layers
        ]
        projections = [
            _project(
                described, layers[described.source], layers[described.target],
                period=len(program), first=params["first"], mailbox=mailbox.projections[i], **kernel.synapses(i),
            )
            for i, described in enumerate(kernel.projections)
        ]  # fmt: skip
        for part in (*layers, *projections):
            setattr(self, part.name, part)  # Lava finds parts among a model's attributes only
        for port, fed in zip((proc.in_ports.feed_in, proc.in_ports.label_in), program.feeds, strict=False):
            port.connect(layers[fed].feed_in)

    def _stand_alone(self, proc: Any) -> None:
        """Parts that take their arithmetic from the run configuration, each by itself."""
        given = proc.proc_params
        parts = chain(params=given["params"], inference=given["inference"], plasticity=given["plasticity"],
                      seed=given["seed"])  # fmt: skip
        for part in (*parts.layers, *parts.up, *parts.down):
            setattr(self, part.name, part)
        proc.in_ports.feed_in.connect(parts.layers[0].feed_in)


def _project(described: Projection, source: Layer, target: Layer, *, dw: str, **synapses: Any) -> PlasticDense:
    """A plastic connection from ``source`` to a branch of ``target``, and its learning signals."""
    dense = PlasticDense(name=described.name, rule=dw, **synapses)
    connected: PlasticDense = connect(source, dense, target, described.way, told=described.told)
    return connected
