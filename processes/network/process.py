"""The whole network as one Lava process, with a fused and a composed model."""

from __future__ import annotations

from lava.magma.core.process.ports.ports import InPort
from lava.magma.core.process.process import AbstractProcess

from neuro_bpdl.backends.lava.mailbox import Mailbox
from neuro_bpdl.kernels.schedule import Program
from neuro_bpdl.parameters import Parameters
from neuro_bpdl.spec import EngineSpec, InferenceSpec, PlasticitySpec


class Network(AbstractProcess):  # type: ignore[misc]
    """L + 1 layers and their plastic projections, running ``program``.

    Parameters
    ----------
    params : Parameters
        Where the weights start.
    inference, plasticity : specs
    engine : EngineSpec
        Its arithmetic and rounding; the model is the run configuration's choice.
    program : Program
    mailbox : Mailbox
    batch : int
        Replicas; the composed model has one.
    seed : int
    first : int
        Number of the first presentation.

    Ports
    -----
    feed_in : (batch, n of the fed layer)
        One message per presentation, at its first time step.
    """

    def __init__(
        self,
        *,
        params: Parameters,
        inference: InferenceSpec,
        plasticity: PlasticitySpec,
        engine: EngineSpec,
        program: Program,
        mailbox: Mailbox,
        batch: int = 1,
        seed: int = 0,
        first: int = 0,
        name: str = "network",
    ) -> None:
        super().__init__(
            params=params,
            inference=inference,
            plasticity=plasticity,
            engine=engine,
            program=program,
            mailbox=mailbox,
            batch=batch,
            seed=seed,
            first=first,
            name=name,
        )
        self.feed_in = InPort(shape=(batch, params.network.sizes[program.feed]))
