"""The theory engine behind the common surface."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.engines.protocol import Label, Progress, require_no_labels
from neuro_bpdl.numbers.streams import Stream, stream
from neuro_bpdl.parameters import Parameters
from neuro_bpdl.spec import InferenceSpec, PlasticitySpec
from neuro_bpdl.theory import sampling
from neuro_bpdl.theory.climb import resolved
from neuro_bpdl.theory.inference import Inference, infer
from neuro_bpdl.theory.learning import present
from neuro_bpdl.theory.maps import feedforward_pass, g
from neuro_bpdl.theory.teaching import net_inputs, teach

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
        number = "float32" if params.dtype == np.float32 else "float"
        self._inference = resolved(inference, params)
        self._plasticity, self._batch, self._seed = plasticity, batch, seed
        self.label = Label("theory", "", number, "", seed)

    def learn(self, images: Array, order: NDArray[np.int64], first: int, progress: Progress | None = None) -> None:
        """See `Simulator.learn`."""
        for i in range(0, len(order), self._batch):
            chosen = images[order[i : i + self._batch]].astype(self._params.dtype)
            self._present(chosen, first + i // self._batch)
            if progress is not None:
                progress(i + len(chosen))

    def _present(self, rows: Array, presentation: int) -> None:
        if self._params.network.labels is None:
            present(self._params, rows, self._inference, self._plasticity, seed=self._seed, presentation=presentation)
        else:
            pixels = self._params.network.sizes[0]
            teach(self._params, rows[:, :pixels], rows[:, pixels:], self._plasticity)

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
        x, label = self._split(images, 0)
        hidden, rng = None if missing is None else missing[:, : x.shape[1]], self._rng(spec)
        result = infer(self._params, x, spec, missing=hidden, label=label, rng=rng, record=record)
        result.reconstruction = g(self._params, 1, result.h[1])
        return result

    def generate(self, top: Array, inference: InferenceSpec, rounds: int) -> list[Array]:
        """See `Simulator.generate`."""
        spec = self._checked(inference)
        h, label = self._split(top, -1)
        return sampling.generate(self._params, h, spec, rounds=rounds, label=label, rng=self._rng(spec))

    def inpaint(self, images: Array, missing: NDArray[np.bool_], inference: InferenceSpec | None = None) -> list[Array]:
        """See `Simulator.inpaint`."""
        spec = self._checked(inference)
        x, label = self._split(images, 0)
        return sampling.inpaint(self._params, x, missing[:, : x.shape[1]], spec, self._rng(spec), label)

    def feedforward(self, images: Array) -> list[Array]:
        """See `Simulator.feedforward`."""
        self._params.network.teacher  # noqa: B018 (refuses a network without labels)
        x = self._cast(images)
        return [*feedforward_pass(self._params, x)[:-1], net_inputs(self._params, x)]

    def classify(self, images: Array) -> Array:
        """See `Simulator.classify`."""
        self._params.network.teacher  # noqa: B018 (refuses a network without labels)
        return net_inputs(self._params, self._cast(images))

    def parameters(self) -> Parameters:
        """See `Simulator.parameters`."""
        return self._params.astype(np.float64)

    def _checked(self, inference: InferenceSpec | None) -> InferenceSpec:
        require_no_labels(self._params)
        return resolved(inference or self._inference, self._params)

    def _split(self, rows: Array, layer: int) -> tuple[Array, Array | None]:
        """States of a layer, and the labels behind them where the top has a label child."""
        units, network = self._params.network.sizes[layer], self._params.network
        rows = self._cast(rows)
        return rows[:, :units], None if network.child is None else rows[:, units:]

    def _cast(self, array: Array) -> Array:
        return np.asarray(array, dtype=self._params.dtype)

    def _rng(self, spec: InferenceSpec) -> np.random.Generator | None:
        return stream(self._seed, Stream.LANGEVIN) if spec.langevin else None
