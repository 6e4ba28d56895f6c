"""Run every engine on the same images and weights, and measure it against theory."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from neuro_bpdl.agreement import measures
from neuro_bpdl.agreement.layers import layer_agreements
from neuro_bpdl.agreement.measures import TERMS
from neuro_bpdl.agreement.results import Agreement, EngineAgreement
from neuro_bpdl.agreement.taught import TaughtTask
from neuro_bpdl.agreement.tolerances import tolerance_for
from neuro_bpdl.engines.ground import on_ground
from neuro_bpdl.engines.protocol import Simulator
from neuro_bpdl.engines.theory import TheorySimulator
from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.numbers.streams import Stream, stream
from neuro_bpdl.parameters import Parameters
from neuro_bpdl.spec import InferenceSpec, PlasticitySpec
from neuro_bpdl.theory.inference import Inference
from neuro_bpdl.theory.sampling import GENERATE_ALPHA, GENERATE_ROUNDS, sample_top

Array = NDArray[Any]
Engine = Callable[[Parameters], Simulator]
"""Makes a simulator that holds these parameters and learns one image at a time."""
UPDATES = 10
SHOWN = 8
HIDDEN_SHARE = 0.5


def compare_engines(
    engines: Mapping[str, Engine],
    params: Parameters,
    images: Array,
    inference: InferenceSpec,
    plasticity: PlasticitySpec,
    *,
    seed: int = 0,
    updates: int = UPDATES,
    shown: int = SHOWN,
    labels: ArrayLike | None = None,
) -> Agreement:
    """Infer, learn a little, generate and inpaint on every engine and on theory; with labels, answer and be taught.

    Parameters
    ----------
    engines : name → Engine
        Each simulator has batch 1, ``inference`` and ``plasticity`` (in fixed
        point at `tolerances.COMPARED_RATE` or more); theory is run besides
        them and need not be among them.
    images : (images, n_0) in [0, 1]
    updates : int
        Images learned, one after the other, from ``params``; the change of
        the weights over them all is compared. A single update of a
        fixed-point engine is mostly rounding.
    shown : int
        Images generated and inpainted.
    labels : (images,), for a network with labels

    Raises
    ------
    InvalidInput
        No engine, or no image, or images of another size; a network with labels and none for the images.
    """
    _check(engines, params, images)
    x = np.asarray(images, np.float64)
    task: Any = (
        _Task(params, x, inference, plasticity, seed=seed, updates=updates, shown=shown)
        if params.network.labels is None
        else TaughtTask(params, x, labels, updates=updates)
    )
    theory, seconds = _timed(
        task, lambda start: on_ground(
            TheorySimulator(start.astype(np.float64), inference, plasticity, batch=1, seed=seed), start
        )
    )  # fmt: skip
    reference = task.measure("theory", theory, theory, seconds)
    found = []
    for name, engine in engines.items():
        run, seconds = _timed(task, engine)
        found.append(task.measure(name, run, theory, seconds))
    return Agreement(task.images, task.masked, task.missing, reference, found)


def _timed(task: Any, engine: Engine) -> tuple[Any, float]:
    start = time.perf_counter()
    run = task.run(engine(task.params))
    return run, time.perf_counter() - start


class _Run:
    """What one engine produced."""

    def __init__(self, simulator: Simulator, task: _Task) -> None:
        generation = task.inference.model_copy(update={"alpha": GENERATE_ALPHA})
        self.label = simulator.label
        self.inferred: Inference = simulator.infer(task.images, record=True)
        self.generated = np.asarray(simulator.generate(task.top, generation, GENERATE_ROUNDS)[-1])
        self.inpainted = np.asarray(simulator.inpaint(task.masked, task.missing)[-1])
        simulator.learn(task.images, np.arange(task.updates), 0)
        self.change = measures.changes(task.params, simulator.parameters())


class _Task:
    """What every engine is asked to do, and the measuring of what it did."""

    def __init__(
        self,
        params: Parameters,
        images: Array,
        inference: InferenceSpec,
        plasticity: PlasticitySpec,
        *,
        seed: int,
        updates: int,
        shown: int,
    ) -> None:
        self.params, self.images, self.inference, self.plasticity = params, images, inference, plasticity
        self.updates, shown = min(updates, len(images)), min(shown, len(images))
        rng = stream(seed, Stream.MASK)
        self.missing = rng.random((shown, images.shape[1])) < HIDDEN_SHARE
        self.masked = np.where(self.missing, rng.random((shown, images.shape[1])), images[:shown])
        self.top = self._top(shown, seed)

    def _top(self, shown: int, seed: int) -> Array:
        """Draws from the prior; without a fitted one, what theory infers for the first images."""
        if self.params.prior_mean is not None:
            return sample_top(self.params, shown, stream(seed, Stream.TOP_SAMPLE))
        theory = on_ground(TheorySimulator(self.params, self.inference, self.plasticity), self.params)
        return theory.infer(self.images[:shown]).h[-1]

    def run(self, simulator: Simulator) -> _Run:
        return _Run(simulator, self)

    def measure(self, name: str, run: _Run, theory: _Run, seconds: float) -> EngineAgreement:
        terms = measures.objective_terms(self.params, run.inferred.history)
        expected = measures.objective_terms(self.params, theory.inferred.history)
        depth = self.params.network.depth
        least = measures.quadratic_size(self.params.network.sizes)
        difference = {t: measures.relative_difference(terms[t][-1], expected[t][-1], least[t]) for t in TERMS}
        if depth == 1:
            del difference["latent"]  # there is none
        return EngineAgreement(
            name, run.label, tolerance_for(run.label),
            layers=layer_agreements(
                self.params, run.label, run.inferred.h, theory.inferred.h, run.inferred.history
            ),
            terms=terms, term_difference=difference,
            updates={key: measures.cosine(change, theory.change[key]) for key, change in run.change.items()},
            h=run.inferred.h, generated=run.generated, inpainted=run.inpainted, seconds=seconds,
        )  # fmt: skip


def _check(engines: Mapping[str, Engine], params: Parameters, images: Array) -> None:
    if not engines:
        raise InvalidInput("engines", list(engines), "at least one engine", "name one besides theory")
    if np.ndim(images) != 2 or len(images) == 0 or np.shape(images)[1] != params.network.sizes[0]:
        raise InvalidInput("images", np.shape(images), f"(images, {params.network.sizes[0]}), at least one image")
