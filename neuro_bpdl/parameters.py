"""What is learned: weights, biases, residual variances and the top prior."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.numbers.activations import TransferFunction, transfer
from neuro_bpdl.numbers.streams import Stream, stream
from neuro_bpdl.spec import NetworkSpec

Array = NDArray[np.floating]
SHOWN = 24


@dataclass(repr=False)
class Parameters:
    """All that learning changes. Lists count from 0: ``F[0]`` is the paper's F_1.

    Attributes
    ----------
    F, b : lists of (n_l, n_{l-1}) and (n_l,), l = 1…L
        Feedforward (recognition) weights and biases.
    G, c : lists of (n_{l-1}, n_l) and (n_{l-1},), l = 1…L
        Feedback (generative) weights and biases.
    variance : (L,)
        σ²_l of p(h_l | h_{l+1}), l = 0…L−1, shared by the units of a layer.
    prior_mean, prior_variance : (n_L,) or None
        The Gaussian p(h_L), fitted at the end of training. In a network with labels that also learns images h_L is
        the layer below them, and this and the next are those of the layers that learn images.
    recognition_variance : (L,) or None
        σ²_q,l of q(h_l | h_{l−1}), l = 1…L, fitted at the end of training
        (`theory.climb.fit_recognition`).
    """

    network: NetworkSpec
    F: list[Array]
    b: list[Array]
    G: list[Array]
    c: list[Array]
    variance: Array
    prior_mean: Array | None = None
    prior_variance: Array | None = None
    recognition_variance: Array | None = None
    transfers: tuple[TransferFunction, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.transfers = tuple(transfer(name) for name in self.network.activations)

    def __repr__(self) -> str:
        sizes, names = "-".join(map(str, self.network.sizes)), ", ".join(dict.fromkeys(self.network.activations))
        prior = "fitted" if self.prior_mean is not None else "no"
        return f"<Parameters: {sizes}, {names}, {self.dtype}, {prior} prior>"

    def _repr_html_(self) -> str:
        """What excites the first units of h_1: rows of F_1, red above zero and blue below."""
        from html import escape

        from neuro_bpdl.plotting.images import html_picture, signed_tiles

        pixels = self.network.sizes[0]
        side = math.isqrt(pixels)
        shape = (side, side) if side * side == pixels else (1, pixels)
        picture = html_picture(signed_tiles(self.F[0][:SHOWN], shape, SHOWN // 2), "rows of F₁ as images")
        return f"<p><code>{escape(repr(self))}</code></p>{picture}"

    @property
    def dtype(self) -> np.dtype:
        """Floating type of the weights."""
        return self.F[0].dtype

    @property
    def images(self) -> Parameters:
        """The layers that learn images, without a label population on top; the same arrays."""
        depth = self.network.images.depth
        F, b, G, c = (group[:depth] for group in (self.F, self.b, self.G, self.c))
        return replace(self, network=self.network.images, F=F, b=b, G=G, c=c, variance=self.variance[:depth])

    @property
    def taught(self) -> Parameters:
        """The same layers as a network that is only taught; the same arrays."""
        return replace(self, network=self.network.taught)

    @property
    def told(self) -> Parameters:
        """The same, with the label population as a child of their top, its pair the last one; the same arrays.

        Raises
        ------
        InvalidInput
            The network has not learned images and labels.
        """
        network, seen = self.network.told, self.images
        F, b = [*seen.F, self.G[-1]], [*seen.b, self.c[-1]]
        G, c = [*seen.G, self.F[-1]], [*seen.c, self.b[-1]]
        return replace(seen, network=network, F=F, b=b, G=G, c=c)

    def copy(self) -> Parameters:
        """An independent copy."""
        return self.astype(self.dtype)

    def astype(self, dtype: np.dtype | type) -> Parameters:
        """An independent copy in another floating type."""

        def cast(array: Array) -> Array:
            return np.array(array, dtype=dtype)

        def float64(array: Array) -> Array:
            return np.array(array, dtype=np.float64)

        F, b, G, c = ([cast(a) for a in group] for group in (self.F, self.b, self.G, self.c))
        return Parameters(
            self.network,
            F,
            b,
            G,
            c,
            variance=float64(self.variance),
            prior_mean=None if self.prior_mean is None else cast(self.prior_mean),
            prior_variance=None if self.prior_variance is None else cast(self.prior_variance),
            recognition_variance=None if self.recognition_variance is None else float64(self.recognition_variance),
        )


def initial_parameters(network: NetworkSpec, seed: int, dtype: type = np.float64) -> Parameters:
    """Glorot-uniform weights, zero biases, unit variances.

    Parameters
    ----------
    network : NetworkSpec
    seed : int
        Every matrix has its own stream, so a deeper network shares the lower
        layers of a shallower one.
    dtype : float64 or float32
    """
    F: list[Array] = []
    b: list[Array] = []
    G: list[Array] = []
    c: list[Array] = []
    for layer in range(1, network.depth + 1):
        below, here = network.sizes[layer - 1], network.sizes[layer]
        bound = np.sqrt(6.0 / (below + here))
        F.append(stream(seed, Stream.INITIAL_F, layer).uniform(-bound, bound, (here, below)).astype(dtype))
        G.append(stream(seed, Stream.INITIAL_G, layer).uniform(-bound, bound, (below, here)).astype(dtype))
        b.append(np.zeros(here, dtype))
        c.append(np.zeros(below, dtype))
    return Parameters(network, F, b, G, c, variance=np.ones(network.depth))
