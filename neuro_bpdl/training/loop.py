"""The training loop: every client (run folders, the estimator, experiments) trains by this one.

An epoch presents every image once. Between two blocks of images homeostasis
may step in; what a block needs of its engine is only that it learns.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.data import presentation_order
from neuro_bpdl.engines.ground import as_seen
from neuro_bpdl.engines.registry import simulator_of
from neuro_bpdl.parameters import Parameters, initial_parameters
from neuro_bpdl.spec import PlasticitySpec, RunSpec
from neuro_bpdl.theory.initialisation import standardise
from neuro_bpdl.training.checkpoint import Checkpoint, Progress
from neuro_bpdl.training.few_labels import shown
from neuro_bpdl.training.labelled import labelled_start
from neuro_bpdl.training.steps_from_data import start_from

Array = NDArray[Any]
Order = NDArray[np.int64]
Saturations = list[dict[str, int]]
Told = Callable[[int], None]
STANDARDISING_IMAGES = 1000  # enough for a mean and a spread


@dataclass(frozen=True)
class Epoch:
    """An epoch that is done.

    Attributes
    ----------
    checkpoint : Checkpoint
        Without a prior: it belongs to the end of training.
    seconds : float
        What learning took.
    images : int
        Images presented.
    saturations : list of dict, l = 0…L, or None
        Numbers clipped, by kind; None where the engine does not count.
    """

    checkpoint: Checkpoint
    seconds: float
    images: int
    saturations: Saturations | None


def start(spec: RunSpec, images: Array) -> Checkpoint:
    """Before the first epoch: Glorot weights, with standard net inputs where the spec has homeostasis.

    Parameters
    ----------
    images : (N, n_0) in [0, 1]
        All that will be learned from; with labels, rows of `labelled.learned_rows`.
    """
    if spec.labels is not None:
        return labelled_start(spec, images)
    params = initial_parameters(spec.network(images.shape[1]), spec.training.seed, np.dtype(spec.engine.precision).type)
    if spec.training.start == "data":
        start_from(params, as_seen(images[:STANDARDISING_IMAGES], spec.training.ground))
        _into_range(spec, params)
    keep_house(spec, params, images)
    return Checkpoint(params, images.mean(axis=0, dtype=np.float64), Progress(), spec.training.seed)


def epochs(spec: RunSpec, images: Array, checkpoint: Checkpoint, told: Told | None = None) -> Iterator[Epoch]:
    """Train on from ``checkpoint`` to the spec's last epoch, yielding after each.

    Equal checkpoints give equal epochs, to the byte: noise and order depend on
    the seed and the counts in the checkpoint only.

    Parameters
    ----------
    images : (N, n_0) in [0, 1]
        All that is learned from; with labels, rows of `labelled.learned_rows`.
    told : callable, optional
        Called with the number of images presented since the start of training.
    """
    while checkpoint.progress.epoch < spec.training.epochs:
        began, before = time.perf_counter(), checkpoint.progress.images
        with np.errstate(over="ignore", invalid="ignore"):  # divergence is an outcome: whoever trains looks for it
            checkpoint, saturations = _epoch(spec, images, checkpoint, told)
        yield Epoch(checkpoint, time.perf_counter() - began, checkpoint.progress.images - before, saturations)


def keep_house(spec: RunSpec, params: Parameters, images: Array) -> None:
    """Homeostasis, where the spec has it: standard net inputs, inside the range of fixed-point weights. In place.

    The layer that labels are taught on is left alone: what they have made of its net inputs would be undone, and what
    reads it would read something else after every step.
    """
    if not spec.training.homeostasis:
        return
    seen = params.images
    first = images[:STANDARDISING_IMAGES, : seen.network.sizes[0]]
    standardise(seen, as_seen(first, spec.training.ground), seen.network.depth - spec.joint)
    _into_range(spec, params)


def _into_range(spec: RunSpec, params: Parameters) -> None:
    """What fixed-point weights cannot hold is clipped. In place."""
    if spec.engine.arithmetic == "fixed":
        from neuro_bpdl.kernels.fixed.quantize import saturate

        saturate(params, spec.plasticity, spec.engine.messages)


def plasticity_of(spec: RunSpec, params: Parameters, epoch: int) -> PlasticitySpec:
    """The M-step of an epoch, counted from 0: rates fall where the spec says so."""
    if not spec.training.falling:
        return spec.plasticity
    falling = spec.plasticity.scaled(1 - epoch / spec.training.epochs)
    if spec.engine.arithmetic != "fixed":
        return falling
    from neuro_bpdl.kernels.fixed.quantize import reachable

    return reachable(params.network, falling, spec.engine.messages)


def _epoch(
    spec: RunSpec, images: Array, before: Checkpoint, told: Told | None
) -> tuple[Checkpoint, Saturations | None]:
    """Every image once, up to a multiple of the batch."""
    done, batch = before.progress, spec.training.batch
    plasticity = plasticity_of(spec, before.params, done.epoch)
    images, taught = shown(spec, images, done.epoch, before.params)
    order = presentation_order(len(images), done.epoch, 1, spec.training.seed)
    order = order[: len(order) // batch * batch]
    params, clipped = before.params, None
    block = _block(spec, len(order))
    for begin in range(0, len(order), block):
        part = order[begin : begin + block]
        first = done.presentations + begin // batch
        say = None if told is None else _from(done.images + begin, told)
        params, counted = _learn(spec, plasticity, params, images, part, first, say)
        keep_house(spec, params, images)
        if taught is not None:
            share = _share(len(taught), begin, block, len(order), batch)
            before_them = done.epoch * len(taught) + share.start
            params, besides = _teach(spec, plasticity, params, taught[share], before_them)
            counted = _sum(counted, besides)
        clipped = _sum(clipped, counted)
    params.prior_mean = params.prior_variance = params.recognition_variance = None  # they were an earlier end's
    progress = Progress(done.epoch + 1, done.images + len(order), done.presentations + len(order) // batch)
    return Checkpoint(params, before.mean_image, progress, before.seed), clipped


def _block(spec: RunSpec, images: int) -> int:
    """How many images are learned between two steps of homeostasis: whole minibatches, at least one."""
    batch, every = spec.training.batch, spec.training.homeostasis
    return max(1, every // batch) * batch if every else max(images, 1)


def _learn(
    spec: RunSpec, plasticity: PlasticitySpec, params: Parameters, images: Array, order: Order, first: int,
    told: Told | None,
) -> tuple[Parameters, Saturations | None]:  # fmt: skip
    simulator = simulator_of(spec, params, plasticity)
    simulator.learn(images, order, first, told)
    learned = simulator.parameters().astype(np.dtype(spec.engine.precision))
    return learned, getattr(simulator, "saturated", None)


def _teach(
    spec: RunSpec, plasticity: PlasticitySpec, params: Parameters, rows: Array, before: int
) -> tuple[Parameters, Saturations | None]:
    """Labels are taught in the order of ``rows``, after ``before`` others."""
    if not len(rows):
        return params, None
    simulator = simulator_of(spec, params, plasticity)
    simulator.teach(rows, np.arange(len(rows)), before // spec.training.batch)  # type: ignore[attr-defined]
    taught = simulator.parameters().astype(np.dtype(spec.engine.precision))
    return taught, getattr(simulator, "saturated", None)


def _share(lessons: int, begin: int, block: int, images: int, batch: int) -> slice:
    """The lessons that go with the images of a block: as many for each image, whole minibatches."""
    start, stop = (lessons * at // images // batch * batch for at in (begin, min(begin + block, images)))
    return slice(start, stop)


def _from(before: int, told: Told) -> Told:
    return lambda images: told(before + images)


def _sum(a: Saturations | None, b: Saturations | None) -> Saturations | None:
    """Layer by layer; one of the two may know the layers below labels alone."""
    if a is None or b is None:
        return a or b
    pairs: zip_longest[tuple[dict[str, int], dict[str, int]]] = zip_longest(a, b, fillvalue={})
    return [{kind: one.get(kind, 0) + other.get(kind, 0) for kind in one or other} for one, other in pairs]
