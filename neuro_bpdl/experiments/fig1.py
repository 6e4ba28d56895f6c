"""Figure 1: the STDP window of S_pre · dV_post/dt, measured on simulated spikes against Bi & Poo's.

The spikes are simulated twice: in theory, and by Lava processes whose stock
learning connections run the same rules in float and in fixed point.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from neuro_bpdl.errors import MissingDependency
from neuro_bpdl.plotting import figures
from neuro_bpdl.theory import stdp

if TYPE_CHECKING:
    from neuro_bpdl.experiments.registry import Bench

SLOPES = np.linspace(-0.02, 0.02, 21)
FORMS: dict[str, Callable[[stdp.Trains], Any]] = {
    "S_pre·V̇ (Eq 1)": lambda trains: trains.derivative,
    "two traces of post spikes (form a)": lambda trains: stdp.derivative_from_spikes(trains.post),
    "tag: trace minus earlier trace (form c)": lambda trains: stdp.derivative_from_tag(trains.post, epoch=4),
    "control: S_pre·V": lambda trains: trains.voltage,
}
TWO_FACTOR = ("two traces of post spikes (form a)", "tag: trace minus earlier trace (form c)")
LAVA_RULES = dict(zip(("S_pre·V̇", "two traces", "tag"), (next(iter(FORMS)), *TWO_FACTOR), strict=True))
MS_PER_LAVA_STEP, LAVA_STEPS = 500, (200, 10_000)  # theory's ms for one of Lava's; least and most of these


def run(bench: Bench, out: Path) -> dict[str, Any]:
    """Windows of Eq 1, of the two-factor forms and of a control, in theory and on Lava; the paper's sweep of slopes."""
    seed = bench.settings.seeds[0]
    pair = stdp.SpikingPair(duration_ms=bench.settings.spike_ms, pre_rate_hz=20, post_rate_hz=20)
    trains = stdp.simulate(pair, np.random.default_rng(seed))
    windows = {name: stdp.window(trains, form(trains)) for name, form in FORMS.items()}
    sweep = stdp.slope_experiment(SLOPES, 5000, np.random.default_rng(seed))
    lava, lava_windows = _lava(bench, seed)
    _draw(windows, sweep, lava_windows, out / "figure.png")
    return {
        "lava": lava,
        "seconds_of_spikes": pair.duration_ms / 1000,
        "windows": {name: _numbers(name, curve) for name, curve in windows.items()},
        "slopes": {"lag_ms": sweep[0].tolist(), "change": sweep[1].tolist(),
                   "correlation": float(np.corrcoef(*sweep)[0, 1])},
        "bi_poo": stdp.BI_POO,
    }  # fmt: skip


def _lava(bench: Bench, seed: int) -> tuple[dict[str, Any], dict[str, dict[str, stdp.Window]]]:
    """The same forms from Lava processes: what to report, and form → arithmetic → window. Says why when not run."""
    try:
        from neuro_bpdl.engines.lava.availability import require_lava

        require_lava()
    except MissingDependency as error:
        bench.say(f"fig1: the Lava rows were not run: {error}")
        return {"ran": False, "why": str(error)}, {}
    from neuro_bpdl.engines.lava.stdp import RULES, record_spikes

    steps = int(np.clip(bench.settings.spike_ms // MS_PER_LAVA_STEP, *LAVA_STEPS))
    rows: dict[str, Any] = {}
    windows: dict[str, dict[str, stdp.Window]] = {name: {} for name in LAVA_RULES.values()}
    for arithmetic in ("float", "fixed"):
        record = record_spikes(steps, seed=seed, arithmetic=arithmetic)
        for rule in RULES:
            name = LAVA_RULES[rule.name]
            curve = stdp.pair_window(record.pre, record.post, record.change(rule))
            windows[name][arithmetic] = curve
            rows[f"{name}, Lava {arithmetic}"] = {
                **_numbers(name, curve), "saturated_weights": record.saturated(rule),
                "rules": [text for text in (rule.dw, rule.dt) if text],
            }  # fmt: skip
    return {"ran": True, "time_steps": steps, "pairs_of_neurons": record.pre.shape[1] * record.post.shape[1],
            "windows": rows}, windows  # fmt: skip


def _numbers(name: str, curve: stdp.Window) -> dict[str, Any]:
    before = (curve.lag_ms >= 3) & (curve.lag_ms <= 20)
    after = (curve.lag_ms <= -3) & (curve.lag_ms >= -20)
    far = np.abs(curve.lag_ms) > 50
    numbers: dict[str, Any] = {
        "mean_change_pre_3_to_20_ms_before_post": float(curve.change[before].mean()),
        "mean_change_pre_3_to_20_ms_after_post": float(curve.change[after].mean()),
        "mean_absolute_change_beyond_50_ms": float(np.abs(curve.change[far]).mean()),
        "standard_error": float(curve.standard_error.mean()),
        "oddness": stdp.oddness(curve),
        "pairs": int(curve.pairs.sum()),
    }
    if name == next(iter(FORMS)):
        numbers["tau_plus_ms"], numbers["tau_minus_ms"] = _decay_constant(curve, 1), _decay_constant(curve, -1)
    return numbers


def _decay_constant(curve: stdp.Window, side: int) -> float | None:
    """None where too few pairs leave nothing that decays."""
    try:
        return stdp.decay_constant(curve, side)
    except RuntimeError:
        return None


def _draw(
    windows: dict[str, stdp.Window], sweep: tuple[Any, Any], lava: dict[str, dict[str, stdp.Window]], path: Path
) -> None:
    figure, axes = figures.panels(2 if lava else 1, 3)
    for axis, (name, curves) in zip(axes[1] if lava else (), lava.items(), strict=False):
        _draw_lava(axis, name, windows[name], curves)
    main, *others = windows.items()
    _window(axes[0, 0], main[1], figures.COLOURS[0], main[0])
    lag = np.linspace(1, 60, 60)
    peak = np.abs(main[1].change).max()
    for sign, tau in ((1, stdp.BI_POO["tau_plus_ms"]), (-1, stdp.BI_POO["tau_minus_ms"])):
        axes[0, 0].plot(sign * lag, sign * peak * np.exp(-lag / tau), "--", color=figures.COLOURS[5],
                        label="Bi & Poo 1998, fitted τ, scaled" if sign == 1 else None)  # fmt: skip
    figures.label(axes[0, 0], "t_post − t_pre (ms)", "mean ΔW per pre spike (V̇, 1/ms)", "Eq 1, simulated spikes")
    for (name, curve), colour in zip(others, figures.COLOURS[1:], strict=False):
        scale = np.abs(curve.change).max()
        axes[0, 1].plot(curve.lag_ms, curve.change / scale, color=colour, label=name)
    figures.label(axes[0, 1], "t_post − t_pre (ms)", "mean ΔW, scaled to 1", "two-factor forms and control")
    axes[0, 1].set_ylim(top=1.45)  # room for the legend
    axes[0, 2].plot(*sweep, "o-", color=figures.COLOURS[0])
    title = "V ramps through a pre spike (the paper's Fig 1)"
    figures.label(axes[0, 2], "mean t_post − t_pre (ms)", "ΔW = slope of V (1/ms)", title)
    for axis in axes.flat:
        axis.axhline(0, color="#bbbbbb", lw=0.7)
        axis.axvline(0, color="#bbbbbb", lw=0.7)
        if axis.get_legend_handles_labels()[0]:
            axis.legend(fontsize=7, frameon=False, loc="upper left" if axis is axes[0, 1] else "best")
    figures.save(figure, path)


def _draw_lava(axis: Any, name: str, theory: stdp.Window, curves: dict[str, stdp.Window]) -> None:
    """Theory's window, wide and pale, under Lava's in both arithmetics."""
    axis.plot(theory.lag_ms, theory.change, color="#999999", lw=4, alpha=0.5, label="theory")
    for (arithmetic, curve), style, colour in zip(curves.items(), ("-", "--"), figures.COLOURS, strict=False):
        axis.plot(curve.lag_ms, curve.change, style, color=colour, lw=1.2, label=f"Lava {arithmetic}")
    first = next(iter(curves.values()))
    low, high = (first.change + sign * 2 * first.standard_error for sign in (-1, 1))
    axis.fill_between(first.lag_ms, low, high, color=figures.COLOURS[0], alpha=0.2, lw=0, label="± 2 standard errors")
    unit = "V̇, 1/ms" if name == next(iter(FORMS)) else "post trace"
    figures.label(axis, "t_post − t_pre (ms)", f"mean ΔW per pre spike ({unit})", f"Lava: {name}")


def _window(axis: Any, curve: stdp.Window, colour: str, name: str) -> None:
    axis.plot(curve.lag_ms, curve.change, color=colour, label=name)
    low, high = curve.change - 2 * curve.standard_error, curve.change + 2 * curve.standard_error
    axis.fill_between(curve.lag_ms, low, high, color=colour, alpha=0.25, lw=0, label="± 2 standard errors")
