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
from neuro_bpdl.parameters import Parameters, initial_parameters
from neuro_bpdl.reproduce.settings import Plan, digest
from neuro_bpdl.spec import InferenceSpec
from neuro_bpdl.theory import learning, sampling
from neuro_bpdl.theory.inference import infer
from neuro_bpdl.theory.initialisation import standardise
from neuro_bpdl.training.checkpoint import Checkpoint, Progress, load_checkpoint, save_checkpoint

Array = NDArray[Any]
Say = Callable[[str], None]
CHUNK = 500  # images inferred at once
STANDARDISING_IMAGES = 1000
PRIOR_IMAGES = 20_000


@dataclass(frozen=True)
class Trained:
    """A network with its plan, what its training took, and the prior fitted."""

    plan: Plan
    params: Parameters
    seconds: float


def trained(plan: Plan, dataset: Dataset, out: Path, say: Say = print) -> Trained:
    """The plan's network: read from ``out``, or trained (on) from the last epoch that was finished.

    Parameters
    ----------
    dataset : Dataset
        Its training images are all used (keep validation images out before).
    out : Path
        Folder for checkpoints; the file's name depends on the plan and the data.
    """
    key = digest([plan.run.model_dump(mode="json"), plan.homeostasis, dataset.sha256, len(dataset.x_train)])
    path = out / f"{plan.name}-{key}.safetensors"
    checkpoint = load_checkpoint(path) if path.exists() else start(plan, dataset)
    seconds = _seconds(path)
    for epoch in range(checkpoint.progress.epoch, plan.run.training.epochs):
        began = time.perf_counter()
        checkpoint = _epoch(plan, dataset.x_train, checkpoint)
        seconds += time.perf_counter() - began
        out.mkdir(parents=True, exist_ok=True)
        save_checkpoint(path, checkpoint)
        path.with_suffix(".seconds").write_text(f"{seconds:.3f}\n")
        variance = ", ".join(f"{v:.4f}" for v in checkpoint.params.variance)
        say(f"{plan.name}: epoch {epoch + 1}/{plan.run.training.epochs}, variances {variance}, {seconds:.0f} s")
    params = checkpoint.params.astype(np.float32)
    tops = [infer(params, rows, plan.run.inference).h[-1] for rows in chunks(dataset.x_train[:PRIOR_IMAGES])]
    sampling.fit_prior(params, np.concatenate(tops))
    return Trained(plan, params, seconds)


def _seconds(path: Path) -> float:
    kept = path.with_suffix(".seconds")
    return float(kept.read_text()) if kept.exists() and path.exists() else 0.0


def _epoch(plan: Plan, images: Array, before: Checkpoint) -> Checkpoint:
    """Every image once, with homeostasis after every ``plan.homeostasis`` minibatches."""
    run, done = plan.run, before.progress
    batch = run.training.batch
    order = presentation_order(len(images), done.epoch, 1, run.training.seed)
    order = order[: len(order) // batch * batch]
    params, presentations = before.params, done.presentations
    block = plan.homeostasis * batch if plan.homeostasis else len(order)
    for begin in range(0, len(order), block):
        part = order[begin : begin + block]
        params = _learn(plan, params, images, part, presentations)
        presentations += len(part) // batch
        if plan.homeostasis:
            standardise(params, images[:STANDARDISING_IMAGES])
    return Checkpoint(
        params, before.mean_image, Progress(done.epoch + 1, done.images + len(order), presentations), before.seed
    )


def _learn(plan: Plan, params: Parameters, images: Array, order: NDArray[np.int64], first: int) -> Parameters:
    """Theory learns here, in float32; any other engine through its simulator."""
    run = plan.run
    batch, seed = run.training.batch, run.training.seed
    if run.engine.backend == "theory":
        for k in range(0, len(order), batch):
            x = images[order[k : k + batch]]
            learning.present(params, x, run.inference, run.plasticity, seed=seed, presentation=first + k // batch)
        return params
    with simulating(run.engine, params, run.inference, run.plasticity, batch=batch, seed=seed) as simulator:
        simulator.learn(images, order, first)
        return simulator.parameters()


def chunks(*arrays: Array) -> Any:
    """Rows of the arrays in blocks of `CHUNK`."""
    for start in range(0, len(arrays[0]), CHUNK):
        block = tuple(array[start : start + CHUNK] for array in arrays)
        yield block[0] if len(block) == 1 else block


def generate(params: Parameters, n: int, spec: InferenceSpec, rounds: int, rng: np.random.Generator) -> list[Array]:
    """n images: directed, and after every round of GENERATE."""
    top = sampling.sample_top(params, n, rng)
    parts = [sampling.generate(params, rows, spec, rounds=rounds) for rows in chunks(top)]
    return [np.concatenate(images) for images in zip(*parts, strict=True)]


def start(plan: Plan, dataset: Dataset) -> Checkpoint:
    """Before the first epoch: Glorot weights, with standardised net inputs where the plan has homeostasis."""
    seed = plan.run.training.seed
    params = initial_parameters(plan.run.network(dataset.pixels), seed, np.float32)
    if plan.homeostasis:
        standardise(params, dataset.x_train[:STANDARDISING_IMAGES])
    return Checkpoint(params, dataset.x_train.mean(axis=0, dtype=np.float64), Progress(), seed)
