"""Figure 5: inpainting. Half of the pixels missing at random (the paper), and a missing half (harder)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.data import missing_mask
from neuro_bpdl.experiments.networks import Trained
from neuro_bpdl.experiments.running import inpaint
from neuro_bpdl.plotting import figures
from neuro_bpdl.spec import InferenceSpec
from neuro_bpdl.theory.maps import feedback_pass, feedforward_pass, g

if TYPE_CHECKING:
    from neuro_bpdl.experiments.registry import Bench

Array = NDArray[Any]
KINDS = ("random", "left", "top")
STEPS, IMAGES, NEIGHBOURS, SHOWN = 20, 1000, 5, 8
ALPHAS = (0.001, 0.03, 0.3)


def run(bench: Bench, out: Path) -> dict[str, Any]:
    """Error on missing pixels, divided by the mean image's; α chosen on validation images."""
    train = bench.training_set.x_train
    mean = train.mean(axis=0)
    result: dict[str, Any] = {"images": min(IMAGES, len(bench.test)), "steps": STEPS}
    pictures: dict[str, Any] = {}
    for kind in KINDS:
        x, missing, start = _problem(bench, bench.test, kind, mean)
        base = _error(np.broadcast_to(mean, x.shape), x, missing)
        rows: dict[str, Any] = {"mean image": 1.0, f"{NEIGHBOURS} nearest neighbours":
                                _error(_neighbours(x, missing, train), x, missing) / base}  # fmt: skip
        for plan in bench.settings.plans:
            network = bench.network(plan)
            params = network.params
            alpha = _best_alpha(bench, network, kind, mean)
            images = _inpaint(network, start, missing, alpha)
            errors = [_error(image, x, missing) / base for image in images]
            h = feedforward_pass(params, start)
            deep = feedback_pass(params, params.network.depth, h[-1])
            rows[plan.name] = {
                "alpha": alpha, "over_steps": errors, "final": errors[-1],
                "one-pass auto-encoder, h_1": _error(g(params, 1, h[1]), x, missing) / base,
                "one-pass auto-encoder, top": _error(deep, x, missing) / base,
            }  # fmt: skip
            pictures[f"{kind}/{plan.name}"] = (x, missing, images)
        result[kind] = {"mean_image_mse": base, "relative_error": rows}
    _draw(result, pictures, bench, out / "figure.png")
    return result


def _problem(bench: Bench, images: Array, kind: str, mean: Array) -> tuple[Array, Array, Array]:
    x = images[:IMAGES]
    missing = missing_mask(kind, 0.5, bench.dataset.image_shape, len(x), bench.settings.seeds[0])  # type: ignore[arg-type]
    return x, missing, np.where(missing, mean, x).astype(np.float32)


def _error(image: Array, x: Array, missing: Array) -> float:
    return float(((image - x) ** 2)[missing].mean())


def _inpaint(network: Trained, start: Array, missing: Array, alpha: float) -> list[Array]:
    return inpaint(network, start, missing, InferenceSpec(steps=STEPS, delta=0.1, alpha=alpha))


def _best_alpha(bench: Bench, network: Trained, kind: str, mean: Array) -> float:
    x, missing, start = _problem(bench, bench.validation[:500], kind, mean)
    return min(ALPHAS, key=lambda alpha: _error(_inpaint(network, start, missing, alpha)[-1], x, missing))


def _neighbours(x: Array, missing: Array, train: Array) -> Array:
    """Mean of the training images nearest in the known pixels."""
    filled, squares = [], train * train
    for start in range(0, len(x), 100):
        known = (~missing[start : start + 100]).astype(train.dtype)
        distance = known @ squares.T - 2 * (known * x[start : start + 100]) @ train.T
        nearest = np.argpartition(distance, NEIGHBOURS, axis=1)[:, :NEIGHBOURS]
        filled.append(train[nearest].mean(axis=1))
    return np.concatenate(filled)


def _draw(result: dict[str, Any], pictures: dict[str, Any], bench: Bench, path: Path) -> None:
    plans = bench.settings.plans
    figure, axes = figures.panels(len(KINDS), 1 + len(plans), 4.4, 3.4)
    for row, kind in zip(axes, KINDS, strict=True):
        rows = result[kind]["relative_error"]
        neighbours = rows[f"{NEIGHBOURS} nearest neighbours"]
        row[0].axhline(neighbours, color=figures.COLOURS[5], ls=":", label=f"{NEIGHBOURS} nearest neighbours")
        for plan, axis, colour in zip(plans, row[1:], figures.COLOURS, strict=False):
            network = rows[plan.name]
            row[0].plot(network["over_steps"], color=colour, label=f"{plan.title} (α = {network['alpha']:g})")
            row[0].axhline(network["one-pass auto-encoder, h_1"], color=colour, ls="--", lw=0.8,
                           label=f"{plan.title}: one pass")  # fmt: skip
            figures.digits(axis, _strip(*pictures[f"{kind}/{plan.name}"]), bench.dataset.image_shape, 6,
                           f"{plan.title}\nimage, known, steps 1, 5, 20, end")  # fmt: skip
        row[0].set_ylim(0, 1.3)
        figures.label(row[0], "inference step (last: fill from g_1)", "error / mean image's", f"missing: {kind} half")
        row[0].legend(fontsize=6, frameon=False)
    figures.save(figure, path)


def _strip(x: Array, missing: Array, images: list[Array]) -> Array:
    columns = [x, np.where(missing, 0.5, x), *(images[k] for k in (1, 5, 20, -1))]
    return np.stack([column[:SHOWN] for column in columns], axis=1).reshape(-1, x.shape[1])
