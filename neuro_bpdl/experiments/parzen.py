"""The likelihood table: Parzen nats by the paper's protocol, other measures beside it, and controls."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from neuro_bpdl.experiments.networks import Trained
from neuro_bpdl.experiments.running import generate
from neuro_bpdl.generation.quality import Judge, controls
from neuro_bpdl.numbers.streams import Stream, stream
from neuro_bpdl.plotting import figures
from neuro_bpdl.spec import InferenceSpec
from neuro_bpdl.theory.mixture import fit_mixture
from neuro_bpdl.theory.parzen import SIGMAS, log_densities

if TYPE_CHECKING:
    from neuro_bpdl.experiments.registry import Bench
    from neuro_bpdl.experiments.settings import Plan

# Where the prior already draws good codes, a gentle round does least harm.
EXTENDED = InferenceSpec(steps=5, delta=0.3, alpha=0.1)
PAPER = {"GENERATE": 236.0, "directed": 126.0}


def run(bench: Bench, out: Path) -> dict[str, Any]:
    """One row per network, seed and way of sampling; then the controls."""
    judge = judge_of(bench)
    rows: list[dict[str, Any]] = []
    for plan in bench.settings.plans:
        for seed in bench.settings.seeds:
            rows += _network_rows(bench, seeded(plan, seed), judge)
    for name, images in controls(bench.training_set.x_train, bench.settings.samples, bench.settings.seeds[0]).items():
        bench.say(f"parzen: {name}")
        rows.append({"network": "control", "sampler": name, **judge.score(images)})
    _draw(rows, out / "figure.png")
    return {"paper": PAPER, "samples": bench.settings.samples, "rows": rows}


def judge_of(bench: Bench) -> Judge:
    """The judge with this bench's data."""
    training = bench.training_set
    return Judge(training.x_train, training.labels("train"), bench.validation, bench.test, bench.settings.seeds[0])


def seeded(plan: Plan, seed: int) -> Plan:
    """The same plan with another training seed."""
    training = plan.run.training.model_copy(update={"seed": seed})
    return plan.model_copy(update={"run": plan.run.model_copy(update={"training": training})})


@dataclass(frozen=True)
class Choice:
    """A way to GENERATE, and its Parzen nats on the validation images."""

    inference: InferenceSpec
    rounds: int
    validation_nats: float


def choose(bench: Bench, network: Trained, seed: int) -> list[Choice]:
    """All candidates on the validation images, best first; their samples are not those of the table."""
    settings, choices = bench.settings, []
    for spec in settings.candidates:
        rng = stream(seed, Stream.TOP_SAMPLE, 0, 1)
        images = generate(network, settings.choosing_samples, spec, settings.max_rounds, rng)
        for rounds, samples in enumerate(images[1:], start=1):
            nats = float(log_densities(samples, bench.validation, SIGMAS).mean(axis=1).max())
            choices.append(Choice(spec, rounds, nats))
    return sorted(choices, key=lambda choice: -choice.validation_nats)


def _network_rows(bench: Bench, plan: Plan, judge: Judge) -> list[dict[str, Any]]:
    network = bench.network(plan)
    seed, n = plan.run.training.seed, bench.settings.samples
    choices = choose(bench, network, seed)
    best = choices[0]
    printed = generate(network, n, plan.generation, plan.rounds, stream(seed, Stream.TOP_SAMPLE))
    chosen = generate(network, n, best.inference, best.rounds, stream(seed, Stream.TOP_SAMPLE))
    mixture = fit_mixture(network.tops, bench.settings.components, seed)
    extended = generate(network, n, EXTENDED, 1, stream(seed, Stream.TOP_SAMPLE), mixture)
    about = {
        "network": plan.name, "seed": seed, "backend": plan.run.engine.backend,
        "arithmetic": plan.run.engine.arithmetic, "epochs": plan.run.training.epochs,
        "training_seconds": round(network.seconds, 1),
    }  # fmt: skip
    rows = [
        {**about, "sampler": "directed", **judge.score(printed[0])},
        {**about, "sampler": "GENERATE as printed", **_how(plan.generation, plan.rounds), **judge.score(printed[-1])},
        {**about, "sampler": "GENERATE, chosen on validation", **_how(best.inference, best.rounds),
         **judge.score(chosen[-1]), "choices": [_how(c.inference, c.rounds) | {"validation_nats": c.validation_nats}
                                                for c in choices]},
        {**about, "sampler": "extension: directed, mixture prior", **judge.score(extended[0])},
        {**about, "sampler": "extension: GENERATE, mixture prior", **_how(EXTENDED, 1), **judge.score(extended[1])},
    ]  # fmt: skip
    for row in rows:
        bench.say(f"parzen: {plan.name}, seed {seed}, {row['sampler']}: {row['parzen_nats']:.1f} nats")
    return rows


def _how(spec: InferenceSpec, rounds: int) -> dict[str, Any]:
    return {"generation": spec.model_dump(), "rounds": rounds}


def _draw(rows: list[dict[str, Any]], path: Path) -> None:
    figure, axes = figures.panels(1, 2, 6.5, 0.3 * len(rows) + 1.4)
    names = [f"{r['network']}" + (f" {r['seed']}" if "seed" in r else "") + f": {r['sampler']}" for r in rows]
    y = np.arange(len(rows))[::-1]
    kinds = [5 if r["network"] == "control" else int("directed" in r["sampler"]) for r in rows]
    colours = [figures.COLOURS[kind] for kind in kinds]
    errors = [2 * r["parzen_standard_error"] for r in rows]
    axes[0, 0].barh(y, [r["parzen_nats"] for r in rows], xerr=errors, color=colours)
    axes[0, 0].set_yticks(y, names, fontsize=7)
    for (name, value), style in zip(PAPER.items(), ("-", "--"), strict=True):
        axes[0, 0].axvline(value, color="black", lw=0.8, ls=style, label=f"paper, {name}: {value:.0f}")
    axes[0, 0].set_ylim(-0.8, len(rows) + 0.7)
    axes[0, 0].legend(fontsize=7, frameon=False, loc="upper center", ncol=2)
    figures.label(axes[0, 0], "Parzen log-likelihood of test images (nats, ± 2 standard errors)", "")
    axes[0, 1].barh(y, [r["two_sample_accuracy"] for r in rows], color=colours)
    axes[0, 1].axvline(0.5, color="black", lw=0.8, label="0.5: cannot be told from real")
    classes = [f"{r['classes_covered']} classes, confidence {r['confidence']:.2f}" for r in rows]
    axes[0, 1].set_yticks(y, classes, fontsize=7)
    axes[0, 1].set_xlim(0.4, 1.02)
    axes[0, 1].set_ylim(-0.8, len(rows) + 0.7)
    axes[0, 1].legend(fontsize=7, frameon=False, loc="upper center")
    figures.label(axes[0, 1], "accuracy of a two-sample classifier", "")
    figures.save(figure, path)
