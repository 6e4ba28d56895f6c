"""A start at which every hidden unit has something to say: net inputs of a chosen mean and spread."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.parameters import Parameters
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


def standardise(params: Parameters, images: Array, layers: int | None = None) -> None:
    """Scale each row of F and set b so that over ``images`` every net input has the `NET_INPUT` of its activation.

    With Glorot weights and zero biases the common mode of h_1 drives all of
    h_2 into saturation, and the top code carries almost nothing (measured in
    docs/RESULTS.md). A unit can do this by itself: it is homeostasis of its
    own mean and gain. In place; G and c stay as they are.

    Parameters
    ----------
    images : (n, n_0)
        A thousand training images are enough.
    layers : int, optional
        How many, from below; all of them unless given.
    """
    h = images
    for layer in range(1, (params.network.depth if layers is None else layers) + 1):
        mean, spread = NET_INPUT[params.network.activations[layer]]
        net = h @ params.F[layer - 1].T
        scale = spread / np.maximum(net.std(axis=0), np.finfo(np.float32).eps)
        params.F[layer - 1] *= scale[:, None].astype(params.dtype)
        params.b[layer - 1][:] = mean - scale * net.mean(axis=0)
        h = f(params, layer, h)
