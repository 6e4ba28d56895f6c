"""Figure 3: samples of p(x|h) p(h), directed and after each round of GENERATE."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from neuro_bpdl.experiments.running import generate
from neuro_bpdl.numbers.streams import Stream, stream
from neuro_bpdl.plotting import figures

if TYPE_CHECKING:
    from neuro_bpdl.experiments.registry import Bench

SHOWN, COLUMNS = 64, 8


def run(bench: Bench, out: Path) -> dict[str, Any]:
    """One row of panels per network: real images, directed samples, samples after GENERATE; not selected."""
    plans = bench.settings.plans
    figure, axes = figures.panels(len(plans), 3, 3.6, 3.9)
    shape, result = bench.dataset.image_shape, {}
    for row, plan in zip(axes, plans, strict=True):
        rng = stream(plan.run.training.seed, Stream.TOP_SAMPLE)
        images = generate(bench.network(plan), SHOWN, plan.generation, plan.rounds, rng)
        figures.digits(row[0], bench.test[:SHOWN], shape, COLUMNS, "test images")
        figures.digits(row[1], images[0], shape, COLUMNS, f"{plan.title}: directed")
        figures.digits(row[2], images[-1], shape, COLUMNS, f"GENERATE, {plan.rounds} rounds")
        result[plan.name] = {"rounds": plan.rounds, "generation": plan.generation.model_dump(), "shown": SHOWN}
    figures.save(figure, out / "figure.png")
    return result
