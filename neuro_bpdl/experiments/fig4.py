"""Figure 4: does inference raise log p(x, h)? Both terms over the steps, and the remedies side by side."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from neuro_bpdl.errors import MissingDependency
from neuro_bpdl.experiments import remedies
from neuro_bpdl.experiments.networks import Trained
from neuro_bpdl.plotting import figures
from neuro_bpdl.spec import EngineSpec

if TYPE_CHECKING:
    from neuro_bpdl.experiments.registry import Bench

MAIN = remedies.WEIGHTED
FALLING = -1e-9  # nats: a step is a fall only below this
LAVA_IMAGES = 200
LAVA_FUSED = "Lava fused"


def run(bench: Bench, out: Path) -> dict[str, Any]:
    """Every network, every remedy, on the test images; the default is drawn with its quantiles.

    A network of a hardware arithmetic is inferred on its own engine, and in
    the default way on Lava fused too, with `LAVA_IMAGES` images.
    """
    result: dict[str, Any] = {"images": len(bench.test), "variances": {}, "weighted_alphas": {}, "lava": {}}
    for plan in bench.settings.plans:
        network = bench.network(plan)
        ways = remedies.terms(network, bench.settings, bench.test)
        result[plan.name] = {name: _summary(terms) for name, terms in ways}
        result["variances"][plan.name] = network.params.variance.tolist()
        result["weighted_alphas"][plan.name] = list(remedies.weighted_alphas(network, bench.settings)[:-1])
        if plan.run.engine.backend != "theory":
            result["lava"][plan.name] = _lava(bench, network)
    _draw(result, bench, out / "figure.png")
    return result


def _lava(bench: Bench, network: Trained) -> dict[str, Any]:
    """The default climb on Lava fused, and how far its terms are from the plan's engine; says why when not run."""
    x = bench.test[:LAVA_IMAGES]
    spec = remedies.ways(network, bench.settings)[MAIN]
    engine = EngineSpec(backend="lava", arithmetic=network.plan.run.engine.arithmetic)
    try:
        terms = remedies.on_engine(network, spec, x, engine)
    except MissingDependency as error:
        bench.say(f"fig4: Lava was not run: {error}")
        return {"ran": False, "why": str(error)}
    own = remedies.on_engine(network, spec, x)
    return {"ran": True, "engine": LAVA_FUSED, "images": len(x), **_summary(terms),
            "largest_difference_from_eager_nats": float(np.abs(terms - own).max())}  # fmt: skip


def _summary(terms: Any) -> dict[str, Any]:
    total = terms.sum(axis=0)
    mean = total.mean(axis=1)
    low, median, high = np.quantile(total, (0.05, 0.5, 0.95), axis=1)
    return {
        "mean_total": mean.tolist(), "mean_reconstruction": terms[0].mean(axis=1).tolist(),
        "mean_latent": terms[1].mean(axis=1).tolist(),
        "standard_error": (total.std(axis=1, ddof=1) / np.sqrt(total.shape[1])).tolist(),
        "quantile_5": low.tolist(), "median": median.tolist(), "quantile_95": high.tolist(),
        "rising_steps": int((np.diff(mean) > FALLING).sum()), "steps": len(mean) - 1,
        "share_of_images_higher_at_the_end": float((total[-1] > total[0]).mean()),
    }  # fmt: skip


def _draw(result: dict[str, Any], bench: Bench, path: Path) -> None:
    plans = bench.settings.plans
    figure, axes = figures.panels(len(plans), 3)
    for row, plan in zip(axes, plans, strict=True):
        rows = result[plan.name]
        main = rows[MAIN]
        steps = np.arange(len(main["mean_total"]))
        row[0].plot(steps, main["mean_total"], color=figures.COLOURS[0], label="mean")
        row[0].fill_between(steps, main["quantile_5"], main["quantile_95"], color=figures.COLOURS[0], alpha=0.2, lw=0,
                            label="5 to 95 % of the images")  # fmt: skip
        figures.label(row[0], "inference step", "log p(x, h) (nats)", f"{plan.title}: {MAIN}")
        for key, index in (("mean_reconstruction", 2), ("mean_latent", 1), ("mean_total", 0)):
            rise = np.array(main[key]) - main[key][0]
            row[1].plot(steps, rise, color=figures.COLOURS[index], label=key.removeprefix("mean_"))
        figures.label(row[1], "inference step", "change since step 0 (nats)", "both terms")
        for (name, remedy), colour in zip(rows.items(), (*figures.COLOURS, "#d08fb0", "#6fb5c9"), strict=False):
            rise = np.array(remedy["mean_total"]) - remedy["mean_total"][0]
            row[2].plot(steps, rise, color=colour, label=name, ls="--" if "control" in name else "-")
        row[2].set_yscale("symlog", linthresh=10)
        figures.label(row[2], "inference step", "change of the total (nats, symlog)", "remedies")
        for axis in row:
            axis.xaxis.get_major_locator().set_params(integer=True)
            axis.legend(fontsize=6, frameon=False, loc="upper center", bbox_to_anchor=(0.5, -0.16), ncol=3)
        for axis in row[1:]:
            axis.axhline(0, color="#bbbbbb", lw=0.7)
    figures.save(figure, path)
