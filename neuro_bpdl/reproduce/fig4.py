"""Figure 4: does inference raise log p(x, h)? Both terms over the steps, and the remedies side by side."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from neuro_bpdl.parameters import Parameters
from neuro_bpdl.reproduce import figures
from neuro_bpdl.reproduce.networks import chunks
from neuro_bpdl.streams import Stream, stream
from neuro_bpdl.theory.climb import Rates, climb, exact_gradient, recognition_variance, weighted
from neuro_bpdl.theory.inference import infer
from neuro_bpdl.theory.learning import corrupt
from neuro_bpdl.theory.maps import feedforward_pass
from neuro_bpdl.theory.objective import objective

if TYPE_CHECKING:
    from neuro_bpdl.reproduce.registry import Bench
    from neuro_bpdl.reproduce.settings import Plan, Settings

MAIN = "fitted variances"
FALLING = -1e-9  # nats: a step is a fall only below this


def run(bench: Bench, out: Path) -> dict[str, Any]:
    """Every network, every remedy, on the test images; the default is drawn with its quantiles."""
    result: dict[str, Any] = {"images": len(bench.test), "variances": {}, "weighted_alphas": {}}
    for plan in bench.settings.plans:
        params = bench.network(plan).params
        q_variance = _q_variance(params, plan, bench.validation)
        result[plan.name] = {
            name: _summary(terms) for name, terms in _variants(params, plan, bench.settings, bench.test, q_variance)
        }
        rates = weighted(params, bench.settings.inference.delta, q_variance)
        result["variances"][plan.name] = params.variance.tolist()
        result["weighted_alphas"][plan.name] = list(rates.prior[:-1])
    _draw(result, bench, out / "figure.png")
    return result


def _variants(params: Parameters, plan: Plan, settings: Settings, x: Any, q_variance: Any) -> Iterator[tuple[str, Any]]:
    """(name, (2, steps + 1, images) reconstruction and latent term)."""
    spec, steps = settings.inference, settings.fig4_steps
    depth, delta, alpha = params.network.depth, spec.delta, spec.alpha
    unit = params.copy()
    unit.variance[:] = 1
    paper = Rates.paper(depth, delta, alpha)
    yield MAIN, _terms(params, params, paper, x, steps)
    yield "unit variances (a plain reading of Algorithm 2)", _terms(params, unit, paper, x, steps)
    yield "weighted by 1/variance", _terms(params, params, weighted(params, delta, q_variance), x, steps)
    yield "with the q-term, weight 0.1", _terms(params, params, Rates.paper(depth, delta, alpha, delta), x, steps)
    yield "GENERATE's alpha, 0.3", _terms(params, params, Rates.paper(depth, delta, 0.3), x, steps)
    rate = 0.1 * float(params.variance.min())
    yield "exact gradient (control)", _terms(params, params, exact_gradient(params, rate), x, steps)
    for name, changes in (("sequential order", {"order": "sequential"}), ("Langevin noise 0.01", {"langevin": 0.01})):
        variant = spec.model_copy(update={**changes, "steps": steps})
        parts = []
        for k, rows in enumerate(chunks(x)):
            rng = stream(plan.run.training.seed, Stream.LANGEVIN, 0, k)
            parts.append(_both(params, infer(params, rows, variant, rng=rng, record=True).history))
        yield name, np.concatenate(parts, axis=2)


def _q_variance(params: Parameters, plan: Plan, x: Any) -> Any:
    h = feedforward_pass(params, x)
    rng = stream(plan.run.training.seed, Stream.CORRUPTION, 0, 0)
    noisy = [corrupt(params, layer, state, plan.run.plasticity, rng) for layer, state in enumerate(h)]
    return np.array([
        recognition_variance(params, [*noisy[:layer], h[layer], *h[layer + 1 :]])[layer - 1]
        for layer in range(1, params.network.depth + 1)
    ])  # fmt: skip


def _terms(params: Parameters, measured_by: Parameters, rates: Rates, x: Any, steps: int) -> Any:
    parts = [_both(measured_by, climb(params, rows, rates, steps)) for rows in chunks(x)]
    return np.concatenate(parts, axis=2)


def _both(params: Parameters, history: list[Any]) -> Any:
    terms = [objective(params, h) for h in history]
    return np.array([[t.reconstruction for t in terms], [t.latent for t in terms]])


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
        remedies = result[plan.name]
        steps = np.arange(len(remedies[MAIN]["mean_total"]))
        main = remedies[MAIN]
        row[0].plot(steps, main["mean_total"], color=figures.COLOURS[0], label="mean")
        row[0].fill_between(steps, main["quantile_5"], main["quantile_95"], color=figures.COLOURS[0], alpha=0.2, lw=0,
                            label="5 to 95 % of the images")  # fmt: skip
        figures.label(row[0], "inference step", "log p(x, h) (nats)", f"{plan.title}: {MAIN}")
        for key, index in (("mean_reconstruction", 2), ("mean_latent", 1), ("mean_total", 0)):
            rise = np.array(main[key]) - main[key][0]
            row[1].plot(steps, rise, color=figures.COLOURS[index], label=key.removeprefix("mean_"))
        figures.label(row[1], "inference step", "change since step 0 (nats)", "both terms")
        for (name, remedy), colour in zip(remedies.items(), (*figures.COLOURS, "#d08fb0", "#6fb5c9"), strict=False):
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
