"""The whole network as one Lava process, with a fused and a composed model."""

from __future__ import annotations

from lava.magma.core.process.ports.ports import InPort
from lava.magma.core.process.process import AbstractProcess
from lava.magma.core.process.variable import Var

from neuro_bpdl.description.program import Program
from neuro_bpdl.engines.lava.mailbox import Mailbox
from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.kernels.standalone import standalone_program
from neuro_bpdl.parameters import Parameters, initial_parameters
from neuro_bpdl.spec import EngineSpec, InferenceSpec, NetworkSpec, PlasticitySpec


class Network(AbstractProcess):  # type: ignore[misc]
    """L + 1 layers and their plastic projections, running ``program``.

    Parameters
    ----------
    params : Parameters, optional
        Where the weights start; drawn under ``seed`` for ``sizes`` unless given.
    sizes : tuple of int, optional
        Units of every layer, the visible one first.
    inference, plasticity : specs, optional
    engine : EngineSpec, optional
        Its arithmetic and rounding; both are the run configuration's unless given. The model is its choice always.
    program : Program, optional
        Infers and learns unless given.
    mailbox : Mailbox, optional
        Where it leaves what it learns and records; without one, read the Vars.

    Vars
    ----
    soma : (batch × units of all layers,)
        Layer after layer; of the fused model, which only ``get`` reads. To probe and set single layers and
        connections wire them yourself, or by `neuro_bpdl.processes.chain`.
    batch : int
        Replicas; the composed model has one.
    seed : int
    first : int
        Number of the first presentation.

    Ports
    -----
    feed_in : (batch, n of the first fed layer)
        One message per presentation, at its first time step.
    label_in : (batch, n of the second fed layer)
        The same from a source of labels; connected where the program clamps two layers.
    """

    _runtime = None  # Lava's destructor asks for it, also when a constructor has refused its arguments

    def __init__(
        self,
        *,
        params: Parameters | None = None,
        sizes: tuple[int, ...] | None = None,
        inference: InferenceSpec | None = None,
        plasticity: PlasticitySpec | None = None,
        engine: EngineSpec | None = None,
        program: Program | None = None,
        mailbox: Mailbox | None = None,
        batch: int = 1,
        seed: int = 0,
        first: int = 0,
        name: str = "network",
    ) -> None:
        if params is None:
            if sizes is None:
                raise InvalidInput("Network", None, "sizes=(…) or params=…", "give one of them")
            params = initial_parameters(NetworkSpec.of(tuple(sizes)), seed)
        inference = inference or InferenceSpec()
        program = program or standalone_program(params.network, inference.steps)
        self.period = len(program)
        super().__init__(
            params=params,
            inference=inference,
            plasticity=plasticity or PlasticitySpec(),
            engine=engine,
            program=program,
            mailbox=mailbox,
            batch=batch,
            seed=seed,
            first=first,
            name=name,
        )
        fed = [program.description.sizes[population] for population in program.feeds]
        self.feed_in = InPort(shape=(batch, fed[0]))
        self.label_in = InPort(shape=(batch, fed[1] if len(fed) > 1 else 1))
        self.soma = Var(shape=(batch * sum(params.network.sizes),), init=0)
