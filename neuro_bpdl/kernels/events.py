"""What presentations cost, in events: the same numbers on any engine.

A *message* is one unit (or always-on bias unit) sending through one
projection in one time step; a unit with payload 0 sends none. A *synaptic
operation* is one message meeting one synapse. A *learning update* is one
synapse evaluated at LEARN: those with an active presynaptic unit. A *neuron
update* is one neuron (all its compartments) in one time step.

Fixed point has *saturations* besides: a number that did not fit and was
clipped. Of a soma (h at an end of its range), of a swing (V̇ as written for
the synapses), of tags and of weights (per layer on which they end).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

UP, DOWN, LEARN_UP, LEARN_DOWN = range(4)  # columns of a layer's message counter
SATURATIONS = ("soma", "swing", "tags", "weights")  # columns of a layer's counter of clipped numbers


@dataclass(frozen=True)
class Counts:
    """Events of one or more presentations; from sizes, or counted by an engine."""

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


def counts_of_messages(messages: NDArray[Any], sizes: Sequence[int], images: int, time_steps: int) -> Counts:
    """Events per image, from the layers' message counters.

    Parameters
    ----------
    messages : (L + 1, 4)
        Per layer: messages sent up, down, and those of either that met LEARN.
    sizes : n_0 … n_L
    images : int
        Images that were presented while counting.
    time_steps : int
        Of one presentation.
    """
    above, below = np.array([*sizes[1:], 0]), np.array([0, *sizes[:-1]])
    operations = messages[:, UP] @ above + messages[:, DOWN] @ below
    updates = messages[:, LEARN_UP] @ above + messages[:, LEARN_DOWN] @ below
    sent = messages[:, UP].sum() + messages[:, DOWN].sum()
    neurons = sum(sizes) * time_steps
    return Counts(operations / images, updates / images, neurons, sent / images, time_steps)
