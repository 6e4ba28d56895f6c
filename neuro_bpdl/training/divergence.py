"""Divergence is an outcome: where numbers stop being numbers, training stops and says so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from neuro_bpdl.errors import Diverged
from neuro_bpdl.parameters import Parameters
from neuro_bpdl.spec import RunSpec


def require_finite(
    params: Parameters, spec: RunSpec, epoch: int, measured: Mapping[str, Any] | None = None
) -> None:
    """Refuse parameters, and what was measured with them, that hold NaN or infinity, or a variance of 0 or less.

    Call it after every epoch, before anything is written: the last checkpoint
    then is the last finite one.

    Parameters
    ----------
    epoch : int
        The one just done.
    measured : mapping, optional
        A line of metrics.jsonl.

    Raises
    ------
    Diverged
        Names the lowest layer and matrix, the epoch, and what to lower.
    """
    where = _broken_parameter(params) or ("" if measured is None else _broken_measure(measured))
    if where:
        kept = f"the checkpoint of epoch {epoch - 1} stays" if epoch else "nothing was kept"
        raise Diverged(f"training diverged in epoch {epoch}: {where}; {kept}; {_way_out(spec)}")


def _broken_parameter(params: Parameters) -> str:
    for layer in range(params.network.depth):
        for name, group in (("F", params.F), ("b", params.b), ("G", params.G), ("c", params.c)):
            if not np.isfinite(group[layer]).all():
                return f"layer {layer + 1}: {name}_{layer + 1} holds {_worst(group[layer])}"
    for layer, value in enumerate(params.variance):
        if not (np.isfinite(value) and value > 0):
            return f"layer {layer}: the variance is {value:g}"
    return ""


def _worst(array: Any) -> str:
    return "NaN" if np.isnan(array).any() else "infinity"


def _broken_measure(measured: Mapping[str, Any]) -> str:
    for name, value in measured.items():
        parts = value.values() if isinstance(value, Mapping) else value if isinstance(value, (list, tuple)) else [value]
        if any(isinstance(part, float) and not np.isfinite(part) for part in parts):
            return f"{name} is not finite, which large weights make of it"
    return ""


def _way_out(spec: RunSpec) -> str:
    """What to lower, with the value it has."""
    rates = spec.plasticity.rate_text
    return f"lower --learning-rate ({rates}) to a tenth, or --delta ({spec.inference.delta:g}), and train again"
