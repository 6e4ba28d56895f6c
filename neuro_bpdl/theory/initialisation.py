"""A start at which every hidden unit has something to say: net inputs of a chosen mean and spread."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.parameters import Parameters
from neuro_bpdl.spec import PlasticitySpec
from neuro_bpdl.streams import Stream, stream
from neuro_bpdl.theory.learning import corrupt
from neuro_bpdl.theory.maps import f

Array = NDArray[np.floating]
# Mean and standard deviation of the net input: a rectifier starts sparse, a squashing unit uses its whole range.
NET_INPUT = {
    "softplus": (-1.0, 1.5),
    "pwl-softplus": (-1.0, 1.5),
    "clipped-relu": (0.0, 1.75),
    "sigmoid": (0.0, 2.0),
    "pwl-sigmoid": (0.0, 2.0),
    "hard-sigmoid": (0.0, 1.5),
    "tanh": (0.0, 1.0),
}

DEPENDENT = 1e-6  # of the larger singular value: directions that are the same but for rounding


def standardise(params: Parameters, images: Array, plasticity: PlasticitySpec | None = None) -> None:
    """Scale each row of F and set b so that over ``images`` every net input has the `NET_INPUT` of its activation.

    With Glorot weights and zero biases the common mode of h_1 drives all of
    h_2 into saturation, and the top code carries almost nothing (measured in
    docs/RESULTS.md). A unit can do this by itself: it is homeostasis of its
    own mean and gain. In place; G and c stay as they are.

    Parameters
    ----------
    images : (n, n_0)
        A thousand training images are enough.
    plasticity : PlasticitySpec, optional
        With it every row is balanced first (`balance`), against this corruption.
    """
    h = images
    for layer in range(1, params.network.depth + 1):
        if plasticity is not None:
            balance(params, layer, h, plasticity)
        mean, spread = NET_INPUT[params.network.activations[layer]]
        net = h @ params.F[layer - 1].T
        scale = spread / np.maximum(net.std(axis=0), np.finfo(np.float32).eps)
        params.F[layer - 1] *= scale[:, None].astype(params.dtype)
        params.b[layer - 1][:] = mean - scale * net.mean(axis=0)
        h = f(params, layer, h)


def balance(params: Parameters, layer: int, below: Array, plasticity: PlasticitySpec) -> None:
    """Make every unit of a layer blind to the mean activity below and to what corruption does to it. In place.

    Noise that is clipped into the range of an activation raises a silent unit
    and lowers a saturated one. What that adds to a net input on the average is
    F_l (E[h̃] − E[h]); learning sees it, inference on clean activity does not.
    Each row of F_l loses its components along E[h] and E[h̃], as a neuron
    loses them that weakens each synapse in proportion to its mean input until
    its own mean net input is 0 (excitation balances inhibition). Biases stay
    small too, which 8 bits need.

    Parameters
    ----------
    below : (n, n_{l-1})
        Clean activity.
    """
    noisy = corrupt(params, layer - 1, below, plasticity, stream(0, Stream.CORRUPTION, layer))
    means = np.stack([below.mean(axis=0), noisy.mean(axis=0)], axis=1, dtype=np.float64)
    basis, size, _ = np.linalg.svd(means, full_matrices=False)
    directions = basis[:, size > DEPENDENT * size[0]].astype(params.dtype)  # without noise the two are one
    params.F[layer - 1] -= params.F[layer - 1] @ directions @ directions.T
