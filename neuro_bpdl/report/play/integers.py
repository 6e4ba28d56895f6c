"""A trained network as the integers and rows that the page's interpreter reads."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.description.network import describe
from neuro_bpdl.description.operations import Op, operations
from neuro_bpdl.description.program import (
    Program,
    classification_program,
    generation_program,
    inference_program,
)
from neuro_bpdl.description.projections import Way
from neuro_bpdl.kernels.fixed.network import FixedNetwork
from neuro_bpdl.numbers import widths
from neuro_bpdl.parameters import Parameters
from neuro_bpdl.report.play.packing import packed, short
from neuro_bpdl.spec import InferenceSpec, PlasticitySpec
from neuro_bpdl.spec.generation import GENERATE_ROUNDS
from neuro_bpdl.theory.climb import resolved

Array = NDArray[Any]
MODES = ("settle", "fill", "dream")  # what a visitor can do, in the order of `playable`'s specs


def playable(
    params: Parameters, specs: tuple[InferenceSpec, ...], plasticity: PlasticitySpec, rounds: int = GENERATE_ROUNDS
) -> dict[str, Any]:
    """Everything that ``kernel.js`` and ``density.js`` need, JSON-ready.

    Parameters
    ----------
    specs : three InferenceSpec
        To settle on a picture, to fill in missing pixels, and to infer in GENERATE.
    rounds : int
        Of GENERATE.

    Returns
    -------
    dict
        ``ops`` names the operations by their numbers; ``programs`` has, per
        mode, rows (operation, subject, argument) for every time step;
        ``weights`` has one matrix (pre + 1, post) after the other, as
        `packing.packed` writes them.

    Raises
    ------
    InvalidInput
        The network has no form in these integers.
    """
    chosen = [resolved(spec, params, "fixed") for spec in specs]
    description = describe(params.network)
    programs = (
        inference_program(description, chosen[0].steps),
        inference_program(description, chosen[1].steps, clamped=False),
        generation_program(description, chosen[2].steps, rounds),
    )
    networks = [FixedNetwork(params, spec, plasticity, one) for spec, one in zip(chosen, programs, strict=True)]
    return _document(params, dict(zip(MODES, networks, strict=True)))


def playable_labels(params: Parameters, inference: InferenceSpec, plasticity: PlasticitySpec) -> dict[str, Any]:
    """What ``kernel.js`` needs to name a picture: as `playable`, with the mode "classify".

    ``net_unit`` is the net input that one unit of the label population's integer stands for.

    Raises
    ------
    InvalidInput
        The network has no labels, or no form in these integers.
    """
    params.network.teacher  # noqa: B018 (refuses a network without labels)
    description = describe(params.network)
    spec = resolved(inference, params, "fixed")
    network = FixedNetwork(params, spec, plasticity, classification_program(description))
    branch = description.into(description.depth, Way.UP)[0]
    return {**_document(params, {"classify": network}), "net_unit": network.scheme.matrices[branch].net_unit}


def _document(params: Parameters, networks: dict[str, FixedNetwork]) -> dict[str, Any]:
    """The network of every mode: their weights are the same, their programs are not."""
    one = next(iter(networks.values()))
    return {
        "ops": [op.name for op in Op],
        "widths": {"fraction": widths.SOMA_FRACTION_BITS, "soma": widths.SOMA_MAX, "payload": widths.PAYLOAD_MAX,
                   "net": widths.NET_MAX},
        "populations": [
            {"size": layer.n, "loud": layer.loud, "high": layer.high, "table": layer.payloads.tolist()}
            for layer in one.layers
        ],
        "projections": [_projection(one, index) for index in range(len(one.projections))],
        "variance": params.variance.tolist(),
        "prior": _prior(params),
        "programs": {mode: _program(network.program, network) for mode, network in networks.items()},
        "weights": packed([matrix[0] for matrix in one.weights]),
    }  # fmt: skip


def _projection(network: FixedNetwork, index: int) -> dict[str, Any]:
    described, matrix = network.projections[index], network.scheme.matrices[index]
    _, pre, post = network.weights[index].shape
    return {"name": matrix.name, "down": described.way is Way.DOWN, "source": described.source,
            "target": described.target, "pre": pre, "post": post, "offset": matrix.offset,
            "shift": matrix.shift}  # fmt: skip


def _program(program: Program, network: FixedNetwork) -> dict[str, Any]:
    """Its rows, and δ and α as (mantissa, shift); α of the populations l = 0…L."""
    steps = [[[int(row.op), row.subject, row.argument] for row in step] for step in operations(program)]
    return {
        "steps": steps,
        "fed": program.feeds[0],
        "free": list(program.free),
        "delta": network.scheme.delta.pair,
        "alpha": [(0, 0), *(step.pair for step in network.scheme.alpha)],
    }


def _prior(params: Parameters) -> dict[str, list[float]] | None:
    if params.prior_mean is None or params.prior_variance is None:
        return None
    return {"mean": short(params.prior_mean), "std": short(np.sqrt(params.prior_variance))}
