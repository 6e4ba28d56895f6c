"""One row a layer: how near its rates are to theory's, and which of its units carry nothing."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.agreement import measures
from neuro_bpdl.agreement.results import LayerAgreement
from neuro_bpdl.agreement.tolerances import unit_of
from neuro_bpdl.engines.protocol import Label
from neuro_bpdl.parameters import Parameters
from neuro_bpdl.training.measure import ends_of_range

Array = NDArray[Any]


def layer_agreements(
    params: Parameters, label: Label, found: list[Array], theory: list[Array], history: list[list[Array]]
) -> list[LayerAgreement]:
    """Layers 1…L of an engine against theory.

    Parameters
    ----------
    found, theory : list of (images, n_l), l = 0…L
    history : list of such lists
        The engine's states over inference; empty where there is none.
    """
    rates = [np.asarray(h, np.float64) for h in found[1:]]
    ends = ends_of_range(params, [h.min(axis=0) for h in rates], [h.max(axis=0) for h in rates])
    return [
        LayerAgreement(
            layer, measures.pearson(a, b), measures.rmse(a, b), measures.largest(a, b),
            measures.last_step_share(history, layer), a.shape[1], int(end.dead.sum()), int(end.saturated.sum()),
            unit_of(label, params, layer),
        )
        for layer, (a, b, end) in enumerate(zip(rates, theory[1:], ends, strict=True), start=1)
    ]  # fmt: skip
