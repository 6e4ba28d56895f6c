"""Ways to climb log p(x, h), for figure 4: Algorithm 2 as printed, and what mends it (docs/objective.md)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.experiments.networks import Trained, blocks
from neuro_bpdl.experiments.running import histories
from neuro_bpdl.numbers.streams import Stream, stream
from neuro_bpdl.parameters import Parameters
from neuro_bpdl.spec import EngineSpec, InferenceSpec
from neuro_bpdl.theory.climb import Rates, climb, exact_gradient, weighted
from neuro_bpdl.theory.inference import infer
from neuro_bpdl.theory.objective import objective

if TYPE_CHECKING:
    from neuro_bpdl.experiments.settings import Settings

Array = NDArray[Any]
WEIGHTED, FITTED = "weighted by 1/variance", "fitted variances"
UNIT = "unit variances (a plain reading of Algorithm 2)"


def weighted_alphas(network: Trained, settings: Settings) -> tuple[float, ...]:
    """α_l = δ σ²_q,l/σ²_l, the top's 0."""
    return weighted(network.params, settings.inference.delta).prior


def ways(network: Trained, settings: Settings) -> dict[str, InferenceSpec]:
    """The remedies that every engine can run: they differ in α alone."""
    steps = {"steps": settings.fig4_steps}
    alphas = {FITTED: settings.inference.alpha, WEIGHTED: weighted_alphas(network, settings),
              "GENERATE's alpha, 0.3": 0.3}  # fmt: skip
    return {name: settings.inference.model_copy(update={**steps, "alpha": alpha}) for name, alpha in alphas.items()}


def terms(network: Trained, settings: Settings, x: Array) -> Iterator[tuple[str, Array]]:
    """(name, (2, steps + 1, images) reconstruction and latent term) of every remedy that the plan's engine has."""
    params, each = network.params, ways(network, settings)
    unit = params.copy()
    unit.variance[:] = 1
    for name, spec in each.items():
        yield name, on_engine(network, spec, x)
    yield UNIT, on_engine(network, each[FITTED], x, measured_by=unit)
    if network.plan.run.engine.backend == "theory":
        yield from _theory_only(network, settings, x)


def on_engine(
    network: Trained, spec: InferenceSpec, x: Array, engine: EngineSpec | None = None,
    measured_by: Parameters | None = None,
) -> Array:  # fmt: skip
    """Both terms of log p(x, h) over the steps, (2, steps + 1, images); from an engine's states, by the host in float.

    Parameters
    ----------
    engine : EngineSpec, optional
        Another than the plan's.
    measured_by : Parameters, optional
        Whose variances count; the network's own unless given.
    """
    judge = network.params if measured_by is None else measured_by
    return np.concatenate([_both(judge, history) for history in histories(network, x, spec, engine)], axis=2)


def _theory_only(network: Trained, settings: Settings, x: Array) -> Iterator[tuple[str, Array]]:
    params, spec = network.params, settings.inference
    rates = {
        "with the q-term, weight 0.1": Rates.paper(params.network.depth, spec.delta, spec.alpha, spec.delta),  # type: ignore[arg-type]
        "exact gradient (control)": exact_gradient(params, 0.1 * float(params.variance.min())),
    }
    for name, rate in rates.items():
        parts = [_both(params, climb(params, rows, rate, settings.fig4_steps)) for rows in blocks(x)]
        yield name, np.concatenate(parts, axis=2)
    for name, changes in (("sequential order", {"order": "sequential"}), ("Langevin noise 0.01", {"langevin": 0.01})):
        variant = spec.model_copy(update={**changes, "steps": settings.fig4_steps})
        parts = []
        for k, rows in enumerate(blocks(x)):
            rng = stream(network.plan.run.training.seed, Stream.LANGEVIN, 0, k)
            parts.append(_both(params, infer(params, rows, variant, rng=rng, record=True).history))
        yield name, np.concatenate(parts, axis=2)


def _both(params: Parameters, history: list[Any]) -> Array:
    values = [objective(params, h) for h in history]
    return np.array([[value.reconstruction for value in values], [value.latent for value in values]])
