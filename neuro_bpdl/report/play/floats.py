"""A network that has learned images and labels as numbers for the page, which computes it in floating point.

No chip and no fixed-point engine has images and labels in one network, so the page cannot have it in integers. Its
weights are rounded to 8 bits, each unit's by a scale of its own, so that a large network fits into a page.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.numbers.activations import TransferFunction, transfer
from neuro_bpdl.parameters import Parameters
from neuro_bpdl.report.play.packing import packed, short
from neuro_bpdl.spec import InferenceSpec
from neuro_bpdl.theory.climb import resolved
from neuro_bpdl.theory.joint import child_of

Array = NDArray[Any]
LARGEST_INTEGER = 127


def rounded(params: Parameters) -> Parameters:
    """The network that the page computes: weights of 8 bits, biases of six digits; float64."""
    def read(group: list[Array]) -> list[Array]:
        return [integers * scale[:, None] for integers, scale in map(_integers, group)]

    def cut(group: list[Array]) -> list[Array]:
        return [np.array(short(bias)) for bias in group]

    whole = params.astype(np.float64)
    return replace(whole, F=read(whole.F), G=read(whole.G), b=cut(whole.b), c=cut(whole.c))


def rounded_draws(draws: Array) -> Array:
    """The draws of h_L that the page has, (n, n_L): 8 bits, by a scale for each draw."""
    integers, scale = _integers(draws)
    return integers * scale[:, None]


def playable_joint(params: Parameters, inference: InferenceSpec, rounds: int, draws: Array) -> dict[str, Any]:
    """Everything that ``floats.js`` needs, JSON-ready.

    Parameters
    ----------
    inference : InferenceSpec
        Of every round of GENERATE.
    draws : (n, n_L)
        Of p(h_L), without a label.

    Returns
    -------
    dict
        ``layers`` 0…L and the label population; ``up`` and ``down`` the maps
        F_1 … F_L, F_y and G_1 … G_L, G_y; ``weights`` as of `integers.playable`.

    Raises
    ------
    InvalidInput
        The network has not learned images and labels, or inference is noisy.
    """
    told, spec = params.told, resolved(inference, params.images)
    if spec.langevin:
        raise InvalidInput("langevin", spec.langevin, "0 in the page", "report a run without it")
    child = child_of(told)
    curves = [*told.transfers, transfer(child.activation)]
    sizes = [*told.network.sizes, child.classes]
    matrices = [_integers(one) for one in (*told.F, *told.G, draws)]
    maps = [_map(scale, integers.shape[1], bias)
            for (integers, scale), bias in zip(matrices, (*told.b, *told.c, None), strict=True)]  # fmt: skip
    return {
        "layers": [{"size": size, **_curve(curve)} for size, curve in zip(sizes, curves, strict=True)],
        "up": maps[: len(told.F)], "down": maps[len(told.F) : -1], "draws": maps[-1],
        "order": spec.order, "steps": spec.steps, "rounds": rounds, "delta": spec.delta,
        "alpha": spec.alphas(told.network.depth), "weight": child.weight,
        "weights": packed([integers for integers, _ in matrices]),
    }  # fmt: skip


def _integers(weights: Array) -> tuple[Array, Array]:
    """Rows of ``weights`` as integers from -127 to 127, and the number that one stands for, by row."""
    largest = np.abs(weights).max(axis=1).astype(np.float64) / LARGEST_INTEGER
    scale = np.array(short(np.where(largest > 0, largest, 1.0)))
    return np.clip(np.rint(weights / scale[:, None]), -LARGEST_INTEGER, LARGEST_INTEGER), scale


def _map(scale: Array, columns: int, bias: Array | None) -> dict[str, Any]:
    return {"scale": scale.tolist(), "columns": columns, **({} if bias is None else {"bias": short(bias)})}


def _curve(curve: TransferFunction) -> dict[str, Any]:
    """φ by name, or by its straight pieces; a range without an end has no ``high``."""
    ends = {"low": curve.low, "high": curve.high if np.isfinite(curve.high) else None}
    if curve.pieces is None:
        return {"name": curve.name, **ends}
    steeper = np.diff(curve.pieces.slopes, prepend=0.0).tolist()
    return {"name": curve.name, "knots": list(curve.pieces.knots), "steeper": steeper, **ends}
