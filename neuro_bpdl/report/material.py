"""Everything a report shows, computed once by the run's engine."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.data import Dataset
from neuro_bpdl.errors import CheckpointError
from neuro_bpdl.generation.engine import opened
from neuro_bpdl.generation.inpainting import Inpainting, inpaint
from neuro_bpdl.generation.samples import Samples, generate
from neuro_bpdl.parameters import Parameters
from neuro_bpdl.report.provenance import trained
from neuro_bpdl.training.evaluation import Evaluation, evaluate
from neuro_bpdl.training.run_dir import RunDir

Array = NDArray[Any]
IMAGES, FEW_IMAGES = 1000, 20  # test images evaluated; on a slow engine
SHOWN = 16
SAMPLES, FEW_SAMPLES = 64, 16


@dataclass
class Material:
    """What the sections read.

    Attributes
    ----------
    original, shallow, deep : (few, n_0)
        Test images, g_1(h_1), and g_1(… g_L(h_L)).
    samples : Samples or None
        None while training has not ended: there is no prior yet.
    """

    run: RunDir
    params: Parameters
    metrics: list[dict[str, Any]]
    evaluation: Evaluation
    inpainting: Inpainting
    samples: Samples | None
    original: Array
    shallow: Array
    deep: Array

    @property
    def trained(self) -> datetime:
        """When the checkpoint was written."""
        return trained(self.run)

    @property
    def image_shape(self) -> tuple[int, ...]:
        """(H, W) or (D,)."""
        return self.run.config.data.image_shape

    @property
    def label(self) -> str:
        """What computed the numbers, for captions."""
        return f"{self.evaluation.label}, {self.evaluation.data}"


def gather(
    run: RunDir,
    dataset: Dataset,
    *,
    evaluation: Evaluation | None = None,
    inpainting: Inpainting | None = None,
    samples: Samples | None = None,
) -> Material:
    """Compute what was not handed in.

    Raises
    ------
    InvalidInput
        The data have no test images or another size.
    CheckpointError
        The checkpoint cannot be used.
    """
    slow = run.config.spec.engine.capabilities.slow
    limit = min(FEW_IMAGES if slow else IMAGES, len(dataset.test))
    evaluation = evaluation or evaluate(run, dataset, limit=limit)
    inpainting = inpainting or inpaint(run, dataset, limit=limit)
    samples = samples or _samples(run, n=FEW_SAMPLES if slow else SAMPLES)
    with opened(run) as network:
        x = dataset.test[:SHOWN]
        inferred = network.simulator.infer(x)
        deep = network.simulator.generate(inferred.h[-1], run.config.spec.inference, rounds=0)[0]
        params = network.checkpoint.params
    shallow = np.asarray(inferred.reconstruction)
    return Material(run, params, run.metrics(), evaluation, inpainting, samples, x, shallow, deep)


def _samples(run: RunDir, n: int) -> Samples | None:
    try:
        return generate(run, n)
    except CheckpointError:
        return None
