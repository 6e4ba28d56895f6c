"""A trained network as a folder that holds all a chip, or Lava's composed network, would be sent."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from neuro_bpdl import __version__
from neuro_bpdl.errors import CheckpointError, InvalidInput
from neuro_bpdl.export.document import MISSING_FOR_A_CHIP, NOT_RUN, described
from neuro_bpdl.export.folder import MEND, new_folder, read_json, verify, write_json
from neuro_bpdl.export.neurons import NEURON, neurons_of
from neuro_bpdl.export.settings import COMPOSED_BATCH, ChipSettings
from neuro_bpdl.export.tensors import parameters_of, read_tensors, tensors_of, write_tensors
from neuro_bpdl.files.records import record
from neuro_bpdl.hardware.caveats import caveats
from neuro_bpdl.hardware.mapping import map_network
from neuro_bpdl.hardware.options import options_of
from neuro_bpdl.hardware.rules import check, require_fit
from neuro_bpdl.hardware.target import Target, load_target
from neuro_bpdl.parameters import Parameters
from neuro_bpdl.spec import GRADED, Code, InferenceSpec, PlasticitySpec, TrainingSpec
from neuro_bpdl.theory.climb import resolved

KIND, VERSION = "neuro-bpdl chip export", 3  # in 2 the bias unit was as loud in learning
NETWORK, WEIGHTS = "network.json", "weights.safetensors"


@dataclass(frozen=True)
class ChipExport:
    """An export that was checked.

    Attributes
    ----------
    params : Parameters
        As the exported integers (or floats) say.
    document : dict
        network.json.
    """

    path: Path
    settings: ChipSettings
    params: Parameters
    document: dict[str, Any]


def export_chip(
    params: Parameters,
    out: str | Path,
    *,
    inference: InferenceSpec,
    plasticity: PlasticitySpec,
    arithmetic: Literal["float", "fixed"] = "fixed",
    code: Code = GRADED,
    seed: int = 0,
    presentation: int = 0,
    learning_epoch: Literal["step", "presentation"] = "step",
    target: str | None = None,
    provenance: Mapping[str, Any] | None = None,
) -> ChipExport:
    """Write network.json, weights.safetensors and checksums.json into the new folder ``out``.

    In fixed point neuron.json besides: the program of every neuron (`neuro_bpdl.neuron.document`).

    Parameters
    ----------
    params : Parameters
    inference, plasticity : specs
        As in training: the chip goes on learning.
    arithmetic : {"fixed", "float"}
        "fixed" writes integers. A chip target refuses "float": a chip has
        none, and numbers rounded behind the user's back would not be the
        network that was trained. Without a target, "float" describes the
        network for Lava's simulator.
    code : Code
        How populations send, as in training: payloads, their changes, or trains of spikes ("fixed" only).
    seed, presentation : int
        Of the training, so that what follows is what the run would have done.
    learning_epoch : {"step", "presentation"}
        As of `EngineSpec`.
    target : str, optional
        A target's name or TOML file; its rules are checked and the mapping added.
    provenance : mapping, optional
        JSON-ready; kept as it is.

    Raises
    ------
    InvalidInput
        Unknown target; ``out`` exists or cannot be written; a weight or a
        setting without a form in fixed point.
    HardwareLimit
        The target cannot hold the network: all broken limits at once.
    """
    settings = ChipSettings(
        network=params.network, inference=resolved(inference, params, arithmetic), plasticity=plasticity,
        arithmetic=arithmetic, seed=seed, presentation=presentation, code=code.kind, window=code.window,
        factors=code.factors, learning_epoch=learning_epoch, sends="changes" if code.changes else "whole",
    )  # fmt: skip
    chosen = None if target is None else load_target(target)
    if chosen is not None:
        _require_target(settings, chosen)
    kernel, engine = settings.kernel(params), settings.engine
    document = {
        "kind": KIND,
        "version": VERSION,
        "made_by": f"neuro-bpdl {__version__}",
        "note": NOT_RUN,
        "missing_for_a_chip": [
            *MISSING_FOR_A_CHIP, *([] if chosen is None else caveats(chosen, engine))
        ],
        "target": None if chosen is None else chosen.name,
        "settings": settings.to_json(),
        "rounding": engine.rounding if arithmetic == "fixed" else None,
        **described(settings, kernel),
        "mapping": None if chosen is None else
        map_network(params.network, chosen, options=options_of(params.network, engine)).to_dict(),
        "provenance": dict(provenance or {}),
    }
    tensors = tensors_of(kernel, params)
    with new_folder(out) as folder:
        write_json(folder / NETWORK, document)
        write_tensors(folder / WEIGHTS, tensors)
        if neurons := neurons_of(kernel):
            write_json(folder / NEURON, neurons)
        _require_source(folder / WEIGHTS, tensors)
    return load_export(out)


def load_export(path: str | Path) -> ChipExport:
    """Read an export and check that it is whole and means here what it meant where it was made.

    Raises
    ------
    CheckpointError
        No export, a file that is missing or was changed, another version, or
        content that does not agree with itself or with this program.
    """
    folder = Path(path)
    verify(folder, (NETWORK, WEIGHTS))
    document = read_json(folder / NETWORK)
    if document.get("kind") != KIND or document.get("version") != VERSION:
        raise CheckpointError(
            f"{folder / NETWORK}: {document.get('kind')!r} version {document.get('version')!r}, "
            f"allowed: {KIND!r} version {VERSION}; {MEND} with this version"
        )
    settings = _settings(folder, document)
    tensors = read_tensors(folder / WEIGHTS)
    params = parameters_of(folder / WEIGHTS, tensors, settings)
    _require_same_meaning(folder, document, settings, params, tensors)
    return ChipExport(folder, settings, params, document)


def _require_source(path: Path, source: Mapping[str, Any]) -> None:
    """What lies on the disk, compared with the arrays that it was made from."""
    for name, found in read_tensors(path).items():
        if found.dtype != source[name].dtype or not np.array_equal(found, source[name]):
            raise CheckpointError(f"{path}: {name} is not what was to be exported; the disk cannot be trusted")


def _require_target(settings: ChipSettings, target: Target) -> None:
    training = TrainingSpec(batch=COMPOSED_BATCH, seed=settings.seed)
    violations = check(
        settings.network, target, inference=settings.inference, plasticity=settings.plasticity, training=training,
        engine=settings.engine,
    )  # fmt: skip
    require_fit(violations, target)


def _settings(folder: Path, document: dict[str, Any]) -> ChipSettings:
    return record(ChipSettings, document.get("settings"), f"{folder / NETWORK}: settings", MEND)


def _require_same_meaning(
    folder: Path, document: dict[str, Any], settings: ChipSettings, params: Parameters, tensors: dict[str, Any]
) -> None:
    """Build the kernel again: rules, steps, scales and every integer must come out as they are in the files."""
    try:
        kernel = settings.kernel(params)
    except InvalidInput as error:
        raise CheckpointError(f"{folder}: no network can be built from it ({error}); {MEND}") from None
    for part, value in json.loads(json.dumps(described(settings, kernel))).items():
        if document.get(part) != value:
            raise CheckpointError(f"{folder / NETWORK}: {part} differs from what its settings give; {MEND}")
    if (folder / NEURON).exists() and read_json(folder / NEURON) != neurons_of(kernel):
        raise CheckpointError(f"{folder / NEURON}: differs from what its settings give; {MEND}")
    for name, value in tensors_of(kernel, params).items():
        if not (value == tensors[name]).all():
            raise CheckpointError(f"{folder / WEIGHTS}: {name} differs from what its numbers give; {MEND}")
