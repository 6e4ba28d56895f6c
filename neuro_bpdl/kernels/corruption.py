"""The noise of whole presentations, drawn before a compiled loop needs it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.kernels.layer import LayerKernel
from neuro_bpdl.kernels.state import State
from neuro_bpdl.numbers.streams import Presentations, Stream
from neuro_bpdl.spec.plasticity import BERNOULLI_DRAWS

Array = NDArray[Any]


class Corruption:
    """What `LayerKernel.corrupted` draws, for all layers of a network.

    Attributes
    ----------
    normal : flat float64, as somas
        Standard normal; empty where nothing is corrupted.
    uniform : (3, batch × n of the top) float64
        For Bernoulli corruption of the top; (3, 0) where it is Gaussian.
    """

    def __init__(self, layers: Sequence[LayerKernel], state: State, seed: int) -> None:
        program = layers[0].program
        self._wanted, self._edges = program.corrupts, state.edges
        self._streams = [Presentations(seed, Stream.CORRUPTION, layer.index) for layer in layers]
        self._bernoulli = [layer.is_top and layer.plasticity.top_noise == "bernoulli" for layer in layers]
        self.normal = np.zeros(state.soma.size if self._wanted else 0)
        top = next((layer.soma.size for layer, coins in zip(layers, self._bernoulli, strict=True) if coins), 0)
        self.uniform = np.zeros((BERNOULLI_DRAWS, top if self._wanted else 0))

    def draw(self, presentation: int) -> None:
        """The noise of one presentation, in place of the last one's."""
        if not self._wanted:
            return
        for layer, draws in enumerate(self._streams):
            if self._bernoulli[layer]:
                draws.at(presentation).random(out=self.uniform)
            else:
                draws.at(presentation).standard_normal(out=self.normal[self._edges[layer] : self._edges[layer + 1]])
