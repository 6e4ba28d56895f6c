"""How good a trained network is, beside its baselines, with what computed each number."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from neuro_bpdl.data import Dataset
from neuro_bpdl.engines.protocol import Label
from neuro_bpdl.engines.registry import make_simulator
from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.parameters import Parameters
from neuro_bpdl.spec import EngineSpec, InferenceSpec
from neuro_bpdl.theory.climb import resolved
from neuro_bpdl.training.baselines import mean_image_mse, pca_mse
from neuro_bpdl.training.measure import Measurement, measure
from neuro_bpdl.training.run_dir import RunDir, require_pixels


@dataclass(repr=False)
class Evaluation:
    """A measurement on test images with its baselines and its label.

    Attributes
    ----------
    pca : one number for each layer that learns images
        Error of as many principal components as the layer has units; the last is the baseline "pca_mse".
    """

    measurement: Measurement
    baselines: dict[str, float]
    inference: InferenceSpec
    label: Label
    data: str
    pca: tuple[float, ...]

    def __repr__(self) -> str:
        m, mean = self.measurement, self.baselines["mean_image_mse"]
        shares = f"{m.reconstruction_mse / mean:.3f} from h_1, {m.deep_reconstruction_mse / mean:.3f} from the top"
        return f"<Evaluation: {m.images} images, error {shares} (mean image 1), {self.label}, {self.data}>"

    def to_dict(self) -> dict[str, Any]:
        """For JSON; the keys are documented in the README."""
        m = self.measurement
        return {
            "reconstruction_mse": m.reconstruction_mse,
            "deep_reconstruction_mse": m.deep_reconstruction_mse,
            "objective": m.objective(),
            "baselines": self.baselines,
            "units": [
                {"layer": layer, "size": len(u.dead), "dead": int(u.dead.sum()), "saturated": int(u.saturated.sum())}
                for layer, u in enumerate(m.units, start=1)
            ],
            "images": m.images,
            "inference": self.inference.model_dump(),
            **self.label.to_dict(),
            "data": self.data,
        }


def evaluate(
    run: RunDir,
    dataset: Dataset,
    *,
    engine: EngineSpec | None = None,
    inference: InferenceSpec | None = None,
    limit: int | None = None,
    progress: Callable[[int], None] | None = None,
) -> Evaluation:
    """Evaluate a run on the test images of ``dataset``.

    Parameters
    ----------
    engine : EngineSpec, optional
        What computes; the run's own engine by default.
    inference : InferenceSpec, optional
        `evaluation_inference` of the run by default.
    limit : int, optional
        The first ``limit`` test images only.

    Raises
    ------
    InvalidInput
        No test images, another image size, or ``limit`` out of range.
    CheckpointError
        The checkpoint cannot be used.
    """
    require_pixels(run, dataset)
    images, checkpoint, spec = first_images(dataset.test, limit), run.checkpoint(), run.config.spec
    params = checkpoint.params
    engine = engine or spec.engine
    inference = resolved(inference or evaluation_inference(run, params), params.images, engine.arithmetic)
    simulator = make_simulator(engine, params, inference, spec.plasticity, seed=checkpoint.seed)
    measurement = measure(simulator, images, inference, progress)
    train = training_images(run, dataset)
    pca = pca_mse(train, images, params.network.images.sizes[1:])  # like compared with like
    baselines = {
        "mean_image_mse": mean_image_mse(images, train.mean(axis=0, dtype=np.float64)),
        "pca_mse": pca[-1],
    }
    return Evaluation(measurement, baselines, inference, simulator.label, dataset.name, pca)


def evaluation_inference(run: RunDir, params: Parameters | None = None) -> InferenceSpec:
    """The run's inference with α_l = δ σ²_q,l/σ²_l, the step that climbs most dependably (docs/objective.md).

    A network without a recognition variance (training not ended, or an old
    checkpoint) keeps the α of its training.

    Parameters
    ----------
    params : Parameters, optional
        The run's, where they have been read.
    """
    params = run.checkpoint().params if params is None else params
    trained = run.config.spec.inference
    return trained if params.recognition_variance is None else trained.model_copy(update={"alpha": "variance"})


def first_images(images: Any, limit: int | None) -> Any:
    """The first ``limit`` rows, or all; raises InvalidInput when there are not as many."""
    if limit is None:
        return images
    if not 1 <= limit <= len(images):
        raise InvalidInput("--limit", limit, f"a whole number from 1 to {len(images)}, the images there are")
    return images[:limit]


def training_images(run: RunDir, dataset: Dataset) -> Any:
    """What the baselines are fitted on: the images the run has learned, or all of another data set."""
    return (run.matching(dataset) if dataset.sha256 == run.config.data.sha256 else dataset).train_rows
