"""Nengo against theory: how agreement depends on the time step, and for spikes on the integration window.

Give it runs of `neuro-bpdl train`, one per seed:

    for s in 0 1 2; do neuro-bpdl train --data mnist-mini --layers 200,64 --backend theory --epochs 10 \\
        --seed $s --out RUNS/seed$s; done
    python benchmarks/nengo_agreement.py --out DIR RUNS/seed0 RUNS/seed1 RUNS/seed2

Rows go to DIR/nengo_agreement.json, pictures to DIR/time_step.png and DIR/window.png.
"""

from __future__ import annotations

import argparse
import json
import time
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from neuro_bpdl.agreement import compare_engines
from neuro_bpdl.agreement.measures import pearson, rmse
from neuro_bpdl.data import load
from neuro_bpdl.engines.nengo import NengoSimulator
from neuro_bpdl.engines.theory import TheorySimulator
from neuro_bpdl.parameters import Parameters
from neuro_bpdl.spec import InferenceSpec, PlasticitySpec
from neuro_bpdl.training.run_dir import RunDir

TAU, PARTS, FINE = 0.1, (1, 2, 4, 8), 128
WINDOWS = {
    "poisson": (0.0125, 0.025, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6),
    "regular": (0.025, 0.05, 0.1, 0.2, 0.4), "lif": (0.025, 0.05, 0.1),
}  # fmt: skip
MAX_RATE, SPIKE_IMAGES = 200.0, 50
PLASTICITY = PlasticitySpec()
COLOURS = {"poisson": "#7a5aa6", "regular": "#b8860b", "lif": "#a23b52"}


def by_time_step(params: Parameters, images: Any, inference: InferenceSpec, seed: int) -> list[dict[str, Any]]:
    """r, rmse, objective and update cosines at dt = τ/1 … τ/8, against theory and against its continuum."""
    shorter = {"steps": inference.steps * FINE, "delta": inference.delta / FINE, "alpha": inference.alpha / FINE}
    continuum = TheorySimulator(params, InferenceSpec(**shorter), PLASTICITY).infer(images).h
    rows = []
    for parts in PARTS:
        agreement = compare_engines(
            {"nengo": lambda p, k=parts: nullcontext(
                NengoSimulator(p, inference, PLASTICITY, seed=seed, dt=TAU / k))},  # type: ignore[misc]
            params, images, inference, PLASTICITY, seed=seed,
        )  # fmt: skip
        found = agreement.engines[0]
        rows.append({
            "seed": seed, "dt_per_tau": 1 / parts,
            "r": [layer.r for layer in found.layers], "rmse": [layer.rmse for layer in found.layers],
            "rmse_continuum": [rmse(h, c) for h, c in zip(found.h[1:], continuum[1:], strict=True)],
            "objective": found.term_difference, "cosine": found.updates, "seconds": found.seconds,
        })  # fmt: skip
        print(rows[-1], flush=True)
    return rows


def by_window(params: Parameters, images: Any, inference: InferenceSpec, seed: int) -> list[dict[str, Any]]:
    """r and rmse of the somas' rates, per kind of spike and window."""
    theory = TheorySimulator(params, inference, PLASTICITY).infer(images)
    rows = []
    for neurons, windows in WINDOWS.items():
        for window in windows:
            start = time.perf_counter()
            found = NengoSimulator(
                params, inference, PLASTICITY, seed=seed, neurons=neurons, window=window, max_rate=MAX_RATE
            ).infer(images)
            pairs = list(zip(found.h[1:], theory.h[1:], strict=True))
            rows.append({
                "seed": seed, "neurons": neurons, "window": window, "spikes": window * MAX_RATE,
                "r": [pearson(a, b) for a, b in pairs], "rmse": [rmse(a, b) for a, b in pairs],
                "reconstruction_rmse": rmse(found.reconstruction, theory.reconstruction),
                "seconds": time.perf_counter() - start,
            })  # fmt: skip
            print(rows[-1], flush=True)
    return rows


def draw_time_step(rows: list[dict[str, Any]], path: Path) -> None:
    """rmse against dt: to Algorithm 2 and to its continuum."""
    figure = Figure(figsize=(8.6, 3.6), layout="constrained")
    left, right = figure.subplots(1, 2)
    for layer, colour in enumerate(("#1f5fa8", "#c8591d")):
        for key, style, name in (("rmse", "-", "Algorithm 2"), ("rmse_continuum", "--", "continuous time")):
            x = sorted({row["dt_per_tau"] for row in rows})
            y = [np.mean([row[key][layer] for row in rows if row["dt_per_tau"] == dt]) for dt in x]
            left.loglog(x, np.maximum(y, 1e-7), style, color=colour, marker="o", markersize=3,
                        label=f"h_{layer + 1}, to {name}")  # fmt: skip
    left.set(xlabel="dt / τ", ylabel="rmse of the rates", ylim=(5e-5, 3e-3))
    left.legend(frameon=False, fontsize=7)
    for name in rows[0]["cosine"]:
        x = sorted({row["dt_per_tau"] for row in rows})
        y = [1 - np.mean([row["cosine"][name] for row in rows if row["dt_per_tau"] == dt]) for dt in x]
        right.loglog(x, np.maximum(y, 1e-9), marker="o", markersize=3, label=f"Δ{name}")
    right.set(xlabel="dt / τ", ylabel="1 − cosine of the weight change to theory's")
    right.legend(frameon=False, fontsize=7)
    for axes in (left, right):
        axes.set_xticks([1 / parts for parts in PARTS], [f"1/{parts}" if parts > 1 else "1" for parts in PARTS])
        axes.minorticks_off()
    figure.savefig(path, dpi=110)


def draw_window(rows: list[dict[str, Any]], path: Path) -> None:
    """rmse and 1 − r against the window, with the 1/√window line."""
    figure = Figure(figsize=(8.6, 3.6), layout="constrained")
    left, right = figure.subplots(1, 2)
    for neurons, colour in COLOURS.items():
        chosen = [row for row in rows if row["neurons"] == neurons]
        windows = sorted({row["window"] for row in chosen})
        for layer, style in enumerate(("-", "--")):
            for axes, value in ((left, lambda row, k: row["rmse"][k]), (right, lambda row, k: 1 - row["r"][k])):
                y = [np.mean([value(row, layer) for row in chosen if row["window"] == w]) for w in windows]
                axes.loglog(windows, y, style, color=colour, marker="o", markersize=3,
                            label=f"{neurons}, h_{layer + 1}")  # fmt: skip
    spikes = [row for row in rows if row["neurons"] == "poisson"]
    first = np.mean([row["rmse"][0] for row in spikes if row["window"] == 0.1])
    windows = np.array(sorted({row["window"] for row in spikes}))
    left.loglog(windows, 1.25 * first * np.sqrt(0.1 / windows), ":", color="#1d2530", label="1 / √window")
    left.set(xlabel="integration window, s (200 spikes/s at activity 1)", ylabel="rmse of the rates to theory")
    right.axhline(0.05, color="#1d2530", linewidth=0.8, linestyle=":")
    right.text(0.03, 0.055, "r = 0.95", fontsize=8)
    right.set(xlabel="integration window, s", ylabel="1 − r")
    left.legend(frameon=False, fontsize=7)
    figure.savefig(path, dpi=110)


def main() -> None:
    """Measure and draw."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", nargs="*", type=Path, help="none: only draw what DIR/nengo_agreement.json holds")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--n", type=int, default=100)
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    rows_file = arguments.out / "nengo_agreement.json"
    result: dict[str, list[dict[str, Any]]] = {"time_step": [], "window": []}
    if not arguments.runs:
        result = json.loads(rows_file.read_text(encoding="utf-8"))
    for path in arguments.runs:
        run = RunDir.open(path)
        checkpoint, inference = run.checkpoint(), run.config.spec.inference
        images = load(run.config.data.name).test[: arguments.n].astype(np.float64)
        params = checkpoint.params.astype(np.float64)
        result["time_step"] += by_time_step(params, images, inference, checkpoint.seed)
        result["window"] += by_window(params, images[:SPIKE_IMAGES], inference, checkpoint.seed)
        rows_file.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    draw_time_step(result["time_step"], arguments.out / "time_step.png")
    draw_window(result["window"], arguments.out / "window.png")


if __name__ == "__main__":
    main()
