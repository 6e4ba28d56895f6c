"""What presentations cost, in events: the same numbers on any engine.

A *message* is one unit (or always-on bias unit) sending through one
projection in one time step; a unit with payload 0 sends none, nor does one that
says what it said last where changes only are sent. A *synaptic
operation* is one message meeting one synapse. A *learning update* is one
synapse evaluated at LEARN: those with an active presynaptic unit. A *neuron
update* is one neuron (all its compartments) in one time step.

Fixed point has *saturations* besides: a number that did not fit and was
clipped. Of a soma (h at an end of its range), of a swing (V̇ as written for
the synapses), of tags and of weights (per layer on which they end), and, where
messages are spikes, of rates beyond the range of a layer's trains.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.description.network import Description

ALL, AT_LEARN = range(2)  # columns of a projection's message counter
SATURATIONS = ("soma", "swing", "tags", "weights", "range")  # columns of a layer's counter of clipped numbers


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


def counts_of_messages(messages: NDArray[Any], description: Description, images: int, time_steps: int) -> Counts:
    """Events per image, from the projections' message counters.

    Parameters
    ----------
    messages : (projections, 2)
        All messages, and those that met LEARN.
    images : int
        Images that were presented while counting.
    time_steps : int
        Of one presentation.
    """
    targets = np.array([description.sizes[projection.target] for projection in description.projections])
    # Python's own numbers: numpy 2 would print its type's name with each.
    operations, updates = (float(targets @ messages[:, column]) for column in (ALL, AT_LEARN))
    sent, neurons = float(messages[:, ALL].sum()), sum(description.sizes) * time_steps
    return Counts(operations / images, updates / images, neurons, sent / images, time_steps)
