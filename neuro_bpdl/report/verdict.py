"""What a reader wants to know first: what the network can do, beside what it has to beat."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from neuro_bpdl.report.material import Material
from neuro_bpdl.report.page import counted, key_numbers, layer_name, subscripted
from neuro_bpdl.training.verdict import Verdict


@dataclass(frozen=True)
class Judgement:
    """A question with its numbers, and the answer."""

    holds: bool
    text: str


def judgements(m: Material) -> list[Judgement]:
    """Like compared with like: a layer with principal components as many as its units, filling in with one pass."""
    e, mean, depth = m.evaluation.measurement, m.evaluation.baselines["mean_image_mse"], m.params.network.depth
    hidden = m.inpainting
    gained = float(e.total[-1] - e.total[0])
    layers = [(1, e.reconstruction_mse)] + [(depth, e.deep_reconstruction_mse)] * (depth > 1)
    layer, share = layers[-1][0], layers[-1][1] / mean
    told = m.metrics[-1].get("verdict") if m.metrics else None
    return [
        *([Judgement(False, f"Did the training go well? It {Verdict(**told)}.")] if told else []),
        Judgement(share < 1, f"Has it learned? Redrawn from {layer_name(layer)}, the top layer, test images have an "
                             f"error of {share:.3f}; the mean image has 1."),
        *(_against_pca(m, layer, error / mean) for layer, error in reversed(layers)),
        Judgement(
            hidden.missing_pixel_mse < min(hidden.one_pass_mse, hidden.mean_image_mse),
            f"Does inference fill in missing pixels better than one pass? With {hidden.fraction:.0%} hidden "
            f"({hidden.kind}): error {hidden.missing_pixel_mse / hidden.mean_image_mse:.3f} against "
            f"{hidden.one_pass_mse / hidden.mean_image_mse:.3f}.",
        ),
        Judgement(gained > 0, f"Does inference raise log p(x, h)? {gained:+.0f} nats per image in "
                              f"{counted(len(e.total) - 1, 'step')}, from {e.total[0]:.0f} to {e.total[-1]:.0f}."),
    ]  # fmt: skip


def _against_pca(m: Material, layer: int, share: float) -> Judgement:
    mean, size = m.evaluation.baselines["mean_image_mse"], m.params.network.sizes[layer]
    pca = m.evaluation.pca[layer - 1] / mean
    return Judgement(
        share < pca,
        f"Does {layer_name(layer)} ({counted(size, 'unit')}) redraw test images better than as many principal "
        f"components? Error {share:.3f} against {pca:.3f}.",
    )


def verdict(m: Material) -> str:
    """The judgements as a list, the numbers large under it."""
    items = "".join(
        f'<li class="{"yes" if one.holds else "no"}"><strong>{"Yes" if one.holds else "No"}</strong> '
        f"{escape(subscripted(one.text))}</li>"
        for one in judgements(m)
    )
    images = counted(m.evaluation.measurement.images, "test image")
    remark = f"On {images}; errors are squared and relative to the mean training image's, which is 1. {m.label}."
    return f'<ul class="verdict">{items}</ul><p class="note">{escape(remark)}</p>{_numbers(m)}'


def _numbers(m: Material) -> str:
    e, mean = m.evaluation.measurement, m.evaluation.baselines["mean_image_mse"]
    depth, hidden = m.params.network.depth, m.inpainting

    def beside(layer: int) -> str:
        size = m.params.network.sizes[layer]
        return f"error drawn from {layer_name(layer)} down (PCA with {size}: {m.evaluation.pca[layer - 1] / mean:.3f})"

    numbers = [(f"{e.deep_reconstruction_mse / mean:.3f}", beside(depth))] if depth > 1 else []
    numbers.append((f"{e.reconstruction_mse / mean:.3f}", beside(1)))
    filled, one_pass = (error / hidden.mean_image_mse for error in (hidden.missing_pixel_mse, hidden.one_pass_mse))
    numbers += [
        (f"{filled:.3f}", f"error on hidden pixels (one pass: {one_pass:.3f})"),
        (f"{e.total[-1] - e.total[0]:+.0f} nats", f"gained by inference, α = {m.evaluation.inference.alpha_text}"),
    ]
    return key_numbers(numbers)
