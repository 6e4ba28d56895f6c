"""One function per section of the report."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.generation.pictures import inpainting_rows
from neuro_bpdl.plotting.charts import Chart, Curve, draw
from neuro_bpdl.plotting.images import as_pictures, png, signed_tiles, tiles
from neuro_bpdl.report.material import Material
from neuro_bpdl.report.page import Section, counted, figure, layer_name, note, pixels, subscripted, table
from neuro_bpdl.report.provenance import provenance, steps_text
from neuro_bpdl.training.fixed_point import NOT_COUNTED, clipped_per_image, quantised_settings, setting_rows

Array = NDArray[Any]
FIELDS = 64  # weights shown as images


def what_was_run(m: Material) -> Section:
    """The run, complete enough to repeat it."""
    return provenance(m.run, evaluated=m.evaluation.inference)


def learning_curves(m: Material) -> Section:
    """Errors and the objective over epochs; every layer beside as many principal components."""
    lines, depth = m.metrics, m.params.network.depth
    epochs = [line["epoch"] for line in lines]
    mean = m.evaluation.baselines["mean_image_mse"]

    def share(layer: int, key: str) -> list[Curve]:
        name, size = f"from {layer_name(layer)}", m.params.network.sizes[layer]
        pca = [m.evaluation.pca[layer - 1] / mean] * len(epochs)
        values = [line[key] / line["mean_image_mse"] for line in lines]
        return [Curve(name, epochs, values), Curve(f"PCA with {size}", epochs, pca, beside=name)]

    errors = share(1, "reconstruction_mse") + (share(depth, "deep_reconstruction_mse") if depth > 1 else [])
    errors.append(Curve("mean image", epochs, [1.0] * len(epochs), floor=True))
    objective = [
        Curve("after inference", epochs, [line["objective_end"]["total"] for line in lines]),
        Curve("at its start", epochs, [line["objective_start"]["total"] for line in lines]),
    ]
    svg = draw([
        Chart("Reconstruction error", "epoch", "squared error / mean image's", errors, log=True),
        Chart("Objective log p(x, h)", "epoch", "nats per image", objective),
    ])  # fmt: skip
    last: dict[str, Any] = lines[-1] if lines else {"measured_images": 0, "split": ""}
    measured = f"{counted(last['measured_images'], last['split'] + ' image')} after each epoch"
    return Section("Learning", figure(
        svg, f"{measured}; epoch 0 is before learning. Dashed: as many principal components as the layer of that "
             f"colour has units. All curves: {steps_text(m.run.config.spec.inference)}. {m.label}.",
    ))  # fmt: skip


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
    caption = (f"Mean over {counted(e.images, 'test image')}, {steps_text(m.evaluation.inference)}; a flat prior on "
               f"the top layer, normalisers included. {m.label}.")
    return Section("The objective during inference", figure(svg, caption))


def weights(m: Material) -> Section:
    """F_1's rows and G_1's columns as images."""
    order = np.argsort(-np.linalg.norm(m.params.G[0], axis=0))[:FIELDS]
    receptive, projective = m.params.F[0][order], m.params.G[0].T[order]
    parts = (
        (receptive, "F₁: what excites a unit of h₁ (rows)"),
        (projective, "G₁: what it draws (columns)"),
    )
    html = "".join(
        figure(pixels(png(signed_tiles(fields, m.image_shape)), caption, 440), caption) for fields, caption in parts
    )
    legend = "The same units in both, those with the largest G₁ first. Blue is negative, red positive, white zero; " \
             "each unit has its own scale."
    return Section("Weights", f'<div class="pair">{html}</div>{note(legend)}')


def reconstructions(m: Material) -> Section:
    """Test images, and what is left of them in h_1 and in the top layer."""
    rows = np.concatenate([as_pictures(x, m.image_shape) for x in (m.original, m.shallow, m.deep)])
    alt = "Test images, the same redrawn from h₁, and from the top layer"
    caption = (
        f"Rows: test images; from h₁; from {layer_name(m.params.network.depth)}, the top layer. "
        f"{steps_text(m.run.config.spec.inference)}. {m.label}."
    )
    return Section("Reconstructions", figure(pixels(png(tiles(rows, len(m.original))), alt, 900), caption))


def samples(m: Material) -> Section:
    """Directed samples and GENERATE."""
    if m.samples is None:
        return Section("Samples", note("Training has not ended, so there is no prior to draw from yet."))
    drawn = m.samples
    side = max(1, round(len(drawn.top) ** 0.5))
    rounds = f"{counted(drawn.rounds, 'round')} of inference (α = {drawn.inference.alpha_text})"
    pictures = (
        (drawn.directed, "Directed: the top layer drawn from its prior, mapped down"),
        (drawn.generated, f"The same after {rounds} and redrawing"),
    )
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
        pixels(png(inpainting_rows(result, shape, n)), "Test images, with hidden pixels, and filled in", 900),
        f"Rows: test images; {result.fraction:.0%} of the pixels hidden ({result.kind}, orange); filled in by "
        f"{result.inference.steps} steps, δ = {result.inference.delta:g}, α = {result.inference.alpha_text}.",
    )
    few = list(range(0, len(result.path), 3))
    way = np.concatenate([as_pictures(result.path[k][i : i + 1], shape) for i in range(min(3, n)) for k in few])
    steps = figure(
        pixels(png(tiles(way, len(few))), "Three images while their hidden pixels are filled in", 900),
        "Three images on their way, every third step, from the mean image at the left.",
    )
    errors = [
        ("filled in by inference", result.missing_pixel_mse), ("mean image", result.mean_image_mse),
        ("one pass through h₁", result.one_pass_mse), ("one pass through the top layer", result.one_pass_deep_mse),
    ]  # fmt: skip
    caption = note(f"{counted(len(result.original), 'test image')}. {result.label}, {result.data}.")
    return Section("Missing pixels", rows + steps + table(errors, ("on hidden pixels", "mean squared error")) + caption)


def units(m: Material) -> Section:
    """Dead and saturated units, and the residual variances."""
    e, variance = m.evaluation.measurement, m.params.variance
    rows: list[tuple[Any, ...]] = [("x", m.params.network.sizes[0], "", "", float(variance[0]))]
    rows += [
        (layer_name(layer), len(u.dead), int(u.dead.sum()), int(u.saturated.sum()),
         float(variance[layer]) if layer < len(variance) else "prior")
        for layer, u in enumerate(e.units, start=1)
    ]  # fmt: skip
    head = ("layer", "units", "dead", "saturated", "variance σ² given the layer above")
    images = counted(e.images, "test image")
    text = f"Dead: at the low end of its range for all of {images}; saturated: at the high end."
    return Section("Units", table(rows, head) + note(f"{text} {m.label}."))


def fixed_point(m: Material) -> Section | None:
    """Settings as the integers have them, and how often a number did not fit; None in float."""
    quantised = quantised_settings(m.run.config.spec, m.params.network.sizes[0])
    if quantised is None:
        return None
    rows = [(subscripted(name), *others) for name, *others in setting_rows(quantised)]
    settings = table(rows, ("setting", "requested", "in fixed point", "as"))
    clipped = clipped_per_image(m.metrics)
    if clipped is None:
        return Section("Fixed point", settings + note(f"Clipped numbers: {NOT_COUNTED}. {m.label}."))
    layers = [(layer_name(layer), *kinds.values()) for layer, kinds in enumerate(clipped)]
    text = (
        "Numbers that did not fit and were clipped, per image learned: a soma at an end of its range, V̇ as written for "
        "the synapses, tags and weights of the synapses that end on the layer."
    )
    return Section("Fixed point", settings + table(layers, ("layer", *clipped[0])) + note(f"{text} {m.label}."))
