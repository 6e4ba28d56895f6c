"""What a running network holds: flat arrays, one block per population or projection, and views of them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.description.network import Description

Array = NDArray[Any]


class State:
    """States of ``batch`` replicas. A block of n units is (batch, n) in memory.

    The layer kernels work on views of the blocks, a compiled loop on the flat
    arrays: both see the same numbers.

    Attributes
    ----------
    soma, noisy : flat, a block per population
        h_l and h̃_l.
    held, current : flat, a block per projection, of its target's size
        The prediction that a branch holds, p_l or r_l; the current that arrives, after SWING V̇.
    edges, branches : int64
        Where the blocks begin, and behind the last one where they end.
    messages : (projections, 2) int64
        Graded spikes sent, and those of them that met LEARN.
    variance : (projections,) float64
        Running mean squared V̇ of a branch: σ²_l on apical ones.
    """

    def __init__(self, description: Description, batch: int, dtype: Any) -> None:
        sizes = description.sizes
        targets = [sizes[p.target] for p in description.projections]
        self.batch = batch
        self.edges, self.branches = (np.cumsum([0, *block]) * batch for block in (sizes, targets))
        self.soma, self.noisy = np.zeros((2, self.edges[-1]), dtype)
        self.held, self.current = np.zeros((2, self.branches[-1]), dtype)
        self.messages = np.zeros((len(targets), 2), np.int64)
        self.variance = np.ones(len(targets))

    def of_population(self, values: Array, population: int) -> Array:
        """A view (batch, n) of a population's block."""
        return values[self.edges[population] : self.edges[population + 1]].reshape(self.batch, -1)

    def of_projection(self, values: Array, projection: int) -> Array:
        """A view (batch, n of the target) of a projection's block."""
        return values[self.branches[projection] : self.branches[projection + 1]].reshape(self.batch, -1)
