"""A network that has learned images and labels: three views of the same weights, each on a simulator of its own.

The layers that learn images; all layers, the label population on top, which is
taught and classifies; and the layers that learn images with the label
population as an observed child of their top, which is told a label while it
draws or fills in (`theory.joint`). In fixed point the views hold what they
share in the same units, so that weights and tags go from one to the other as
they are.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.engines.protocol import Label, Progress, Simulator
from neuro_bpdl.parameters import Parameters
from neuro_bpdl.spec import EngineSpec, InferenceSpec, PlasticitySpec
from neuro_bpdl.theory.climb import resolved
from neuro_bpdl.theory.inference import Inference

Array = NDArray[Any]
Make = Callable[..., Simulator]
FIRST_LESSON = 2**40  # labels' presentations count from here: what is drawn for one is never drawn for an image


class JointSimulator:
    """See `Simulator`: images are learned by `learn`, labels by `teach`.

    Parameters
    ----------
    make : callable
        What makes the simulator of a view: `registry.make_simulator`.
    """

    def __init__(
        self,
        make: Make,
        engine: EngineSpec,
        params: Parameters,
        inference: InferenceSpec,
        plasticity: PlasticitySpec,
        *,
        batch: int = 1,
        seed: int = 0,
    ) -> None:
        self._params = params.copy()
        self._make, self._engine = make, engine
        self._inference = resolved(inference, self._params.images, engine.arithmetic)
        self._plasticity, self._batch, self._seed = plasticity, batch, seed
        self._latest: Simulator = self._on(self._params.images)
        self.label: Label = self._latest.label

    def __getattr__(self, name: str) -> Any:
        if name in ("_latest", "__setstate__"):  # while it is being copied
            raise AttributeError(name)
        return getattr(self._latest, name)  # counts, saturated: of the latest call

    def learn(self, images: Array, order: NDArray[np.int64], first: int, progress: Progress | None = None) -> None:
        """The layers below the labels learn images; what stands behind these is not looked at."""
        simulator = self._on(self._params.images, self._batch)
        simulator.learn(images[:, : self._params.network.sizes[0]], order, first, progress)
        self._params.images.variance[...] = self._take(simulator).variance

    def teach(self, rows: Array, order: NDArray[np.int64], first: int) -> None:
        """All layers learn labels, in the event of `theory.teaching`.

        Parameters
        ----------
        rows : (N, n_0 + classes)
        order, first
            As of `Simulator.learn`.
        """
        simulator = self._on(self._params.taught, self._batch)
        simulator.learn(rows, order, FIRST_LESSON + first)
        self._take(simulator)

    def infer(
        self,
        images: Array,
        inference: InferenceSpec | None = None,
        *,
        missing: NDArray[np.bool_] | None = None,
        record: bool = False,
    ) -> Inference:
        """See `Simulator.infer`."""
        hidden = None if missing is None else self._wide(missing, images)
        result = self._view(images, 0).infer(images, inference, missing=hidden, record=record)
        depth = self._params.network.images.depth
        history = [state[: depth + 1] for state in result.history]
        return Inference(result.h[: depth + 1], history, result.reconstruction)

    def generate(self, top: Array, inference: InferenceSpec, rounds: int) -> list[Array]:
        """See `Simulator.generate`."""
        return self._view(top, self._params.network.images.depth).generate(top, inference, rounds)

    def inpaint(self, images: Array, missing: NDArray[np.bool_], inference: InferenceSpec | None = None) -> list[Array]:
        """See `Simulator.inpaint`."""
        return self._view(images, 0).inpaint(images, self._wide(missing, images), inference)

    def feedforward(self, images: Array) -> list[Array]:
        """See `Simulator.feedforward`."""
        return self._on(self._params.taught).feedforward(images)

    def classify(self, images: Array) -> Array:
        """See `Simulator.classify`."""
        return self.feedforward(images)[-1]

    def parameters(self) -> Parameters:
        """See `Simulator.parameters`: of all layers, the label population among them."""
        return self._params.astype(np.float64)

    def _view(self, rows: Array, layer: int) -> Simulator:
        """With labels behind the states of a layer, the view of a network that is told; else that of images."""
        told = rows.shape[1] > self._params.network.sizes[layer]
        return self._on(self._params.told if told else self._params.images)

    def _wide(self, missing: NDArray[np.bool_], images: Array) -> NDArray[np.bool_]:
        """Labels that stand behind images are never missing."""
        known = np.zeros((len(missing), images.shape[1] - missing.shape[1]), bool)
        return np.hstack([missing, known])

    def _on(self, params: Parameters, batch: int = 1) -> Simulator:
        """A simulator of a view, with the rates that its pairs learn with."""
        rule, inference = self._plasticity, self._inference
        if params.network.labels is not None:  # it does not infer
            rule, inference = rule.teaching, inference.model_copy(update={"alpha": 0.0})
        if params.network.child is not None:  # it does not learn
            rule = rule.model_copy(update={"learning_rate": 1.0, "feedforward_rate": None})
        self._latest = self._make(self._engine, params, inference, rule, batch=batch, seed=self._seed)
        return self._latest

    def _take(self, simulator: Simulator) -> Parameters:
        """What a view has learned into the arrays that all views share; the view's own, variances included."""
        learned = simulator.parameters()
        for name in ("F", "b", "G", "c"):
            for mine, theirs in zip(getattr(self._params, name), getattr(learned, name), strict=False):
                mine[...] = theirs
        return learned
