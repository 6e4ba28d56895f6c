"""A layer kernel without its network: for a Lava `Layer` that somebody wires into a network of their own."""

from __future__ import annotations

from typing import Any

import numpy as np

from neuro_bpdl.description.network import describe
from neuro_bpdl.description.program import Program, training_program
from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.kernels.float.layer import FloatLayer
from neuro_bpdl.kernels.layer import LayerKernel
from neuro_bpdl.kernels.state import State
from neuro_bpdl.numbers.widths import CARRY_STEPS
from neuro_bpdl.parameters import initial_parameters
from neuro_bpdl.spec import InferenceSpec, NetworkSpec, PlasticitySpec


def standalone_program(network: NetworkSpec, steps: int) -> Program:
    """Infer, learn, rest: the same time steps in every arithmetic, so that all parts keep one clock."""
    return training_program(describe(network), steps, rest=CARRY_STEPS)


def make_layer(
    arithmetic: str,
    index: int,
    network: NetworkSpec,
    inference: InferenceSpec,
    plasticity: PlasticitySpec,
    program: Program,
    *,
    seed: int = 0,
    compartment: type[LayerKernel] | None = None,
) -> LayerKernel:
    """Layer ``index`` of a chain, in "float" or "fixed".

    Parameters
    ----------
    compartment : subclass of FloatLayer or FixedLayer, optional
        Dynamics of one's own.

    Raises
    ------
    InvalidInput
        A setting without a form in fixed point, or a compartment of the other arithmetic.
    """
    state = State(program.description, 1, np.int32 if arithmetic == "fixed" else np.float64)
    if arithmetic == "float":
        made = _checked(compartment, FloatLayer, arithmetic)
        return made(index, program, state, inference, plasticity, seed=seed)
    from neuro_bpdl.kernels.fixed.layer import FixedLayer  # numba is slow to import
    from neuro_bpdl.kernels.fixed.quantize import scheme

    held = scheme(initial_parameters(network, seed), inference, plasticity, learns=program.learns)
    fixed = _checked(compartment, FixedLayer, arithmetic)
    return fixed(index, network, plasticity, program, held, state, seed=seed)


def _checked(compartment: Any, base: Any, arithmetic: str) -> Any:
    if compartment is None:
        return base
    if not issubclass(compartment, base):
        raise InvalidInput(
            "compartment", compartment.__name__, f"a subclass of {base.__name__} where the run configuration's tag "
            f"says {arithmetic}", "change the tag or the class",
        )  # fmt: skip
    return compartment
