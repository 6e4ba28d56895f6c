"""What a training takes from its images before it begins: ground, learning rates, noise, where compartments start.

A learning step changes a prediction by rate · ‖S_pre‖² · V̇, so a rate that suits digits on black is too long for
pictures that send three times as much. Here the step is chosen and the rate follows: rate_l = μ / E‖S_pre‖², measured
on corrupted activity, bias unit included. Noise of the pixels hides whatever is smaller than itself, so it is no larger
than what the network could not say anyway. Numbers go into the spec, so a run's config says what was learned with, and
a chip gets literals.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.engines.ground import as_seen
from neuro_bpdl.numbers.activations import inverse
from neuro_bpdl.numbers.streams import Stream, stream
from neuro_bpdl.numbers.variance import floored
from neuro_bpdl.parameters import Parameters, initial_parameters
from neuro_bpdl.spec import PlasticitySpec, RunSpec
from neuro_bpdl.theory.initialisation import standardise
from neuro_bpdl.theory.learning import corrupt
from neuro_bpdl.theory.maps import feedforward_pass

Array = NDArray[Any]
LARGEST_BATCH, UPDATES = 20, 180
MEASURED = 1000  # images; enough for a mean and a spread
# μ: with slopes of 1/4 a step of 4 takes an image's whole error away. The mean over a minibatch may do that; one image
# at a time has noise to average.
STEP_OF_BATCH, STEP_ONLINE = 4.0, 1.0
LARGEST_RATE = 0.1  # a few units cannot explain an image; steps as long as if they could only carry its noise
INSIDE = 0.02  # of the range: a mean closer to an end would start a compartment where its slope is 0
BRIGHT = 0.5  # mean pixel from which images are seen as 1 − x
SHOWN = 1e-6  # of the largest spread: below it a direction is rounding
ENOUGH = 4  # pixels, and images, for every component that is told from what is left of them


def settled(spec: RunSpec, images: Array) -> RunSpec:
    """``spec`` with numbers and names for everything that it leaves to the images; itself where it leaves nothing.

    Parameters
    ----------
    images : (N, n_0) in [0, 1]
        Those that will be learned from.
    """
    training = spec.training
    ground = ground_of(images) if training.ground == "auto" else training.ground
    batch = training.batch or batch_for(len(images))
    spec = spec.model_copy(update={"training": training.model_copy(update={"ground": ground, "batch": batch})})
    plasticity, seen = spec.plasticity, as_seen(images[:MEASURED], ground)
    if plasticity.visible_noise == "auto":
        noise = visible_noise_for(seen, min(spec.layers), plasticity.noise)
        plasticity = plasticity.model_copy(update={"visible_noise": noise})
        spec = spec.model_copy(update={"plasticity": plasticity})
    if "auto" not in (plasticity.learning_rate, plasticity.feedforward_rate):
        return spec
    params = initial_parameters(spec.network(seen.shape[1]), training.seed)
    if training.start == "data":
        start_from(params, seen)
    plasticity = rates_for(params, seen, plasticity, batch)
    if spec.engine.arithmetic == "fixed":
        from neuro_bpdl.kernels.fixed.quantize import reachable

        plasticity = reachable(params.network, plasticity, spec.engine.messages)
    return spec.model_copy(update={"plasticity": plasticity})


def batch_for(images: int) -> int:
    """Images per update: fewer where there are few, so that an epoch has `UPDATES` of them."""
    return max(1, min(LARGEST_BATCH, images // UPDATES))


def ground_of(images: Array) -> str:
    """"bright" for pictures on white, "dark" for all others."""
    return "bright" if float(images.mean(dtype=np.float64)) > BRIGHT else "dark"


def visible_noise_for(images: Array, narrowest: int, most: float) -> float:
    """Standard deviation of the pixels' noise: what as many principal components as units leave of a pixel.

    Noise takes from recognition every component that varies less than it does. Smooth images have most of theirs
    there: what blurs no digit blurs them, and clipped at black it shifts f_1 further than they reach.

    Parameters
    ----------
    images : (N, n_0)
        As the network sees them.
    narrowest : int
        Units of the smallest layer; fewer components, where so few pixels or images are that nothing would be left.
    most : float
        The result is no larger, and no smaller than a payload's rounding.
    """
    components = max(1, min(narrowest, *(size // ENOUGH for size in images.shape)))
    variances = np.linalg.eigvalsh(_products(_centred(images)))  # ascending
    left = float(floored(variances[:-components].sum() / images.size))
    return float(f"{min(most, math.sqrt(left)):.2g}")


def _centred(states: Array) -> Array:
    return states.astype(np.float64) - states.mean(axis=0, dtype=np.float64)


def _products(centred: Array) -> Array:
    """Of images with images, or of pixels with pixels: whichever are fewer. Their eigenvalues are the same."""
    images, pixels = centred.shape
    return centred @ centred.T if images < pixels else centred.T @ centred


def presynaptic_power(params: Parameters, images: Array, plasticity: PlasticitySpec) -> list[float]:
    """E‖S_pre‖² of every layer l = 0…L at the feedforward pass: corrupted, without what has no trace, bias unit added.

    Parameters
    ----------
    images : (N, n_0)
        As the network sees them.
    """
    powers = []
    for layer, h in enumerate(feedforward_pass(params, images.astype(params.dtype))):
        noisy = corrupt(params, layer, h, plasticity, stream(0, Stream.CORRUPTION, layer))
        traced = np.maximum(noisy, params.transfers[layer].low)
        powers.append(1 + float((traced.astype(np.float64) ** 2).sum(axis=1).mean()))
    return powers


def rates_for(params: Parameters, images: Array, plasticity: PlasticitySpec, batch: int) -> PlasticitySpec:
    """``plasticity`` with rate_l = μ / E‖S_pre‖², at most `LARGEST_RATE`, in the place of "auto"."""
    powers, step = presynaptic_power(params, images, plasticity), step_of(batch)
    rates = {"feedforward_rate": powers[:-1], "learning_rate": powers[1:]}
    if plasticity.learning_rate != "auto":
        del rates["learning_rate"]
    elif plasticity.feedforward_rate not in (None, "auto"):
        del rates["feedforward_rate"]
    return plasticity.model_copy(
        update={name: tuple(_rate(step, power) for power in part) for name, part in rates.items()}
    )


def _rate(step: float, power: float) -> float:
    """To four digits: the same on every machine, and readable in a config."""
    return float(f"{min(step / power, LARGEST_RATE):.4g}")


def step_of(batch: int) -> float:
    """μ for the mean of ``batch`` updates: from `STEP_ONLINE` of one to `STEP_OF_BATCH` of many."""
    return STEP_OF_BATCH - (STEP_OF_BATCH - STEP_ONLINE) / batch


def start_from(params: Parameters, images: Array) -> None:
    """Standard net inputs on the way up; on the way down every compartment draws its layer's mean. In place.

    G_l = 0 and c_l = ψ⁻¹(E h_{l−1}), so that what is left to learn is what differs between images. Random weights
    would draw noise wherever few images never lead, and read it: F_l starts blind to what no image has shown.

    Parameters
    ----------
    images : (N, n_0)
        As the network sees them.
    """
    images = images[:MEASURED].astype(params.dtype)
    standardise(params, images)
    states = feedforward_pass(params, images)
    for layer in range(params.network.depth):
        mean = states[layer].mean(axis=0, dtype=np.float64)
        if len(images) < mean.size:
            unseen = params.F[layer] - _within(params.F[layer], states[layer])
            params.F[layer] -= unseen
            params.b[layer] += unseen @ mean
        params.G[layer][:] = 0
        params.c[layer][:] = inverse(params.transfers[layer], mean, INSIDE)


def _within(weights: Array, states: Array) -> Array:
    """What of each row of (post, pre) weights lies in the directions in which (N, pre) states differ."""
    _, sizes, directions = np.linalg.svd(_centred(states), full_matrices=False)
    shown = directions[sizes > SHOWN * sizes[0]]
    return np.asarray(weights @ shown.T @ shown, weights.dtype)
