"""What one presentation of one image costs, in events: the same numbers on any engine.

Definitions. A *message* is one unit (or always-on bias unit) sending through
one projection in one time step; units whose payload is 0 send none. A
*synaptic operation* is one message meeting one synapse. A *learning update*
is one synapse evaluated in the LEARN step: those with an active presynaptic
unit. A *neuron update* is one neuron (all its compartments) in one time step.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.spec import InferenceSpec, NetworkSpec


@dataclass(frozen=True)
class Counts:
    """Events of one or more presentations; analytic or counted by an engine."""

    synaptic_operations: float = 0
    learning_updates: float = 0
    neuron_updates: float = 0
    spikes: float = 0
    time_steps: float = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(*(getattr(self, part.name) + getattr(other, part.name) for part in fields(self)))

    def __mul__(self, times: float) -> Counts:
        return Counts(*(getattr(self, part.name) * times for part in fields(self)))

    __rmul__ = __mul__


@dataclass(frozen=True)
class Step:
    """One time step: the layers that send up (through F) and down (through G)."""

    phase: str
    up: tuple[int, ...] = ()
    down: tuple[int, ...] = ()


def presentation_steps(depth: int, steps: int, learning: bool) -> list[Step]:
    """LOAD, SETTLE × L, (REFLECT, UPDATE) × N and, with learning, CORRUPT and LEARN: 1 + L + 2N (+ 2) steps."""
    hidden, below_top = tuple(range(1, depth + 1)), tuple(range(1, depth))
    broadcast = Step("SETTLE", below_top, hidden)
    settle = [*(Step("SETTLE", (layer,)) for layer in below_top), broadcast]
    inference = [Step("REFLECT", (0, *below_top)), Step("UPDATE", below_top, hidden)] * steps
    everything = ((0, *below_top), hidden)
    learn = [Step("CORRUPT", *everything), Step("LEARN", *everything)] if learning else []
    return [Step("LOAD", (0,)), *settle, *inference, *learn]


def presentation_counts(network: NetworkSpec, inference: InferenceSpec, learning: bool, *,
                        activity: float | Sequence[float] = 1.0, bias_unit: bool = True) -> Counts:
    """Events of one presentation, from sizes.

    Parameters
    ----------
    network, inference
        Sizes n_0 … n_L and the number of inference steps N.
    learning : bool
        Whether CORRUPT and LEARN follow.
    activity : float or sequence of L + 1 floats
        Fraction of a layer's units that send when the layer sends, in [0, 1];
        1 is the upper bound.
    bias_unit : bool
        Whether every projection has an always-on unit.

    Raises
    ------
    InvalidInput
        ``activity`` is outside [0, 1] or has the wrong length.
    """
    sizes, senders = network.sizes, _senders(network, activity, bias_unit)
    total = Counts()
    for step in presentation_steps(network.depth, inference.steps, learning):
        messages = sum(senders[layer] for layer in (*step.up, *step.down))
        operations = (sum(senders[layer] * sizes[layer + 1] for layer in step.up)
                      + sum(senders[layer] * sizes[layer - 1] for layer in step.down))
        total += Counts(operations, operations if step.phase == "LEARN" else 0, sum(sizes), messages, 1)
    return total


def _senders(network: NetworkSpec, activity: float | Sequence[float], bias_unit: bool) -> list[float]:
    count = len(network.sizes)
    parts = [float(activity)] * count if isinstance(activity, (int, float)) else [float(part) for part in activity]
    if len(parts) != count or not all(0 <= part <= 1 for part in parts):
        raise InvalidInput("activity", activity, f"a fraction in [0, 1], or {count} of them, one per layer")
    return [part * size + bias_unit for part, size in zip(parts, network.sizes, strict=True)]
