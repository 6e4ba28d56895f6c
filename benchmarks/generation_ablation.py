"""What makes the hardware network generate: its plan with one thing changed at a time.

Trains each variant of the plan "hardware" of `neuro_bpdl.experiments.settings`
(784-1000-100, MNIST) on the first 20,000 images, 8 epochs, and judges 10,000
samples by the Parzen log-likelihood of 1,000 validation images, which none of
them has seen: directed, and after 1 to 4 rounds of GENERATE (N = 1, δ = 0.1,
α = 0.3), of which the best counts. A training is continued where a call before
has left it. Rows go to DIR/generation_ablation.json, a table to stdout.

    python benchmarks/generation_ablation.py --out DIR [--images 20000] [--epochs 8] [--seed 0] [--only "as it is,…"]
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np

from neuro_bpdl.data import Dataset, load
from neuro_bpdl.errors import Diverged, InvalidInput
from neuro_bpdl.experiments.networks import Trained, trained
from neuro_bpdl.experiments.running import generate
from neuro_bpdl.experiments.settings import Plan, full
from neuro_bpdl.numbers.streams import Stream, stream
from neuro_bpdl.recipes import compose
from neuro_bpdl.spec import InferenceSpec
from neuro_bpdl.theory.parzen import SIGMAS, log_densities

SAMPLES, VALIDATION, ROUNDS = 10_000, 1000, 4
GENERATION = InferenceSpec(steps=1, delta=0.1, alpha=0.3)
HARD = ("hard-sigmoid", "clipped-relu", "hard-sigmoid")
# What changes: fields of the RunSpec, by their places.
VARIANTS: dict[str, dict[tuple[str, ...], Any]] = {
    "as it is": {},
    "hard sigmoid and clipped ReLU": {("activation",): HARD},
    "without φ′": {("plasticity", "derivative"): False},
    "pixel noise clipped": {("plasticity", "clip_visible"): True},
    "hidden noise 0.5 for 0.25": {("plasticity", "noise"): 0.5},
    "δ = 0.3 for 0.6 in training": {("inference", "delta"): 0.3},
    "homeostasis every 4,000 images for 500": {("training", "homeostasis"): 4000},
    "rates that do not fall": {("training", "falling"): False},
}
OTHERS = {"softplus and sigmoid": "smooth", "fixed point": "fixed"}  # other plans as they are


def main() -> None:
    """Read the command line, train what is missing, print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--images", type=int, default=20_000)
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", default="", help="names of variants, separated by commas")
    given = parser.parse_args()
    data, rows = load("mnist"), []
    for name in given.only.split(",") if given.only else [*VARIANTS, *OTHERS]:
        plan = plan_of(name, given.seed, given.epochs, given.images)
        rows.append({"variant": name, **measured(plan, data, given.out)})
        print(json.dumps(rows[-1]), flush=True)
    (given.out / "generation_ablation.json").write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    print(table(rows))


def plan_of(name: str, seed: int, epochs: int, images: int) -> Plan:
    """The plan of a variant."""
    settings = full(seed, epochs=epochs)
    plan = settings.plan(OTHERS.get(name, "hardware"))
    run = compose(plan.run.model_dump(), {("training", "limit"): images, **VARIANTS.get(name, {})})
    return plan.model_copy(update={"run": run})


def measured(plan: Plan, data: Dataset, out: Path) -> dict[str, Any]:
    """Train or continue, then judge on images from the end of the training set; None where the network ran away."""
    try:
        network = trained(plan, data, out, lambda _: None)
        nats = judged(network, data.x_train[-VALIDATION:])
    except (Diverged, InvalidInput):
        return {"directed": None, "generate": None}
    found = {"variances": network.params.variance.tolist(), "seconds": round(network.seconds, 1)}
    return {**found, "directed": nats[0], "generate": max(nats[1:]), "rounds": 1 + int(np.argmax(nats[1:]))}


def judged(network: Trained, validation: np.ndarray) -> list[float]:
    """Parzen nats, directed and after every round; σ is the best of the protocol's."""
    rng = stream(network.plan.run.training.seed, Stream.TOP_SAMPLE)
    rounds = generate(network, SAMPLES, GENERATION, ROUNDS, rng)
    return [float(log_densities(samples, validation, SIGMAS).mean(axis=1).max()) for samples in rounds]


def table(rows: list[dict[str, Any]]) -> str:
    """Markdown."""
    lines = ["| variant | directed | GENERATE (rounds) | σ²_0, σ²_1 | training |", "|" + "---|" * 5]
    for row in rows:
        if row["directed"] is None:
            lines.append(f"| {row['variant']} | runs away | | | |")
            continue
        variances = ", ".join(f"{v:.4f}" for v in row["variances"])
        cells = [f"{row['directed']:.1f}", f"{row['generate']:.1f} ({row['rounds']})", variances]
        lines.append("| " + " | ".join([row["variant"], *cells, f"{row['seconds']:.0f} s"]) + " |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
