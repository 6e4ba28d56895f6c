"""What a network does with images: errors, the objective on the way, dead and saturated units."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.engines.protocol import Simulator
from neuro_bpdl.parameters import Parameters
from neuro_bpdl.spec import InferenceSpec
from neuro_bpdl.theory.objective import objective

Array = NDArray[Any]
CHUNK = 1000  # images inferred at once: bounds the memory of recorded states
END_OF_RANGE = 0.01  # of a unit's range


@dataclass
class Units:
    """Which units of a layer carry nothing: the bottom or the top of their range for every image."""

    dead: NDArray[np.bool_]
    saturated: NDArray[np.bool_]


@dataclass
class Measurement:
    """Means over images.

    Attributes
    ----------
    reconstruction_mse, deep_reconstruction_mse : float
        Mean squared pixel error of g_1(h_1), and of g_1(… g_L(h_L)).
    reconstruction, latent : (N + 1,)
        The two terms of the objective in nats per image, before the first
        inference step and after each.
    units : list of Units
        Hidden layers 1…L.
    """

    images: int
    reconstruction_mse: float
    deep_reconstruction_mse: float
    reconstruction: Array
    latent: Array
    units: list[Units] = field(default_factory=list)

    @property
    def total(self) -> Array:
        """The objective, (N + 1,)."""
        return self.reconstruction + self.latent

    def objective(self) -> dict[str, list[float]]:
        """Total and both terms, for JSON."""
        terms = {"total": self.total, "reconstruction": self.reconstruction, "latent": self.latent}
        return {name: [float(value) for value in values] for name, values in terms.items()}


def chunks(n: int, size: int = CHUNK) -> Iterator[slice]:
    """Slices that cover ``range(n)``."""
    return (slice(start, min(start + size, n)) for start in range(0, n, size))


def measure(
    simulator: Simulator,
    images: Array,
    inference: InferenceSpec,
    progress: Callable[[int], None] | None = None,
) -> Measurement:
    """Infer every image and look at it.

    Parameters
    ----------
    images : (M, n_0)
    progress : callable, optional
        Called with the number of images done.
    """
    params = simulator.parameters().images
    low = [np.full(n, np.inf) for n in params.network.sizes[1:]]
    high = [np.full(n, -np.inf) for n in params.network.sizes[1:]]
    errors, terms = np.zeros(2), np.zeros((2, inference.steps + 1))
    for rows in chunks(len(images)):
        x = images[rows]
        result = simulator.infer(x, inference, record=True)
        deep = simulator.generate(result.h[-1], inference, rounds=0)[0]
        errors += [_square(result.reconstruction, x), _square(deep, x)]
        terms += _terms(params, result.history)
        for layer, h in enumerate(result.h[1:]):
            low[layer] = np.minimum(low[layer], h.min(axis=0))
            high[layer] = np.maximum(high[layer], h.max(axis=0))
        if progress is not None:
            progress(rows.stop)
    terms /= len(images)
    mse = errors / images.size
    return Measurement(len(images), float(mse[0]), float(mse[1]), terms[0], terms[1], ends_of_range(params, low, high))


def top_states(
    simulator: Simulator, images: Array, inference: InferenceSpec, progress: Callable[[int], None] | None = None
) -> Array:
    """The inferred h_L of every image, (M, n_L)."""
    tops = []
    for rows in chunks(len(images)):
        tops.append(simulator.infer(images[rows], inference).h[-1])
        if progress is not None:
            progress(rows.stop)
    return np.concatenate(tops)


def _square(estimate: Array | None, x: Array) -> float:
    if estimate is None:
        raise TypeError("the engine returned no reconstruction")
    return float(((estimate - x) ** 2).sum(dtype=np.float64))


def _terms(params: Parameters, history: list[list[Array]]) -> Array:
    """(2, N + 1): sums over images of the objective's terms at every recorded state."""
    states = (objective(params, h) for h in history)
    return np.array([[state.reconstruction.sum(), state.latent.sum()] for state in states]).T


def ends_of_range(params: Parameters, low: list[Array], high: list[Array]) -> list[Units]:
    """Dead and saturated units of layers 1…L, from every unit's smallest and largest rate over the images."""
    units = []
    for layer, (least, most) in enumerate(zip(low, high, strict=True), start=1):
        transfer = params.transfers[layer]
        bounded = np.isfinite(transfer.high) and np.isfinite(transfer.low)
        margin = END_OF_RANGE * (transfer.high - transfer.low if bounded else 1.0)
        units.append(Units(dead=most <= transfer.low + margin, saturated=least >= transfer.high - margin))
    return units
