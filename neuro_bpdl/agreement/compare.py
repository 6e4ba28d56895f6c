"""Run every engine on the same images and weights, and measure it against theory."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.agreement import measures
from neuro_bpdl.agreement.measures import TERMS
from neuro_bpdl.agreement.results import Agreement, EngineAgreement, LayerAgreement
from neuro_bpdl.agreement.tolerances import tolerance_for
from neuro_bpdl.backends.protocol import Simulator
from neuro_bpdl.backends.theory import TheorySimulator
from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.parameters import Parameters
from neuro_bpdl.spec import InferenceSpec, PlasticitySpec
from neuro_bpdl.streams import Stream, stream
from neuro_bpdl.theory.inference import Inference
from neuro_bpdl.theory.sampling import GENERATE_ALPHA, GENERATE_ROUNDS, sample_top
from neuro_bpdl.training.measure import ends_of_range

Array = NDArray[Any]
Engine = Callable[[Parameters], AbstractContextManager[Simulator]]
"""Opens a simulator that holds these parameters and learns one image at a time."""
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
) -> Agreement:
    """Infer, learn a little, generate and inpaint on every engine and on theory.

    Parameters
    ----------
    engines : name → Engine
        Each simulator has batch 1, ``inference`` and ``plasticity``; theory is
        run besides them and need not be among them.
    images : (images, n_0) in [0, 1]
    updates : int
        Images learned, one after the other, from ``params``; the change of
        the weights over them all is compared. A single update of a
        fixed-point engine is mostly rounding.
    shown : int
        Images generated and inpainted.

    Raises
    ------
    InvalidInput
        No engine, or no image, or images of another size.
    """
    _check(engines, params, images)
    task = _Task(params, np.asarray(images, np.float64), inference, plasticity, seed=seed, updates=updates, shown=shown)
    theory, seconds = task.run(
        lambda start: nullcontext(TheorySimulator(start.astype(np.float64), inference, plasticity, batch=1, seed=seed))
    )
    reference = task.measure("theory", theory, theory, seconds)
    found = []
    for name, engine in engines.items():
        run, seconds = task.run(engine)
        found.append(task.measure(name, run, theory, seconds))
    return Agreement(task.images, task.masked, task.missing, reference, found)


class _Run:
    """What one engine produced."""

    def __init__(self, simulator: Simulator, task: _Task) -> None:
        generation = task.inference.model_copy(update={"alpha": GENERATE_ALPHA})
        self.label = simulator.label
        self.inferred: Inference = simulator.infer(task.images, record=True)
        self.generated = np.asarray(simulator.generate(task.top, generation, GENERATE_ROUNDS)[-1])
        self.inpainted = np.asarray(simulator.inpaint(task.masked, task.missing)[-1])
        simulator.learn(task.images, np.arange(task.updates), 0)
        self.change = _change(task.params, simulator.parameters())


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
        theory = TheorySimulator(self.params, self.inference, self.plasticity)
        return theory.infer(self.images[:shown]).h[-1]

    def run(self, engine: Engine) -> tuple[_Run, float]:
        start = time.perf_counter()
        with engine(self.params) as simulator:
            run = _Run(simulator, self)
        return run, time.perf_counter() - start

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
            layers=_layers(self.params, run.inferred, theory.inferred),
            terms=terms, term_difference=difference,
            updates={key: measures.cosine(change, theory.change[key]) for key, change in run.change.items()},
            h=run.inferred.h, generated=run.generated, inpainted=run.inpainted, seconds=seconds,
        )  # fmt: skip


def _layers(params: Parameters, found: Inference, theory: Inference) -> list[LayerAgreement]:
    rates = [np.asarray(h, np.float64) for h in found.h[1:]]
    ends = ends_of_range(params, [h.min(axis=0) for h in rates], [h.max(axis=0) for h in rates])
    return [
        LayerAgreement(
            layer, measures.pearson(a, b), measures.rmse(a, b), measures.largest(a, b),
            measures.last_step_share(found.history, layer), a.shape[1], int(end.dead.sum()), int(end.saturated.sum()),
        )
        for layer, (a, b, end) in enumerate(zip(rates, theory.h[1:], ends, strict=True), start=1)
    ]  # fmt: skip


def _change(before: Parameters, after: Parameters) -> dict[str, Array]:
    """What learning changed, by matrix: F_1, G_1, F_2, …"""
    changes = {}
    for i in range(before.network.depth):
        changes[f"F_{i + 1}"] = after.F[i] - np.asarray(before.F[i], np.float64)
        changes[f"G_{i + 1}"] = after.G[i] - np.asarray(before.G[i], np.float64)
    return changes


def _check(engines: Mapping[str, Engine], params: Parameters, images: Array) -> None:
    if not engines:
        raise InvalidInput("engines", list(engines), "at least one engine", "name one besides theory")
    if np.ndim(images) != 2 or len(images) == 0 or np.shape(images)[1] != params.network.sizes[0]:
        raise InvalidInput("images", np.shape(images), f"(images, {params.network.sizes[0]}), at least one image")
