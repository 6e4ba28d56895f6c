"""The theory engine behind the common surface."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.backends.protocol import Label, Progress
from neuro_bpdl.parameters import Parameters
from neuro_bpdl.spec import InferenceSpec, PlasticitySpec
from neuro_bpdl.streams import Stream, stream
from neuro_bpdl.theory import sampling
from neuro_bpdl.theory.climb import resolved
from neuro_bpdl.theory.inference import Inference, infer
from neuro_bpdl.theory.learning import present
from neuro_bpdl.theory.maps import g

Array = NDArray[Any]


class TheorySimulator:
    """The paper's equations, batched, in the floating type of ``params``.

    Parameters
    ----------
    params : Parameters
        Copied.
    batch : int
        Images per update.
    """

    def __init__(
        self, params: Parameters, inference: InferenceSpec, plasticity: PlasticitySpec, *, batch: int = 1, seed: int = 0
    ) -> None:
        self._params = params.copy()
        self._inference = resolved(inference, params)
        self._plasticity, self._batch, self._seed = plasticity, batch, seed
        self.label = Label("theory", "", "float", "", seed)

    def learn(self, images: Array, order: NDArray[np.int64], first: int, progress: Progress | None = None) -> None:
        """See `Simulator.learn`."""
        for i in range(0, len(order), self._batch):
            chosen = images[order[i : i + self._batch]].astype(self._params.dtype)
            present(
                self._params, chosen, self._inference, self._plasticity,
                seed=self._seed, presentation=first + i // self._batch,
            )  # fmt: skip
            if progress is not None:
                progress(i + len(chosen))

    def infer(
        self,
        images: Array,
        inference: InferenceSpec | None = None,
        *,
        missing: NDArray[np.bool_] | None = None,
        record: bool = False,
    ) -> Inference:
        """See `Simulator.infer`."""
        spec = self._checked(inference)
        rng = self._rng(spec)
        result = infer(self._params, self._cast(images), spec, missing=missing, rng=rng, record=record)
        result.reconstruction = g(self._params, 1, result.h[1])
        return result

    def generate(self, top: Array, inference: InferenceSpec, rounds: int) -> list[Array]:
        """See `Simulator.generate`."""
        spec = self._checked(inference)
        return sampling.generate(self._params, self._cast(top), spec, rounds=rounds, rng=self._rng(spec))

    def inpaint(self, images: Array, missing: NDArray[np.bool_], inference: InferenceSpec | None = None) -> list[Array]:
        """See `Simulator.inpaint`."""
        spec = self._checked(inference)
        return sampling.inpaint(self._params, self._cast(images), missing, spec, self._rng(spec))

    def parameters(self) -> Parameters:
        """See `Simulator.parameters`."""
        return self._params.astype(np.float64)

    def _checked(self, inference: InferenceSpec | None) -> InferenceSpec:
        return resolved(inference or self._inference, self._params)

    def _cast(self, array: Array) -> Array:
        return np.asarray(array, dtype=self._params.dtype)

    def _rng(self, spec: InferenceSpec) -> np.random.Generator | None:
        return stream(self._seed, Stream.LANGEVIN) if spec.langevin else None
