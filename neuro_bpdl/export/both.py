"""Images and labels in one network as two exports of the same weights: an image's event, and its label's."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from neuro_bpdl.engines.joint import FIRST_LESSON
from neuro_bpdl.errors import CheckpointError
from neuro_bpdl.export.chip import ChipExport, export_chip, load_export
from neuro_bpdl.export.folder import MEND
from neuro_bpdl.files.folders import new_folder
from neuro_bpdl.parameters import Parameters
from neuro_bpdl.spec import InferenceSpec, PlasticitySpec

IMAGES, LABELS = "images", "labels"
SHARED = ("one network, two rules for its synapses: the matrices that images/ and labels/ have in common are the same "
          "numbers, and between a block of images and a block of labels a host loads the other literals and programs")


def export_both(
    params: Parameters, out: str | Path, *, inference: InferenceSpec, plasticity: PlasticitySpec,
    presentation: int = 0, lessons: int = 0, provenance: dict[str, Any] | None = None, **options: Any,
) -> dict[str, ChipExport]:
    """Write the new folder ``out`` with two exports in it, ``images`` and ``labels``.

    Parameters
    ----------
    params : Parameters
        Of a network that learns images and labels.
    presentation, lessons : int
        Images and labels presented so far, in minibatches.
    options
        As `export_chip`; each event is checked against the target.

    Raises
    ------
    InvalidInput, HardwareLimit
        As `export_chip`.
    """
    facts = {**(provenance or {}), "two_events": SHARED}
    taught: dict[str, Any] = {"inference": inference.model_copy(update={"alpha": 0.0}),
                              "plasticity": plasticity.teaching}  # fmt: skip
    with new_folder(out) as folder:
        export_chip(params.images, folder.path / IMAGES, inference=inference, plasticity=plasticity,
                    presentation=presentation, provenance=facts, **options)  # fmt: skip
        alone = replace(params.taught, prior_mean=None, prior_variance=None)  # it does not draw
        export_chip(alone, folder.path / LABELS, **taught, presentation=FIRST_LESSON + lessons, provenance=facts,
                    **options)  # fmt: skip
    return load_both(out)


def load_both(path: str | Path) -> dict[str, ChipExport]:
    """Read what `export_both` wrote, each as `chip.load_export` does.

    Raises
    ------
    CheckpointError
        As `chip.load_export`; or the two do not hold the same weights.
    """
    both = {event: load_export(Path(path) / event) for event in (IMAGES, LABELS)}
    seen, taught = (both[event].params for event in (IMAGES, LABELS))
    for name in ("F", "b", "G", "c"):
        for layer, (one, other) in enumerate(zip(getattr(seen, name), getattr(taught, name), strict=False), 1):
            if not np.array_equal(one, other):
                raise CheckpointError(f"{path}: {name}_{layer} of {IMAGES} is not that of {LABELS}; {MEND}")
    return both
