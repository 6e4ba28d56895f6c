"""Pictures on white: the network sees 1 − x, and what it draws is handed out as x.

A silent pixel stands for the ground. On white paper that is white: else every synapse of the paper would learn with
every image, and its common drive would be all that the network sees.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.engines.protocol import Progress, Simulator
from neuro_bpdl.parameters import Parameters
from neuro_bpdl.spec import InferenceSpec
from neuro_bpdl.theory.inference import Inference

Array = NDArray[Any]


def as_seen(images: Array, ground: str) -> Array:
    """Images as a network on this ground sees them, or as it draws them; the same way back."""
    return images if ground == "dark" else 1 - images


def on_ground(simulator: Simulator, params: Parameters) -> Simulator:
    """``simulator`` of a network with ``params``, with images as people have them."""
    return simulator if params.network.ground == "dark" else OnBrightGround(simulator)


class OnBrightGround:
    """A `Simulator` whose images are x while its network's are 1 − x. States h stay the network's own.

    Parameters
    ----------
    seeing : Simulator
        Anything else that it has (label, counts) is its own here too.
    """

    def __init__(self, seeing: Simulator) -> None:
        self._seeing = seeing
        self.label = seeing.label

    def __getattr__(self, name: str) -> Any:
        if name == "_seeing":  # while it is being copied
            raise AttributeError(name)
        return getattr(self._seeing, name)

    def learn(self, images: Array, order: NDArray[np.int64], first: int, progress: Progress | None = None) -> None:
        """See `Simulator.learn`."""
        self._seeing.learn(1 - images[order], np.arange(len(order)), first, progress)

    def infer(
        self,
        images: Array,
        inference: InferenceSpec | None = None,
        *,
        missing: NDArray[np.bool_] | None = None,
        record: bool = False,
    ) -> Inference:
        """See `Simulator.infer`."""
        result = self._seeing.infer(1 - images, inference, missing=missing, record=record)
        drawn = result.reconstruction
        return result if drawn is None else replace(result, reconstruction=1 - drawn)

    def generate(self, top: Array, inference: InferenceSpec, rounds: int) -> list[Array]:
        """See `Simulator.generate`."""
        return [1 - images for images in self._seeing.generate(top, inference, rounds)]

    def inpaint(self, images: Array, missing: NDArray[np.bool_], inference: InferenceSpec | None = None) -> list[Array]:
        """See `Simulator.inpaint`."""
        return [1 - drawn for drawn in self._seeing.inpaint(1 - images, missing, inference)]

    def parameters(self) -> Parameters:
        """See `Simulator.parameters`."""
        return self._seeing.parameters()
