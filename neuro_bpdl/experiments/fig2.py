"""Figure 2: does the target-propagation score point uphill? Its angle to the true gradient, layer by layer."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from neuro_bpdl.parameters import Parameters
from neuro_bpdl.plotting import figures
from neuro_bpdl.spec import TrainingSpec
from neuro_bpdl.theory.inference import infer
from neuro_bpdl.theory.maps import feedforward_pass
from neuro_bpdl.theory.score import cosine, prior_score, target_propagation_score, true_score
from neuro_bpdl.training.loop import start

if TYPE_CHECKING:
    from neuro_bpdl.experiments.registry import Bench
    from neuro_bpdl.experiments.settings import Plan

IMAGES = 1000


def run(bench: Bench, out: Path) -> dict[str, Any]:
    """Angles at the feedforward state and after inference, before, during and after training."""
    result: dict[str, Any] = {}
    for plan in bench.settings.plans:
        stages = _stages(bench, plan)
        result[plan.name] = {epoch: _angles(params, bench, plan) for epoch, params in stages.items()}
    _draw(result, bench, out / "figure.png")
    return result


def _stages(bench: Bench, plan: Plan) -> dict[str, Parameters]:
    """Parameters before the first epoch, after it, and at the end."""
    first = TrainingSpec(**{**plan.run.training.model_dump(), "epochs": 1})
    early = plan.model_copy(update={"run": plan.run.model_copy(update={"training": first})})
    return {
        "0": start(plan.run, bench.training_set.x_train).params,
        "1": bench.network(early).params,
        str(plan.run.training.epochs): bench.network(plan).params,
    }


def _angles(params: Parameters, bench: Bench, plan: Plan) -> dict[str, Any]:
    x = bench.test[:IMAGES].astype(params.dtype)
    states = {"feedforward": feedforward_pass(params, x), "inferred": infer(params, x, bench.settings.inference).h}
    return {name: _of_layers(params, h) for name, h in states.items()}


def _of_layers(params: Parameters, h: list[Any]) -> list[dict[str, float]]:
    rows = []
    for layer in range(1, params.network.depth + 1):
        below, here = h[layer - 1], h[layer]
        estimate, truth = (s(params, layer, below, here) for s in (target_propagation_score, true_score))
        row = _summary("eq12", cosine(estimate, truth))
        row |= _summary("random", cosine(np.random.default_rng(layer).standard_normal(truth.shape), truth))
        if layer < params.network.depth:
            joint = truth + prior_score(params, layer, here, h[layer + 1])
            row |= _summary("eq12_with_whole_gradient", cosine(estimate, joint))
        rows.append({"layer": layer, **row})
    return rows


def _summary(name: str, cosines: Any) -> dict[str, float]:
    angle = np.degrees(np.arccos(np.clip(cosines, -1, 1)))
    return {
        f"{name}_angle_degrees": float(angle.mean()), f"{name}_angle_std": float(angle.std()),
        f"{name}_share_uphill": float((cosines > 0).mean()),
    }  # fmt: skip


def _draw(result: dict[str, Any], bench: Bench, path: Path) -> None:
    figure, axes = figures.panels(1, len(result))
    for axis, (name, stages) in zip(axes[0], result.items(), strict=True):
        x = np.arange(len(stages))
        for layer in range(len(next(iter(stages.values()))["inferred"])):
            for offset, (state, mark) in zip((-0.05, 0.05), (("feedforward", "o-"), ("inferred", "s--")), strict=True):
                rows = [stage[state][layer] for stage in stages.values()]
                axis.errorbar(x + offset, [r["eq12_angle_degrees"] for r in rows], [r["eq12_angle_std"] for r in rows],
                              fmt=mark, color=figures.COLOURS[layer], capsize=2,
                              label=f"layer {layer + 1}, {state} state")  # fmt: skip
        axis.axhline(90, color=figures.COLOURS[5], lw=0.8, ls=":", label="90°: no better than chance")
        axis.set_xticks(x, [f"epoch {epoch}" for epoch in stages])
        axis.set_ylim(0, 130)
        figures.label(axis, "training", "angle of Eq 12 to ∂log p/∂h (degrees)", bench.settings.plan(name).title)
        axis.legend(fontsize=7, frameon=False)
    figures.save(figure, path)
