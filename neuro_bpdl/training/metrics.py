"""One line of metrics.jsonl: what a network does after an epoch, on a few images."""

from __future__ import annotations

from typing import Any

from neuro_bpdl.data import Dataset
from neuro_bpdl.engines.protocol import Simulator
from neuro_bpdl.engines.registry import simulator_of
from neuro_bpdl.spec import EngineSpec, RunSpec
from neuro_bpdl.training.baselines import mean_image_mse
from neuro_bpdl.training.checkpoint import Checkpoint
from neuro_bpdl.training.divergence import require_finite
from neuro_bpdl.training.measure import Measurement, measure
from neuro_bpdl.training.split import measured_labels, measured_part

LABELLED_IMAGES = 10_000  # one pass each
MEASURED_IMAGES, FEW_IMAGES = 100, 10  # after each epoch; on a slow engine


def checked_line(
    spec: RunSpec, dataset: Dataset, checkpoint: Checkpoint, seconds: float = 0.0, presented: int = 0
) -> dict[str, Any]:
    """The line, where parameters and measurement are finite.

    Parameters
    ----------
    dataset : Dataset
        All of it: the spec says what is measured on.
    seconds, presented : float, int
        What the epoch took, and its images; 0 before the first.

    Raises
    ------
    Diverged
        They are not.
    """
    epoch = checkpoint.progress.epoch
    require_finite(checkpoint.params, spec, epoch)
    speed = {"seconds": round(seconds, 3), "images_per_second": round(presented / seconds, 1) if seconds else None}
    line = _line(spec, dataset, checkpoint, speed, simulator_of(spec, checkpoint.params))
    require_finite(checkpoint.params, spec, epoch, line)
    return line


def measured_images(engine: EngineSpec) -> int:
    """How many images are looked at after each epoch."""
    return FEW_IMAGES if engine.capabilities.slow else MEASURED_IMAGES


def _line(
    spec: RunSpec, dataset: Dataset, checkpoint: Checkpoint, speed: dict[str, float | None], simulator: Simulator
) -> dict[str, Any]:
    split, images = measured_part(dataset, spec.training)
    images = images[: LABELLED_IMAGES if spec.labels else measured_images(spec.engine)]
    progress = checkpoint.progress
    return {
        "epoch": progress.epoch,
        "images": progress.images,
        "presentations": progress.presentations,
        **speed,
        "split": split,
        "measured_images": len(images),
        "mean_image_mse": mean_image_mse(images, checkpoint.mean_image),
        **_what_it_does(spec, dataset, images, simulator),
        "variance": [float(v) for v in simulator.parameters().variance],
        **simulator.label.to_dict(),
        "data": dataset.name,
    }


def _what_it_does(spec: RunSpec, dataset: Dataset, images: Any, simulator: Simulator) -> dict[str, Any]:
    if spec.labels is None:
        return _measured(measure(simulator, images, spec.inference))
    labels = measured_labels(dataset, spec.training)[: len(images)]
    known = {"accuracy": float((simulator.classify(images).argmax(axis=1) == labels).mean())}
    if not spec.joint:
        return known
    few = images[: measured_images(spec.engine)]
    return known | _measured(measure(simulator, few, spec.inference)) | {"reconstructed_images": len(few)}


def _measured(result: Measurement) -> dict[str, Any]:
    objective = result.objective()
    return {
        "reconstruction_mse": result.reconstruction_mse,
        "deep_reconstruction_mse": result.deep_reconstruction_mse,
        "objective_start": {name: values[0] for name, values in objective.items()},
        "objective_end": {name: values[-1] for name, values in objective.items()},
        "dead": [int(units.dead.sum()) for units in result.units],
        "saturated": [int(units.saturated.sum()) for units in result.units],
    }
