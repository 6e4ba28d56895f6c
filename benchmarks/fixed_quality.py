"""How well fixed point learns beside float, and what one random number for a whole matrix costs.

Trains the same network one image at a time, with the same images in the same
order, in float, in float with the learning rates that the chip's literals
give, in fixed point with a draw per synapse, and in fixed point with Lava's
shared draw. Errors on the test images, inferred in each run's own arithmetic,
as shares of the mean image's. Every run is a folder in DIR that a second call
continues or reads; rows go to DIR/fixed_quality.json, a table to stdout.

    python benchmarks/fixed_quality.py --out DIR [--data mnist-mini] [--layers 200,64] [--epochs 5] [--seeds 0,1,2]
        [--limit N] [--rate 0.02] [--only float,per-synapse]
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

import numpy as np

from neuro_bpdl.data import Dataset, load
from neuro_bpdl.spec import EngineSpec, PlasticitySpec, RunSpec, TrainingSpec
from neuro_bpdl.training.evaluation import evaluate
from neuro_bpdl.training.fixed_point import clipped_per_image, quantised_settings
from neuro_bpdl.training.run_dir import RunDir
from neuro_bpdl.training.trainer import resume, train

ONLINE_RATE = 0.02  # of an update that sees one image of MNIST
VARIANTS = {
    "float": "float",
    "chip-rates": "float, the chip's learning rates",
    "per-synapse": "fixed, a draw per synapse",
    "shared": "fixed, Lava's shared draw",
}
ERRORS = ("h1", "top")


def main() -> None:
    """Read the command line, train what is missing, print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--data", default="mnist-mini")
    parser.add_argument("--layers", default="200,64")
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--seeds", default="0,1,2")
    parser.add_argument("--limit", type=int)
    parser.add_argument("--rate", type=float, default=ONLINE_RATE)
    parser.add_argument("--only", default=",".join(VARIANTS))
    given = parser.parse_args()
    dataset, rows = load(given.data), []
    for seed in map(int, given.seeds.split(",")):
        for variant in given.only.split(","):
            spec = spec_of(variant, given, seed, dataset.pixels)
            rows.append({"variant": variant, "seed": seed, **measured(given.out / f"{variant}-{seed}", spec, dataset)})
            print(json.dumps(rows[-1]), flush=True)
    (given.out / "fixed_quality.json").write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    print(table(rows))


def spec_of(variant: str, given: argparse.Namespace, seed: int, pixels: int) -> RunSpec:
    """The training of one variant: online, everything else the defaults."""
    fixed = variant in ("per-synapse", "shared")
    engine = EngineSpec(arithmetic="fixed", rounding=variant) if fixed else EngineSpec()
    spec = RunSpec(
        data=given.data, layers=tuple(map(int, given.layers.split(","))), engine=engine,
        plasticity=PlasticitySpec(learning_rate=given.rate),
        training=TrainingSpec(epochs=given.epochs, batch=1, limit=given.limit, seed=seed),
    )  # fmt: skip
    return at_the_chips_rates(spec, pixels) if variant == "chip-rates" else spec


def at_the_chips_rates(spec: RunSpec, pixels: int) -> RunSpec:
    """The float spec with the rates that literals give; all matrices of one direction have the same."""
    chip = quantised_settings(spec.model_copy(update={"engine": EngineSpec(arithmetic="fixed")}), pixels)
    rates = {way: {r["rate"] for name, r in chip["learning_rates"].items() if name[0] == way} for way in "FG"}  # type: ignore[index]
    if any(len(values) > 1 for values in rates.values()):
        raise SystemExit(f"matrices have different rates on the chip, float has one for each direction: {rates}")
    plasticity = spec.plasticity.model_copy(
        update={"learning_rate": rates["G"].pop(), "feedforward_rate": rates["F"].pop()}
    )
    return spec.model_copy(update={"plasticity": plasticity})


def measured(path: Path, spec: RunSpec, dataset: Dataset) -> dict[str, Any]:
    """Train or continue the run at ``path``, and its errors."""
    began = time.perf_counter()
    run = resume(RunDir.open(path), epochs=spec.training.epochs) if path.exists() else train(spec, dataset, path)
    seconds = time.perf_counter() - began
    found = evaluate(run, dataset, inference=spec.inference)
    mean, m = found.baselines["mean_image_mse"], found.measurement
    return {
        "h1": m.reconstruction_mse / mean, "top": m.deep_reconstruction_mse / mean,
        "objective": [float(m.total[0]), float(m.total[-1])], "images": run.metrics()[-1]["images"],
        "dead": [int(u.dead.sum()) for u in m.units], "saturated": [int(u.saturated.sum()) for u in m.units],
        "clipped_per_image": clipped_per_image(run.metrics()), "seconds": round(seconds, 1),
    }  # fmt: skip


def table(rows: list[dict[str, Any]]) -> str:
    """Mean ± standard deviation over seeds, and the ratio of the means to float's, in Markdown."""
    lines = ["| learned in | error from h_1 | beside float | error from the top | beside float |", "|" + "---|" * 5]
    names = list(dict.fromkeys(row["variant"] for row in rows))
    for name in names:
        cells = [VARIANTS[name]]
        for error in ERRORS:
            values = np.array([row[error] for row in rows if row["variant"] == name])
            spread = f" ± {values.std(ddof=1):.4f}" if len(values) > 1 else ""
            reference = [row[error] for row in rows if row["variant"] == "float"]
            ratio = f"{100 * (values.mean() / np.mean(reference) - 1):+.0f} %" if reference and name != "float" else ""
            cells += [f"{values.mean():.4f}{spread}", ratio]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
