"""Events of one presentation from sizes alone; engines count the same events while they run.

Both walk the same `Program`, so with every unit sending they are equal;
`neuro_bpdl.kernels.events` defines what is counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Literal

from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.kernels.events import Counts
from neuro_bpdl.kernels.factory import learning_program
from neuro_bpdl.kernels.schedule import Phase, Program, inference_program
from neuro_bpdl.spec import EngineSpec, InferenceSpec, NetworkSpec


def presentation_counts(network: NetworkSpec, inference: InferenceSpec, learning: bool, *,
                        activity: float | Sequence[float] = 1.0, bias_unit: bool = True,
                        arithmetic: Literal["float", "fixed"] = "fixed") -> Counts:
    """Events of one presentation, from sizes.

    Parameters
    ----------
    network, inference
        Sizes n_0 … n_L and the number of inference steps N.
    learning : bool
        `learning_program`, else `inference_program`.
    activity : float or sequence of L + 1 floats
        Fraction of a layer's units that send when the layer sends, in [0, 1];
        1 is the upper bound.
    bias_unit : bool
        Whether every projection has an always-on unit.
    arithmetic : {"fixed", "float"}
        A chip's, whose synapses rest after learning, or the float engines'.

    Raises
    ------
    InvalidInput
        ``activity`` is outside [0, 1] or has the wrong length.
    """
    engine, depth = EngineSpec(arithmetic=arithmetic), network.depth
    program = (learning_program(engine, depth, inference.steps) if learning
               else inference_program(depth, inference.steps))
    senders = _senders(network, activity, bias_unit)
    return sum((_step_counts(program, at, network.sizes, senders) for at in range(len(program))), Counts())


def _step_counts(program: Program, position: int, sizes: Sequence[int], senders: Sequence[float]) -> Counts:
    """Events of one time step: what every layer sends up and down."""
    messages = operations = 0.0
    for sends, hop in ((program.sends_up, 1), (program.sends_down, -1)):
        for layer in (layer for layer, does in enumerate(sends[position]) if does):
            messages += senders[layer]
            operations += senders[layer] * sizes[layer + hop]
    learns = program.steps[position].phase is Phase.LEARN
    return Counts(operations, operations if learns else 0, sum(sizes), messages, 1)


def _senders(network: NetworkSpec, activity: float | Sequence[float], bias_unit: bool) -> list[float]:
    count = len(network.sizes)
    parts = [float(activity)] * count if isinstance(activity, (int, float)) else [float(part) for part in activity]
    if len(parts) != count or not all(0 <= part <= 1 for part in parts):
        raise InvalidInput("activity", activity, f"a fraction in [0, 1], or {count} of them, one per layer")
    return [part * size + bias_unit for part, size in zip(parts, network.sizes, strict=True)]


def every_synapse_evaluated(network: NetworkSpec, counts: Counts) -> Counts:
    """``counts`` of learning if the learning engine evaluates every synapse, biases included, at every time step.

    The fixed-point rule carries tags into weights by terms in u0, true at
    every epoch of one time step. Stock Lava evaluates them everywhere; whether
    a chip pays for it is not known, so this is the upper bound.
    """
    sizes = network.sizes
    synapses = sum((below + 1) * above + (above + 1) * below for below, above in pairwise(sizes))
    return replace(counts, learning_updates=synapses * counts.time_steps)
