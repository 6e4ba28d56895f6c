"""Samplers: directed, GENERATE with k rounds, joint DAE (Eqs 9–11), Langevin with and without Metropolis–Hastings."""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.experiments.parzen import judge_of
from neuro_bpdl.generation.quality import Judge
from neuro_bpdl.numbers.streams import Stream, stream
from neuro_bpdl.parameters import Parameters
from neuro_bpdl.plotting import figures
from neuro_bpdl.theory import chains
from neuro_bpdl.theory.maps import feedback_pass, g
from neuro_bpdl.theory.sampling import sample_top

if TYPE_CHECKING:
    from neuro_bpdl.experiments.registry import Bench
    from neuro_bpdl.experiments.settings import Plan

Array = NDArray[Any]
EPSILON = 0.05  # Langevin step, in units of each layer's variance
# With rejection: the one of these whose acceptance is nearest to what mixes fastest (Roberts & Rosenthal 1998).
REJECTION_EPSILONS = (0.05, 0.02, 0.01, 0.005, 0.002, 0.001)
BEST_ACCEPTANCE, PILOT_STEPS = 0.574, 10
SHOWN_CHAINS, SHOWN_STEPS, LAGS = 6, 10, 10


def run(bench: Bench, out: Path) -> dict[str, Any]:
    """Chains from the same directed starts; quality of their last images, and mixing along them."""
    judge = judge_of(bench)
    result: dict[str, Any] = {}
    strips: dict[str, Array] = {}
    for plan in bench.settings.plans:
        result[plan.name] = {}
        for name, images, more in _chains(bench, plan):
            result[plan.name][name] = _row(judge, images) | more
            strips[f"{plan.title}: {name}"] = images
            bench.say(f"samplers: {plan.name}, {name}")
    _draw(result, strips, bench, out / "figure.png")
    return {"chains": bench.settings.chains, "steps": bench.settings.chain_steps, **result}


def _chains(bench: Bench, plan: Plan) -> Any:
    """(name, (steps + 1, chains, n_0) images, more numbers)."""
    params, settings, seed = bench.network(plan).params, bench.settings, plan.run.training.seed
    top = sample_top(params, settings.chains, stream(seed, Stream.TOP_SAMPLE))
    samples = [sample_top(params, settings.chains, stream(seed, Stream.TOP_SAMPLE, 0, k))
               for k in range(settings.chain_steps + 1)]  # fmt: skip
    independent = np.stack([feedback_pass(params, params.network.depth, h) for h in samples])
    yield "directed (independent draws)", independent, {}
    state = _mean_state(params, top)
    for name, step in (
        ("GENERATE", chains.latent_dae(params, plan.generation)),
        ("joint DAE", chains.joint_dae(params, plan.run.plasticity)),
    ):
        yield name, chains.run_chain(step, state, settings.chain_steps, _rng(seed, name)), {}
    start = chains.ancestral(params, top, _rng(seed, "start"))
    pilots = _acceptances(params, start, seed)
    tuned = float(min(pilots, key=lambda epsilon: abs(pilots[epsilon] - BEST_ACCEPTANCE)))
    for name, step in (
        ("Langevin, Eq 12", chains.Langevin(params, EPSILON, exact=False)),
        ("Langevin, true gradient", chains.Langevin(params, EPSILON)),
        ("Langevin + MH", chains.Langevin(params, tuned, rejection=True)),
    ):
        images = _means(params, step, start, settings.chain_steps, _rng(seed, name))
        more = {"acceptance_by_epsilon": pilots} if step.rejection else {}
        yield name, images, {"epsilon": step.epsilon, "acceptance": step.acceptance(), **more}


def _acceptances(params: Parameters, start: chains.State, seed: int) -> dict[str, float]:
    """Acceptance of Langevin + MH by step size, from short chains."""
    rates = {}
    for epsilon in REJECTION_EPSILONS:
        step = chains.Langevin(params, epsilon, rejection=True)
        _means(params, step, start, PILOT_STEPS, _rng(seed, "pilot"))
        rates[str(epsilon)] = step.acceptance()
    return rates


def _means(params: Parameters, step: chains.Step, state: chains.State, steps: int, rng: np.random.Generator) -> Array:
    """g_1(h_1) along the chain: the image without the pixel noise, as for every other sampler; kept inside [0, 1]."""
    images = [g(params, 1, state[1])]
    for _ in range(steps):
        state = step(state, rng)
        images.append(np.clip(np.nan_to_num(g(params, 1, state[1])), 0, 1))
    return np.stack(images).astype(np.float32)


def _mean_state(params: Parameters, top: Array) -> chains.State:
    return [feedback_pass_to(params, level, top) for level in range(params.network.depth + 1)]


def feedback_pass_to(params: Parameters, level: int, top: Array) -> Array:
    """h_level = g_{level+1}(… g_L(top))."""
    for layer in range(params.network.depth, level, -1):
        top = g(params, layer, top)
    return top


def _rng(seed: int, name: str) -> np.random.Generator:
    return stream(seed, Stream.LANGEVIN, 0, zlib.crc32(name.encode()))


def _row(judge: Judge, images: Array) -> dict[str, Any]:
    steps, chain_count, pixels = images.shape
    kept = images[1:].reshape(-1, pixels)
    chosen = kept[np.linspace(0, len(kept) - 1, min(len(kept), 10_000)).astype(int)]
    labels = judge.labels_of(images.reshape(-1, pixels)).reshape(steps, chain_count)
    lags = min(LAGS, steps - 1)
    return {**judge.score(chosen), "class_switches_per_step": chains.class_switches(labels),
            "autocorrelation": chains.autocorrelation(images, lags).tolist()}  # fmt: skip


def _draw(result: dict[str, Any], strips: dict[str, Array], bench: Bench, path: Path) -> None:
    plans = bench.settings.plans
    names = list(result[plans[0].name])
    figure, axes = figures.panels(len(plans), 1 + len(names), 2.9, 2.7)
    for row, plan in zip(axes, plans, strict=True):
        for name, colour in zip(names, figures.COLOURS, strict=True):
            row[0].plot(result[plan.name][name]["autocorrelation"], color=colour, label=name)
        figures.label(row[0], "lag (steps)", "autocorrelation of the image", plan.title)
        row[0].legend(fontsize=5, frameon=False, loc="upper center", bbox_to_anchor=(0.5, -0.22), ncol=2)
        for axis, name in zip(row[1:], names, strict=True):
            images = strips[f"{plan.title}: {name}"][:: max(1, bench.settings.chain_steps // SHOWN_STEPS)][:SHOWN_STEPS]
            shown = images[:, :SHOWN_CHAINS].transpose(1, 0, 2).reshape(-1, images.shape[2])
            score = result[plan.name][name]
            title = f"{name}\n{score['parzen_nats']:.0f} nats, {score['class_switches_per_step']:.2f} switches/step"
            figures.digits(axis, shown, bench.dataset.image_shape, len(images), title)
            axis.title.set_fontsize(7)
    figures.save(figure, path)
