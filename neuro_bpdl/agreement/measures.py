"""Numbers that say how near two engines are; arrays in, numbers out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.parameters import Parameters
from neuro_bpdl.theory.objective import objective

Array = NDArray[Any]
TERMS = ("reconstruction", "latent")


def pearson(a: Array, b: Array) -> float:
    """Pearson's r over all elements; two constant arrays agree (1) where equal and do not (0) elsewhere."""
    a, b = np.ravel(a) - np.mean(a), np.ravel(b) - np.mean(b)
    norm = float(np.linalg.norm(a) * np.linalg.norm(b))
    if norm == 0.0:
        return 1.0 if np.array_equal(a, b) else 0.0
    return float(a @ b / norm)


def rmse(a: Array, b: Array) -> float:
    """Root mean square difference."""
    return float(np.sqrt(np.mean((np.asarray(a, np.float64) - b) ** 2)))


def cosine(a: Array, b: Array) -> float:
    """Cosine between two arrays read as vectors; 0 where one vanishes and the other does not, 1 where both do."""
    norms = float(np.linalg.norm(a)), float(np.linalg.norm(b))
    if min(norms) == 0.0:
        return float(norms[0] == norms[1])
    return float(np.vdot(a, b) / (norms[0] * norms[1]))


@dataclass(frozen=True)
class Largest:
    """The largest difference, and which image and unit has it."""

    difference: float
    image: int
    unit: int


def largest(a: Array, b: Array) -> Largest:
    """Where two (images, units) arrays differ most."""
    distance = np.abs(np.asarray(a, np.float64) - b)
    image, unit = np.unravel_index(int(np.argmax(distance)), distance.shape)
    return Largest(float(distance[image, unit]), int(image), int(unit))


def last_step_share(history: list[list[Array]], layer: int) -> float:
    """Length of a layer's last inference step over that of its whole path, start to end; 0 if it never moved.

    Lengths are root mean squares over images and units.
    """
    if len(history) < 2:
        return 0.0
    path = rmse(history[-1][layer], history[0][layer])
    step = rmse(history[-1][layer], history[-2][layer])
    return step / path if path > 0 else float(step > 0)


def objective_terms(params: Parameters, history: list[list[Array]]) -> dict[str, list[float]]:
    """Both terms of the objective at every step, mean over images, in nats."""
    values = [objective(params, [np.asarray(h, np.float64) for h in state]) for state in history]
    return {term: [float(np.mean(getattr(value, term))) for value in values] for term in TERMS}


def relative_difference(value: float, reference: float, least: float = 0.0) -> float:
    """|value − reference| over |reference|, or over ``least`` where that is larger; 0 for two equal values."""
    if value == reference:
        return 0.0
    size = max(abs(reference), least)
    return abs(value - reference) / size if size else float("inf")


def changes(before: Parameters, after: Parameters) -> dict[str, Array]:
    """What learning changed, by matrix: F_1, G_1, F_2, …"""
    found = {}
    for i in range(before.network.depth):
        found[f"F_{i + 1}"] = after.F[i] - np.asarray(before.F[i], np.float64)
        found[f"G_{i + 1}"] = after.G[i] - np.asarray(before.G[i], np.float64)
    return found


def quadratic_size(sizes: tuple[int, ...]) -> dict[str, float]:
    """Size of each term's quadratic part, ½ Σ (h − g)²/σ², when σ² fits: half a nat a unit.

    The normaliser can cancel it, so that a term near 0 is no measure of itself.
    """
    return {"reconstruction": 0.5 * sizes[0], "latent": 0.5 * sum(sizes[1:-1])}
