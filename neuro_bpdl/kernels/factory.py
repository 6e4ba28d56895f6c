"""From an engine's arithmetic to the kernel that has it."""

from __future__ import annotations

from neuro_bpdl.kernels.float_network import FloatNetwork
from neuro_bpdl.kernels.network import NetworkKernel
from neuro_bpdl.kernels.schedule import Program, training_program
from neuro_bpdl.kernels.widths import CARRY_STEPS
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
    if engine.arithmetic == "fixed":
        from neuro_bpdl.kernels.fixed_network import FixedNetwork  # numba is slow to import

        return FixedNetwork(params, inference, plasticity, program, batch=batch, seed=seed, rounding=engine.rounding)
    return FloatNetwork(params, inference, plasticity, program, batch=batch, seed=seed)


def learning_program(engine: EngineSpec, depth: int, steps: int) -> Program:
    """`training_program` with the rest that the arithmetic's synapses need."""
    return training_program(depth, steps, rest=CARRY_STEPS if engine.arithmetic == "fixed" else 0)
