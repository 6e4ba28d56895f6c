"""Where a network that is taught starts: a quiet top, and apical compartments in the middle of their range."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.numbers.streams import Stream, stream
from neuro_bpdl.parameters import Parameters, initial_parameters
from neuro_bpdl.spec import NetworkSpec
from neuro_bpdl.theory.initialisation import standardise
from neuro_bpdl.theory.maps import f, feedforward_pass

Array = NDArray[np.floating]
SPREAD = 1.0  # of hidden net inputs; their mean is 0
QUIET = (-1.0, 0.1)  # mean and spread of the top's net inputs: with ten classes, most units are to stay silent
FEEDBACK = 0.3  # of 1/√classes: G is to be outgrown by what it learns
# A net input at which ψ is straight as far as possible to both sides.
MIDDLE = {"clipped-relu": 2.0, "pwl-softplus": 4.0, "softplus": 4.0}


def taught_parameters(network: NetworkSpec, images: Array, seed: int, dtype: type = np.float64) -> Parameters:
    """Initial parameters for learning with labels.

    Every row of F is random and scaled so that over ``images`` its net input
    has mean 0 and spread 1 (homeostasis, as in `initialisation`); the top
    starts small. c puts the apical compartments where ψ is straight: the
    mirrored score, a difference of two g, then needs no more than G.

    Parameters
    ----------
    images : (n, n_0)
        A thousand training images are enough.
    """
    params = initial_parameters(network, seed, dtype)
    h: Array = images.astype(dtype)
    for layer in range(1, network.depth + 1):
        _quiet(params, layer, h, QUIET if layer == network.depth else (0.0, SPREAD), seed)
        h = f(params, layer, h)
        if layer > 1:
            _feedback(params, layer, seed)
    return params


def _quiet(params: Parameters, layer: int, below: Array, wanted: tuple[float, float], seed: int) -> None:
    """Random F_l and b_l with which net inputs have the wanted mean and spread."""
    rng, (mean, spread) = stream(seed, Stream.INITIAL_F, layer), wanted
    rows: Array = rng.standard_normal(params.F[layer - 1].shape).astype(params.dtype)
    net = below @ rows.T
    scale = spread / np.maximum(net.std(axis=0), np.finfo(np.float32).eps)
    params.F[layer - 1][:] = rows * scale[:, None]
    params.b[layer - 1][:] = mean - scale * net.mean(axis=0)


def joint_parameters(network: NetworkSpec, images: Array, seed: int, dtype: type = np.float64) -> Parameters:
    """Initial parameters for learning images and labels: layers as without labels, a top as of `taught_parameters`.

    Parameters
    ----------
    images : (n, n_0)
        As of `taught_parameters`.
    """
    params = initial_parameters(network, seed, dtype)
    seen, top = params.images, network.depth
    standardise(seen, images.astype(dtype))
    _quiet(params, top, feedforward_pass(seen, images.astype(dtype))[-1], QUIET, seed)
    _feedback(params, top, seed)
    return params


def _feedback(params: Parameters, layer: int, seed: int) -> None:
    G, below = params.G[layer - 1], params.network.activations[layer - 1]
    G[:] = FEEDBACK / np.sqrt(G.shape[1]) * stream(seed, Stream.INITIAL_G, layer).standard_normal(G.shape)
    params.c[layer - 1][:] = MIDDLE.get(below, 0.0)
