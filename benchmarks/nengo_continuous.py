"""Does S · dV/dt without a learning phase still learn? Three ways on digits, inside Nengo.

phases  infer, then a phase in which the compartments swing from their predictions to their somas (what all engines do)
onset   learning while inferring, from the image's onset on: the compartments start at their predictions
free    no phases: images follow one another, nothing is reset, every synapse always learns

    python benchmarks/nengo_continuous.py --out DIR [--images 3000]

Rows go to DIR/nengo_continuous.json, the picture to DIR/continuous.png. The
objective's variances are refitted to the evaluated images each time, so that
it measures the maps and not how far the running variances have come.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from neuro_bpdl.data import load
from neuro_bpdl.engines.nengo import NengoSimulator
from neuro_bpdl.engines.theory import TheorySimulator
from neuro_bpdl.parameters import Parameters, initial_parameters
from neuro_bpdl.spec import InferenceSpec, NetworkSpec, PlasticitySpec
from neuro_bpdl.theory.maps import g
from neuro_bpdl.theory.objective import objective

SIZES, INFERENCE, BATCH, EVERY, DT = (64, 32, 16), InferenceSpec(), 20, 500, 0.05
WAYS = (("phases", 0.1), ("onset", 0.1), ("onset", 0.02), ("free", 0.1), ("free", 0.01))
SEEDS = (0, 1, 2)
TICKS = (0.03, 0.05, 0.1, 0.2)
COLOURS = {"phases": "#1d2530", "onset": "#3b8f5f", "free": "#c8591d"}


def evaluate(params: Parameters, images: Any) -> dict[str, float]:
    """Reconstruction error and the objective's terms after inference, variances refitted."""
    result = TheorySimulator(params, INFERENCE, PlasticitySpec()).infer(images)
    h = result.h
    params.variance = np.array([np.mean((h[i] - g(params, i + 1, h[i + 1])) ** 2) for i in range(params.network.depth)])
    terms = objective(params, h)
    return {
        "error": float(np.mean((result.reconstruction - images) ** 2)),
        "reconstruction": float(terms.reconstruction.mean()), "latent": float(terms.latent.mean()),
    }  # fmt: skip


def learn(way: str, rate: float, seed: int, count: int) -> list[dict[str, Any]]:
    """Train for ``count`` images and evaluate every `EVERY`."""
    data = load("digits")
    train, test = data.x_train.astype(np.float64), data.test.astype(np.float64)
    simulator = NengoSimulator(
        initial_parameters(NetworkSpec.of(SIZES), seed), INFERENCE, PlasticitySpec(learning_rate=rate),
        batch=BATCH, seed=seed, dt=DT, learning=way,
    )  # fmt: skip
    order = np.random.default_rng(seed).permutation(np.arange(count) % len(train))
    rows = []
    for done in range(0, count + 1, EVERY):
        rows.append({"way": way, "rate": rate, "seed": seed, "images": done, **evaluate(simulator.parameters(), test)})
        if done < count:
            simulator.learn(train, order[done : done + EVERY], done // BATCH)
    print(rows[0], rows[-1], flush=True)
    return rows


def draw(rows: list[dict[str, Any]], path: Path) -> None:
    """Reconstruction error and both terms against images seen, mean over seeds."""
    figure = Figure(figsize=(11.4, 3.5), layout="constrained")
    titles = {
        "error": "reconstruction error",
        "reconstruction": "log p(x | h₁), nats",
        "latent": "log p(h₁ | h₂), nats",
    }
    for axes, (key, title) in zip(figure.subplots(1, 3), titles.items(), strict=True):
        for way, rate in WAYS:
            chosen = [row for row in rows if (row["way"], row["rate"]) == (way, rate)]
            x = sorted({row["images"] for row in chosen})
            y = np.array([[row[key] for row in chosen if row["images"] == images] for images in x])
            style = "-" if rate == 0.1 else "--"
            axes.plot(x, y.mean(axis=1), style, color=COLOURS[way], label=f"{way}, rate {rate:g}")
            axes.fill_between(x, y.min(axis=1), y.max(axis=1), color=COLOURS[way], alpha=0.12, linewidth=0)
        axes.set_title(title, loc="left", fontsize=10)
        axes.set_xlabel("images presented")
    first = figure.axes[0]
    first.set_yscale("log")
    first.set_yticks(TICKS, [f"{tick:g}" for tick in TICKS])
    first.minorticks_off()
    first.legend(frameon=False, fontsize=8, loc="center right", bbox_to_anchor=(1.0, 0.68))
    figure.savefig(path, dpi=110)


def main() -> None:
    """Measure and draw."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--images", type=int, default=3000)
    parser.add_argument("--draw", action="store_true", help="only draw what DIR/nengo_continuous.json holds")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    if arguments.draw:
        draw(json.loads((arguments.out / "nengo_continuous.json").read_text()), arguments.out / "continuous.png")
        return
    rows = [row for way, rate in WAYS for seed in SEEDS for row in learn(way, rate, seed, arguments.images)]
    (arguments.out / "nengo_continuous.json").write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    draw(rows, arguments.out / "continuous.png")


if __name__ == "__main__":
    main()
