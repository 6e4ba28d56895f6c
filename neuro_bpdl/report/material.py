"""Everything a report shows, computed once by the run's engine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.data import Dataset
from neuro_bpdl.errors import CheckpointError
from neuro_bpdl.generation.engine import opened
from neuro_bpdl.generation.inpainting import Inpainting, inpaint
from neuro_bpdl.generation.samples import Samples, generate
from neuro_bpdl.parameters import Parameters
from neuro_bpdl.training.evaluation import Evaluation, evaluate
from neuro_bpdl.training.run_dir import RunDir

Array = NDArray[Any]
IMAGES = {"fused": 1000, "composed": 20}  # test images evaluated; composed is slow
SHOWN = 16
SAMPLES = 64


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
    engine = run.config.spec.engine
    slow = engine.backend == "lava" and engine.model == "composed"
    limit = min(IMAGES["composed" if slow else "fused"], len(dataset.test))
    evaluation = evaluation or evaluate(run, dataset, limit=limit)
    inpainting = inpainting or inpaint(run, dataset, limit=limit)
    samples = samples or _samples(run, n=16 if slow else SAMPLES)
    with opened(run) as trained:
        x = dataset.test[:SHOWN]
        inferred = trained.simulator.infer(x)
        deep = trained.simulator.generate(inferred.h[-1], run.config.spec.inference, rounds=0)[0]
        params = trained.checkpoint.params
    shallow = np.asarray(inferred.reconstruction)
    return Material(run, params, run.metrics(), evaluation, inpainting, samples, x, shallow, deep)


def _samples(run: RunDir, n: int) -> Samples | None:
    try:
        return generate(run, n)
    except CheckpointError:
        return None
