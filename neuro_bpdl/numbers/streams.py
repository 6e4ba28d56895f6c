"""Counter-based random streams: what is drawn depends on names, not on history.

Every draw is keyed by (seed, purpose, layer, presentation), so theory, kernels
and Lava see the same noise, a resumed run continues to the same bytes, and
the order in which layers are computed does not matter.
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np

from neuro_bpdl.errors import InvalidInput

SEEDS = 2**64


class Stream(IntEnum):
    """What a stream is for."""

    INITIAL_F = 1
    INITIAL_G = 2
    CORRUPTION = 3
    LANGEVIN = 4
    TOP_SAMPLE = 5
    MASK = 7
    SHIFT = 8
    LABELLED = 9


def stream(seed: int, purpose: Stream, layer: int = 0, presentation: int = 0) -> np.random.Generator:
    """A generator for one purpose, layer and presentation (Philox, Salmon et al. 2011).

    Raises
    ------
    InvalidInput
        A seed that does not fit into Philox's key.
    """
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or not 0 <= seed < SEEDS:
        raise InvalidInput("seed", seed, "a whole number of at least 0 and less than 2^64")
    key = np.array([seed, (int(purpose) << 32) | layer], dtype=np.uint64)
    counter = np.array([0, 0, 0, presentation], dtype=np.uint64)
    return np.random.Generator(np.random.Philox(key=key, counter=counter))


class Presentations:
    """The `stream` of every presentation in turn, for a tenth of what a new generator costs.

    Parameters
    ----------
    seed, purpose, layer
        As of `stream`.
    """

    def __init__(self, seed: int, purpose: Stream, layer: int = 0) -> None:
        self._generator = stream(seed, purpose, layer)
        self._start = self._generator.bit_generator.state

    def at(self, presentation: int) -> np.random.Generator:
        """The generator at the start of a presentation's stream; the one before is gone."""
        self._start["state"]["counter"][3] = presentation
        self._generator.bit_generator.state = self._start
        return self._generator
