"""From an engine's arithmetic to the kernel that has it."""

from __future__ import annotations

from neuro_bpdl.kernels.float_network import FloatNetwork
from neuro_bpdl.kernels.network import NetworkKernel
from neuro_bpdl.kernels.schedule import Program
from neuro_bpdl.parameters import Parameters
from neuro_bpdl.spec import EngineSpec, InferenceSpec, PlasticitySpec


def make_network(
    engine: EngineSpec,
    params: Parameters,
    inference: InferenceSpec,
    plasticity: PlasticitySpec,
    program: Program,
    *,
    batch: int,
    seed: int,
) -> NetworkKernel:
    """The network kernel for ``engine.arithmetic``.

    Raises
    ------
    InvalidInput
        The parameters or settings have no form in that arithmetic.
    """
    return FloatNetwork(params, inference, plasticity, program, batch=batch, seed=seed)
