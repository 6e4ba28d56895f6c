"""Networks for the experiments: run folders like any other, trained once and continued where they stopped."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.data import Dataset
from neuro_bpdl.experiments.settings import Plan, digest
from neuro_bpdl.parameters import Parameters
from neuro_bpdl.training.prior import tops
from neuro_bpdl.training.run_dir import RunDir
from neuro_bpdl.training.split import training_part
from neuro_bpdl.training.trainer import Silent, resume, train

Array = NDArray[Any]
Say = Callable[[str], None]
CHUNK = 500  # images inferred at once


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
        All of it; the plan says how many images are kept for validation.
    out : Path
        Folder of run folders; a run's name depends on the plan and the data.
    """
    path = out / folder_name(plan, dataset)
    if path.exists():
        run = resume(RunDir.open(path), dataset, observer=_Teller(plan, say))
    else:
        path.parent.mkdir(parents=True, exist_ok=True)
        run = train(plan.run, dataset, path, _Teller(plan, say))
    params = run.checkpoint().params.astype(np.float32)
    seconds = sum(line["seconds"] for line in run.metrics())
    images = training_part(dataset, plan.run.training).train_rows
    return Trained(plan, params, seconds, tops(plan.run, run.checkpoint().params, images))


def folder_name(plan: Plan, dataset: Dataset) -> str:
    """Equal for equal trainings; how images are generated afterwards does not matter."""
    fields = plan.run.model_dump(mode="json", exclude={"generation", "target"})
    return f"{plan.name}-s{plan.run.training.seed}-{digest([fields, dataset.sha256])}"


def blocks(*arrays: Array) -> Any:
    """Rows of the arrays in blocks of `CHUNK`."""
    for start in range(0, len(arrays[0]), CHUNK):
        block = tuple(array[start : start + CHUNK] for array in arrays)
        yield block[0] if len(block) == 1 else block


class _Teller(Silent):
    """A line per epoch."""

    def __init__(self, plan: Plan, say: Say) -> None:
        self._plan, self._say = plan, say

    def epoch_done(self, metrics: dict[str, Any]) -> None:
        if metrics["epoch"]:
            variance = ", ".join(f"{v:.4f}" for v in metrics["variance"])
            epochs = self._plan.run.training.epochs
            self._say(f"{self._plan.name}: epoch {metrics['epoch']}/{epochs}, variances {variance}, "
                      f"{metrics['seconds']:.0f} s")  # fmt: skip
