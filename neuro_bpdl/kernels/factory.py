"""From an engine's arithmetic to the kernel that has it."""

from __future__ import annotations

import numpy as np

from neuro_bpdl.description.network import describe
from neuro_bpdl.description.program import Program, taught_program, training_program
from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.kernels.network import NetworkKernel
from neuro_bpdl.numbers.widths import CARRY_STEPS, EPOCH_MAX
from neuro_bpdl.parameters import Parameters
from neuro_bpdl.spec import EngineSpec, InferenceSpec, NetworkSpec, PlasticitySpec


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
    # Imported where they are needed: numba is slow to import.
    if engine.arithmetic == "fixed":
        from neuro_bpdl.kernels.fixed.network import FixedNetwork

        return FixedNetwork(params, inference, plasticity, program, batch=batch, seed=seed, rounding=engine.rounding,
                            threads=engine.threads)  # fmt: skip
    from neuro_bpdl.kernels.float.network import FloatNetwork

    dtype = np.float32 if engine.precision == "float32" else np.float64
    return FloatNetwork(params, inference, plasticity, program, batch=batch, seed=seed, dtype=dtype)


def learning_program(engine: EngineSpec, network: NetworkSpec, steps: int) -> Program:
    """`training_program`, or `taught_program` where there are labels, with the rest that the synapses need.

    Raises
    ------
    InvalidInput
        One learning epoch a presentation with labels, which learn twice in it, or longer than `EPOCH_MAX`.
    """
    once = engine.learning_epoch == "presentation"
    rest = CARRY_STEPS if engine.arithmetic == "fixed" and not once else 0
    if network.labels:
        if once:
            raise InvalidInput("learning_epoch", "presentation", "step where labels teach",
                               "they learn twice in a presentation")  # fmt: skip
        return taught_program(describe(network), rest=rest).sending(engine.messages)
    program = training_program(describe(network), steps, rest=rest, once=once)
    if once and len(program) > EPOCH_MAX:
        raise InvalidInput("learning_epoch", f"{len(program)} time steps", f"at most {EPOCH_MAX} (6 bits)",
                           "take fewer inference steps")  # fmt: skip
    return program.sending(engine.messages)
