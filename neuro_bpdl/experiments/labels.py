"""Labels: how G has to learn, whether ΔF is the gradient's, and what the recipes reach on test images."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.data import Dataset, presentation_order
from neuro_bpdl.data.classes import labelled_rows
from neuro_bpdl.experiments.settings import digest
from neuro_bpdl.numbers.streams import Stream, stream
from neuro_bpdl.parameters import Parameters
from neuro_bpdl.plotting import figures
from neuro_bpdl.recipes import compose, read_recipe
from neuro_bpdl.spec import LabelSpec, NetworkSpec, PlasticitySpec, RunSpec
from neuro_bpdl.theory.labels import nudge
from neuro_bpdl.theory.maps import feedforward_pass
from neuro_bpdl.theory.taught_start import taught_parameters
from neuro_bpdl.theory.teaching import (
    FEEDBACK_RULES,
    FeedbackRule,
    alignment,
    apply_taught,
    net_inputs,
    taught_change,
    taught_swings,
)
from neuro_bpdl.training.answers import Answers, judge_answers
from neuro_bpdl.training.run_dir import RunDir
from neuro_bpdl.training.trainer import resume, train

if TYPE_CHECKING:
    from neuro_bpdl.experiments.registry import Bench

Array = NDArray[Any]
HIDDEN, PASSES, BATCH, RATE = {"mnist": 1000}, 5, 100, 1.0
REGRESSION = 0.1  # of the rate for G: a regression that learns as fast as F runs away
NOISE = 0.1
LOOKED_AT = 1000  # images for the angle
RECIPES = {"mnist": ("labels-float", "labels")}
ACTIVATIONS = ("hard-sigmoid", "clipped-relu", "hard-sigmoid")


def run(bench: Bench, out: Path) -> dict[str, Any]:
    """Three rules for G in float on theory, measured on validation images; the recipes, on test images."""
    rules = {rule: _with_rule(bench, rule) for rule in FEEDBACK_RULES}
    runs = {name: [_recipe(bench, name, seed) for seed in bench.settings.seeds] for name in _recipes(bench)}
    answers = {name: [judge_answers(one, bench.dataset) for one in found] for name, found in runs.items()}
    _draw(rules, next(iter(reversed(answers.values())))[0], out / "figure.png")
    return {
        "rules": {"engine": f"theory float32, seed {bench.settings.seeds[0]}", "epochs": rules},
        "recipes": {name: [_row(*one) for one in zip(runs[name], answers[name], strict=True)] for name in runs},
        "summary": {name: _summary(found) for name, found in answers.items()},
    }


def _row(run: RunDir, answers: Answers) -> dict[str, Any]:
    """A run on test images; what its last epoch knew of validation images; G beside Fᵀ from layer 2 on."""
    params, last = run.checkpoint().params, run.metrics()[-1]
    turned = [alignment(params, layer) for layer in range(2, params.network.depth + 1)]
    return {**answers.to_dict(), "alignment": turned, f"{last['split']}_accuracy": last["accuracy"],
            "sizes": params.network.sizes}  # fmt: skip


def _summary(found: list[Answers]) -> dict[str, float]:
    """Mean accuracy over seeds, and the spread of one seed's (0 for a single one)."""
    known = [answers.accuracy for answers in found]
    return {"seeds": len(known), "mean": float(np.mean(known)), "spread": float(np.std(known, ddof=len(known) > 1))}


def _recipes(bench: Bench) -> tuple[str, ...]:
    return RECIPES.get(bench.settings.data, ("labels-quick",))


def _with_rule(bench: Bench, rule: FeedbackRule) -> list[dict[str, float]]:
    """Accuracy, alignment of G_2 with F_2ᵀ and angle of ΔF_1 to minus the gradient, after every pass."""
    seed, data = bench.settings.seeds[0], bench.training_set
    x, y = data.x_train, labelled_rows(data.x_train[:, :1], data.labels("train"), 10)[:, 1:]
    hidden = HIDDEN.get(bench.settings.data, 200)
    network = NetworkSpec.of((data.pixels, hidden, 10), ACTIVATIONS, LabelSpec())
    params, rows = taught_parameters(network, x[:LOOKED_AT], seed, np.float32), []
    for epoch in range(PASSES):
        rate = RATE * (1 - epoch / PASSES)
        back = rate * (REGRESSION if rule == "regression" else 1)
        plasticity = PlasticitySpec(learning_rate=back, feedforward_rate=rate)
        order = presentation_order(len(x), epoch, 1, seed)
        for k, at in enumerate(range(0, len(order) - BATCH + 1, BATCH)):
            chosen = order[at : at + BATCH]
            _teach(params, x[chosen], y[chosen], plasticity, rule, seed, epoch * len(order) + k)
        rows.append({
            "accuracy": _known(params, bench.dataset, len(x)), "alignment": alignment(params, 2),
            "angle_degrees": _angle(params, x[:LOOKED_AT], y[:LOOKED_AT]),
        })  # fmt: skip
    return rows


def _teach(
    params: Parameters, x: Array, target: Array, plasticity: PlasticitySpec, rule: FeedbackRule, seed: int, k: int
) -> None:
    h, predicted = nudge(params, x, target)
    rng = stream(seed, Stream.CORRUPTION, 0, k)
    noisy = [state + np.float32(NOISE) * rng.standard_normal(state.shape, np.float32) for state in h]
    swings = taught_swings(params, h, predicted)
    apply_taught(params, taught_change(params, predicted, swings, feedback=rule, noisy=noisy), plasticity)


def _known(params: Parameters, dataset: Dataset, first: int) -> float:
    """Accuracy on the training images from ``first`` on, which nothing was learned from; else on test images."""
    kept = dataset.x_train[first:]
    images, labels = (kept, dataset.labels("train")[first:]) if len(kept) else (dataset.test, dataset.labels("test"))
    return float((net_inputs(params, images).argmax(axis=1) == labels).mean())


def _angle(params: Parameters, x: Array, target: Array) -> float:
    """Degrees between ΔF_1 and minus the gradient of the matching loss, by backpropagation."""
    h, predicted = nudge(params, x, target)
    change = taught_change(params, predicted, taught_swings(params, h, predicted), feedback="fixed").F[0]
    states = feedforward_pass(params, x)
    back = ((target - states[2]) @ params.F[1]) * params.transfers[1].slope(states[1])
    true = back.T @ x
    return float(np.degrees(np.arccos((change * true).sum() / np.linalg.norm(change) / np.linalg.norm(true))))


def _recipe(bench: Bench, name: str, seed: int) -> RunDir:
    """A recipe's run, trained once and continued where it stopped."""
    spec = compose(read_recipe(name).fields, {("training", "seed"): seed})
    folder = bench.out / "networks" / f"{name}-{digest(spec.model_dump(mode='json'))}"
    return _finished(bench, spec, folder)


def _finished(bench: Bench, spec: RunSpec, folder: Path) -> RunDir:
    if folder.exists():
        return resume(RunDir.open(folder), bench.dataset)
    bench.say(f"training {folder.name}: {spec.training.epochs} epochs")
    folder.parent.mkdir(parents=True, exist_ok=True)
    return train(spec, bench.dataset, folder)


def _draw(rules: dict[FeedbackRule, list[dict[str, float]]], answers: Answers, path: Path) -> None:
    figure, axes = figures.panels(1, 3)
    shown = (("alignment", "cosine of G₂ and F₂ᵀ", 1.0), ("angle_degrees", "ΔF₁ to minus the gradient (degrees)", 90.0))
    for axis, (name, text, line) in zip(axes[0], shown, strict=False):
        for colour, (rule, rows) in zip(figures.COLOURS, rules.items(), strict=False):
            axis.plot(range(1, len(rows) + 1), [row[name] for row in rows], "o-", color=colour, label=f"G: {rule}")
        axis.axhline(line, color=figures.COLOURS[5], lw=0.8, ls=":")
        figures.label(axis, "pass over the training images", text)
        axis.legend(fontsize=7, frameon=False)
    confusion = answers.confusion
    axes[0][2].imshow(np.log1p(confusion), cmap="Blues")
    for (truth, said), count in np.ndenumerate(confusion):
        if count:
            axes[0][2].text(said, truth, str(count), ha="center", va="center", fontsize=6)
    figures.label(axes[0][2], "taken for", "class", f"{100 * answers.accuracy:.2f} %: {answers.label}")
    figures.save(figure, path)
