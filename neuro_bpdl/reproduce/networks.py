"""Networks for the experiments: trained once, checkpointed after every epoch, continued to the same bytes."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.backends.factory import simulating
from neuro_bpdl.data import Dataset, presentation_order
from neuro_bpdl.kernels.quantize import reachable, saturate
from neuro_bpdl.parameters import Parameters, initial_parameters
from neuro_bpdl.reproduce.settings import Plan, digest
from neuro_bpdl.spec import PlasticitySpec
from neuro_bpdl.theory import learning, sampling
from neuro_bpdl.theory.climb import RECOGNITION_IMAGES, fit_recognition
from neuro_bpdl.theory.inference import infer
from neuro_bpdl.theory.initialisation import standardise
from neuro_bpdl.training.checkpoint import Checkpoint, Progress, load_checkpoint, save_checkpoint, write_atomically

Array = NDArray[Any]
Say = Callable[[str], None]
CHUNK = 500  # images inferred at once
STANDARDISING_IMAGES = 1000
PRIOR_IMAGES = 20_000


@dataclass(frozen=True)
class Trained:
    """A network with its plan, what its training took, and (images, n_L) inferred h_L that the prior was fitted to."""

    plan: Plan
    params: Parameters
    seconds: float
    tops: Array


def trained(plan: Plan, dataset: Dataset, out: Path, say: Say = print) -> Trained:
    """The plan's network: read from ``out``, or trained (on) from the last epoch that was finished.

    Parameters
    ----------
    dataset : Dataset
        Its training images are all used (keep validation images out before).
    out : Path
        Folder for checkpoints; the file's name depends on the plan and the data.
    """
    stem, epochs = _stem(plan, dataset), plan.run.training.epochs
    done = max((epoch for epoch in range(1, epochs + 1) if _path(out, stem, epoch).exists()), default=0)
    checkpoint = load_checkpoint(_path(out, stem, done)) if done else start(plan, dataset)
    seconds = float(_path(out, stem, done, "seconds").read_text()) if done else 0.0
    for epoch in range(done + 1, epochs + 1):
        began = time.perf_counter()
        checkpoint = _epoch(plan, dataset.x_train, checkpoint)
        seconds += time.perf_counter() - began
        _save(out, stem, checkpoint, seconds)
        variance = ", ".join(f"{v:.4f}" for v in checkpoint.params.variance)
        say(f"{plan.name}: epoch {epoch}/{epochs}, variances {variance}, {seconds:.0f} s")
    params = checkpoint.params.astype(np.float32)
    tops = np.concatenate(
        [infer(params, rows, plan.run.inference).h[-1] for rows in chunks(dataset.x_train[:PRIOR_IMAGES])]
    )
    sampling.fit_prior(params, tops)
    fit_recognition(params, dataset.x_train[:RECOGNITION_IMAGES], plan.run.plasticity, plan.run.training.seed)
    return Trained(plan, params, seconds, tops)


def _stem(plan: Plan, dataset: Dataset) -> str:
    """Equal for trainings of which one continues the other: falling rates depend on where they end."""
    fields = plan.run.model_dump(mode="json", exclude={"training": {"epochs"}})
    own = [plan.homeostasis, plan.balance, plan.falling and plan.run.training.epochs]
    return f"{plan.name}-{digest([fields, *own, dataset.sha256, len(dataset.x_train)])}"


def _path(out: Path, stem: str, epoch: int, suffix: str = "safetensors") -> Path:
    return out / f"{stem}-{epoch}.{suffix}"


def _save(out: Path, stem: str, checkpoint: Checkpoint, seconds: float) -> None:
    """Write this epoch, then drop the one before; epoch 1 stays, for figure 2."""
    out.mkdir(parents=True, exist_ok=True)
    epoch = checkpoint.progress.epoch
    write_atomically(_path(out, stem, epoch, "seconds"), f"{seconds:.3f}\n".encode())
    save_checkpoint(_path(out, stem, epoch), checkpoint)
    if epoch > 2:
        for suffix in ("safetensors", "seconds"):
            _path(out, stem, epoch - 1, suffix).unlink(missing_ok=True)


def _epoch(plan: Plan, images: Array, before: Checkpoint) -> Checkpoint:
    """Every image once, with homeostasis after every ``plan.homeostasis`` minibatches."""
    run, done = plan.run, before.progress
    plasticity = plan.plasticity(done.epoch)
    if run.engine.arithmetic == "fixed":
        plasticity = reachable(before.params.network, plasticity)
    batch = run.training.batch
    order = presentation_order(len(images), done.epoch, 1, run.training.seed)
    order = order[: len(order) // batch * batch]
    params, presentations = before.params, done.presentations
    block = plan.homeostasis * batch if plan.homeostasis else len(order)
    for begin in range(0, len(order), block):
        part = order[begin : begin + block]
        params = _learn(plan, plasticity, params, images, part, presentations)
        presentations += len(part) // batch
        _homeostasis(plan, params, images)
    return Checkpoint(
        params, before.mean_image, Progress(done.epoch + 1, done.images + len(order), presentations), before.seed
    )


def _learn(
    plan: Plan, plasticity: PlasticitySpec, params: Parameters, images: Array, order: NDArray[np.int64], first: int
) -> Parameters:
    """Theory learns here, in float32; any other engine through its simulator."""
    run = plan.run
    batch, seed = run.training.batch, run.training.seed
    if run.engine.backend == "theory":
        for k in range(0, len(order), batch):
            x = images[order[k : k + batch]]
            learning.present(params, x, run.inference, plasticity, seed=seed, presentation=first + k // batch)
        return params
    with simulating(run.engine, params, run.inference, plasticity, batch=batch, seed=seed) as simulator:
        simulator.learn(images, order, first)
        return simulator.parameters()


def chunks(*arrays: Array) -> Any:
    """Rows of the arrays in blocks of `CHUNK`."""
    for start in range(0, len(arrays[0]), CHUNK):
        block = tuple(array[start : start + CHUNK] for array in arrays)
        yield block[0] if len(block) == 1 else block


def _homeostasis(plan: Plan, params: Parameters, images: Array) -> None:
    """Standard net inputs where the plan asks for them; inside the range of fixed-point weights where it needs them."""
    if plan.homeostasis:
        standardise(params, images[:STANDARDISING_IMAGES], plan.run.plasticity if plan.balance else None)
    if plan.run.engine.arithmetic == "fixed":
        saturate(params, plan.run.plasticity)


def start(plan: Plan, dataset: Dataset) -> Checkpoint:
    """Before the first epoch: Glorot weights, with standardised net inputs where the plan has homeostasis."""
    seed = plan.run.training.seed
    params = initial_parameters(plan.run.network(dataset.pixels), seed, np.float32)
    _homeostasis(plan, params, dataset.x_train)
    return Checkpoint(params, dataset.x_train.mean(axis=0, dtype=np.float64), Progress(), seed)
