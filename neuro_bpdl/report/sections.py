"""One function per section of the report."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.generation.pictures import as_pictures, inpainting_rows, png, tiles
from neuro_bpdl.report.charts import Chart, Curve, draw
from neuro_bpdl.report.material import Material
from neuro_bpdl.report.page import Section, figure, key_numbers, note, pixels, table
from neuro_bpdl.training.fixed_point import NOT_COUNTED, clipped_per_image, quantised_settings, setting_rows

Array = NDArray[Any]
FIELDS = 64  # weights shown as images


def key_figures(m: Material) -> str:
    """The four numbers a reader looks for first."""
    e, mean = m.evaluation.measurement, m.evaluation.baselines["mean_image_mse"]
    pca = m.evaluation.baselines["pca_mse"]
    hidden = m.inpainting
    return key_numbers([
        (f"{e.reconstruction_mse / mean:.3f}",
         f"reconstruction error from h₁, mean image = 1 (PCA with {m.params.network.sizes[-1]}: {pca / mean:.3f})"),
        (f"{e.deep_reconstruction_mse / mean:.3f}", "the same, down from the top layer"),
        (f"{hidden.missing_pixel_mse / hidden.mean_image_mse:.3f}",
         f"error on hidden pixels, mean image = 1 (one pass: {hidden.one_pass_mse / hidden.mean_image_mse:.3f})"),
        (f"{e.total[-1] - e.total[0]:+.0f} nats", "gained by inference in log p(x, h) per image"),
    ])  # fmt: skip


def what_was_run(m: Material) -> Section:
    """The run, complete enough to repeat it."""
    config, spec = m.run.config, m.run.config.spec
    engine, plasticity, inference, training = spec.engine, spec.plasticity, spec.inference, spec.training
    done = m.metrics[-1] if m.metrics else {}
    fixed = engine.arithmetic == "fixed"
    rows = [
        ("Backend", f"{engine.backend}" + (f", {engine.model} model" if engine.backend == "lava" else "")),
        ("Arithmetic", engine.arithmetic + (f", rounding {engine.rounding}" if fixed else "")),
        ("Network", "-".join(str(n) for n in m.params.network.sizes) + ", " + ", ".join(
            dict.fromkeys(m.params.network.activations))),
        ("Learning", f"rate {plasticity.rate_text}, corruption {plasticity.noise:g}, {training.batch} images "
                     f"per update, {done.get('epoch', 0)} of {training.epochs} epochs, "
                     f"{done.get('images', 0)} images presented in {_seconds(m):.1f} s"),
        ("Inference", f"{inference.steps} steps, δ = {inference.delta:g}, α = {inference.alpha_text}, "
                      f"{inference.order}"),
        ("Seed", str(training.seed)),
        ("Data", f"{config.data.name}, {config.data.train_images} training and {config.data.test_images} test images, "
                 f"from: {config.data.source}"),
        ("Data SHA-256", config.data.sha256),
        ("Versions", ", ".join(f"{name} {version}" for name, version in config.versions.items())),
        ("Commit", config.commit or "not from a checkout"),
        ("Hardware", "computed on a CPU; not run on a chip"),
    ]  # fmt: skip
    return Section("What was run", table(rows))


def learning_curves(m: Material) -> Section:
    """Errors and the objective over epochs."""
    lines = m.metrics
    epochs = [line["epoch"] for line in lines]
    baselines = m.evaluation.baselines
    pca = baselines["pca_mse"] / baselines["mean_image_mse"]

    def share(key: str) -> list[float]:
        return [line[key] / line["mean_image_mse"] for line in lines]

    errors = [
        Curve("from h₁", epochs, share("reconstruction_mse")),
        Curve("from the top layer", epochs, share("deep_reconstruction_mse")),
        Curve("mean image", epochs, [1.0] * len(epochs), dashed=True),
        Curve("PCA, as many components", epochs, [pca] * len(epochs), dashed=True),
    ]
    objective = [
        Curve("after inference", epochs, [line["objective_end"]["total"] for line in lines]),
        Curve("at its start", epochs, [line["objective_start"]["total"] for line in lines]),
    ]
    svg = draw([
        Chart("Reconstruction error", "epoch", "squared error / mean image's", errors, log=True),
        Chart("Objective log p(x, h)", "epoch", "nats per image", objective),
    ])  # fmt: skip
    measured = f"{lines[-1]['measured_images']} {lines[-1]['split']} images after each epoch" if lines else "no epoch"
    return Section("Learning", figure(svg, f"{measured}. Epoch 0 is before learning. {m.label}."))


def inference_curves(m: Material) -> Section:
    """The objective over inference steps in its two terms."""
    e = m.evaluation.measurement
    steps = list(range(len(e.total)))
    svg = draw([
        Chart("Total and reconstruction term", "inference step", "nats per image",
              [Curve("total", steps, list(e.total)), Curve("log p(x | h₁)", steps, list(e.reconstruction))]),
        Chart("Latent term, Σ log p(hₗ | hₗ₊₁)", "inference step", "nats per image",
              [Curve("latent", steps, list(e.latent))]),
    ])  # fmt: skip
    caption = (f"Mean over {e.images} test images, α = {m.evaluation.inference.alpha_text}; a flat prior on the top "
               f"layer, normalisers included. {m.label}.")
    return Section("The objective during inference", figure(svg, caption))


def weights(m: Material) -> Section:
    """F_1's rows and G_1's columns as images."""
    order = np.argsort(-np.linalg.norm(m.params.G[0], axis=0))[:FIELDS]
    receptive, projective = m.params.F[0][order], m.params.G[0].T[order]
    parts = (
        (receptive, "F₁: what excites a unit of layer 1 (rows)"),
        (projective, "G₁: what it draws (columns)"),
    )
    html = "".join(
        figure(pixels(png(_signed_tiles(fields, m.image_shape)), caption, 440), caption) for fields, caption in parts
    )
    legend = "The same units in both, those with the largest G₁ first. Blue is negative, red positive, white zero; " \
             "each unit has its own scale."
    return Section("Weights", f'<div class="pair">{html}</div>{note(legend)}')


def reconstructions(m: Material) -> Section:
    """Test images, and what is left of them in h_1 and in the top layer."""
    rows = np.concatenate([as_pictures(x, m.image_shape) for x in (m.original, m.shallow, m.deep)])
    grid = pixels(png(tiles(rows, len(m.original))), "reconstructions", 900)
    return Section("Reconstructions", figure(grid, f"Rows: test images; from h₁; from the top layer. {m.label}."))


def samples(m: Material) -> Section:
    """Directed samples and GENERATE."""
    if m.samples is None:
        return Section("Samples", note("Training has not ended, so there is no prior to draw from yet."))
    drawn = m.samples
    side = max(1, round(len(drawn.top) ** 0.5))
    pictures = (
        (drawn.directed, "Directed: the top layer drawn from its prior, mapped down"),
        (drawn.generated, f"The same after {drawn.rounds} rounds of inference (α = {drawn.inference.alpha_text}) and "
                          "redrawing"),
    )  # fmt: skip
    html = "".join(
        figure(pixels(png(tiles(as_pictures(images, m.image_shape), side)), caption, 440), caption)
        for images, caption in pictures
    )
    return Section("Samples", f'<div class="pair">{html}</div>{note(f"{drawn.label}, {drawn.data}.")}')


def inpainting(m: Material) -> Section:
    """Hidden pixels filled in, and the way there."""
    result, shape = m.inpainting, m.image_shape
    n = min(16, len(result.original))
    rows = figure(
        pixels(png(inpainting_rows(result, shape, n)), "inpainting", 900),
        f"Rows: test images; {result.fraction:.0%} of the pixels hidden ({result.kind}, orange); filled in by "
        f"{result.inference.steps} steps, δ = {result.inference.delta:g}, α = {result.inference.alpha_text}.",
    )
    few = list(range(0, len(result.path), 3))
    way = np.concatenate([as_pictures(result.path[k][i : i + 1], shape) for i in range(min(3, n)) for k in few])
    steps = figure(
        pixels(png(tiles(way, len(few))), "steps of inpainting", 900),
        "Three images on their way, every third step, from the mean image at the left.",
    )
    errors = [
        ("filled in by inference", result.missing_pixel_mse), ("mean image", result.mean_image_mse),
        ("one pass through h₁", result.one_pass_mse), ("one pass through the top layer", result.one_pass_deep_mse),
    ]  # fmt: skip
    caption = note(f"{len(result.original)} test images. {result.label}, {result.data}.")
    return Section("Missing pixels", rows + steps + table(errors, ("on hidden pixels", "mean squared error")) + caption)


def units(m: Material) -> Section:
    """Dead and saturated units, and the residual variances."""
    e, variance = m.evaluation.measurement, m.params.variance
    rows: list[tuple[Any, ...]] = [("x", m.params.network.sizes[0], "", "", float(variance[0]))]
    rows += [
        (f"h{layer}", len(u.dead), int(u.dead.sum()), int(u.saturated.sum()),
         float(variance[layer]) if layer < len(variance) else "prior")
        for layer, u in enumerate(e.units, start=1)
    ]  # fmt: skip
    head = ("layer", "units", "dead", "saturated", "variance σ² given the layer above")
    text = f"Dead: at the low end of its range for all of {e.images} test images; saturated: at the high end."
    return Section("Units", table(rows, head) + note(f"{text} {m.label}."))


def fixed_point(m: Material) -> Section | None:
    """Settings as the integers have them, and how often a number did not fit; None in float."""
    quantised = quantised_settings(m.run.config.spec, m.params.network.sizes[0])
    if quantised is None:
        return None
    settings = table(setting_rows(quantised), ("setting", "requested", "in fixed point", "as"))
    clipped = clipped_per_image(m.metrics)
    if clipped is None:
        return Section("Fixed point", settings + note(f"Clipped numbers: {NOT_COUNTED}. {m.label}."))
    rows = [("x" if layer == 0 else f"h{layer}", *kinds.values()) for layer, kinds in enumerate(clipped)]
    text = (
        "Numbers that did not fit and were clipped, per image learned: a soma at an end of its range, V̇ as written for "
        "the synapses, tags and weights of the synapses that end on the layer."
    )
    return Section("Fixed point", settings + table(rows, ("layer", *clipped[0])) + note(f"{text} {m.label}."))


def _signed_tiles(fields: Array, shape: tuple[int, ...]) -> Array:
    """Weights as colours: blue below zero, red above, each unit scaled by its own largest weight."""
    scaled = fields / np.maximum(np.abs(fields).max(axis=1, keepdims=True), 1e-12)
    up, down = np.clip(scaled, 0, 1)[..., None], np.clip(-scaled, 0, 1)[..., None]
    red, blue = np.array([0.70, 0.09, 0.17]), np.array([0.13, 0.40, 0.67])
    colours = 1 - up * (1 - red) - down * (1 - blue)
    height, width = shape if len(shape) == 2 else (1, shape[0])
    return tiles(colours.reshape(-1, height, width, 3), 8)


def _seconds(m: Material) -> float:
    return float(sum(line["seconds"] for line in m.metrics))
