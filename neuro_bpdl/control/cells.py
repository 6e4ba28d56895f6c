"""Observations as payloads: place cells on a grid over every pair of variables, with linear tuning."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.kernels.compiling import njit

Array = NDArray[Any]
MOST_VARIABLES = 24
FINITE = 1e30  # gymnasium writes "no bound" as infinity or as the largest float32


class PlaceCells:
    """k × k cells for every pair of variables; four cells of a pair are active, their rates sum to 1.

    Parameters
    ----------
    ranges : (low, high) for every variable that has cells
    cells : int
        k, along each variable.
    angles : pairs (cos, sin) of variables
        They become one angle each, first in the order of variables, and wrap round.
    single : bool
        k cells for every variable instead.

    Attributes
    ----------
    size : int
        Number of cells.
    """

    def __init__(
        self, ranges: tuple[tuple[float, float], ...], cells: int, angles: tuple[tuple[int, int], ...] = (), *,
        single: bool = False,
    ) -> None:  # fmt: skip
        self.variables = len(ranges) + len(angles)  # of the observation: an angle comes from two
        self._shape = (self.variables,)
        self._low, self._high = (np.array([pair[side] for pair in ranges], np.float64) for side in (0, 1))
        for index, (low, high) in enumerate(ranges):
            if not (np.isfinite([low, high]).all() and low < high):
                raise InvalidInput(f"ranges[{index}]", (low, high), "finite numbers, low below high")
        self._angles = np.array(angles, np.int64).reshape(-1, 2)
        if self._angles.size and self._angles.max() >= self.variables:
            raise InvalidInput("angles", angles, f"variables 0 … {self.variables - 1}")
        taken = set(self._angles.ravel().tolist())
        self._plain = np.array([i for i in range(self.variables) if i not in taken], np.int64)
        n = len(ranges)
        alone = [(i, -1) for i in range(n)]
        pairs = alone if single else list(itertools.combinations(range(n), 2)) or alone
        self._groups = np.array(pairs, np.int64)
        self._cells, self._state = cells, np.zeros(n)
        self.size = sum(cells * cells if b >= 0 else cells for _, b in pairs)

    def encode(self, observation: Any, out: Array) -> bool:
        """See `Encoder`."""
        plain = isinstance(observation, np.ndarray) and observation.dtype.kind in "fiu"
        observed = observation if plain else np.asarray(observation, np.float64)
        if observed.shape != self._shape:
            raise ValueError(f"of shape {self._shape}, not {observed.shape}")
        return bool(
            _encode(observed, self._angles, self._plain, self._low, self._high, self._groups, self._cells,
                    self._state, out, out.dtype.kind == "i")
        )  # fmt: skip


@njit(cache=True)
def _encode(
    observed: np.ndarray, angles: np.ndarray, plain: np.ndarray, low: np.ndarray, high: np.ndarray,
    groups: np.ndarray, k: int, state: np.ndarray, out: np.ndarray, integer: bool,
) -> bool:  # fmt: skip
    for i in range(observed.size):
        if not np.isfinite(observed[i]):
            return False
    wrapped = angles.shape[0]
    for i in range(wrapped):
        state[i] = np.arctan2(observed[angles[i, 1]], observed[angles[i, 0]])
    for i in range(plain.size):
        state[wrapped + i] = observed[plain[i]]
    start = 0
    for g in range(groups.shape[0]):
        a, b = groups[g, 0], groups[g, 1]
        first, second, part = _place(state[a], low[a], high[a], k, a < wrapped)
        if b < 0:
            out[start : start + k] = 0
            _add(out, start + first, 1 - part, integer)
            _add(out, start + second, part, integer)
            start += k
            continue
        out[start : start + k * k] = 0
        left, right, share = _place(state[b], low[b], high[b], k, b < wrapped)
        _add(out, start + first * k + left, (1 - part) * (1 - share), integer)
        _add(out, start + first * k + right, (1 - part) * share, integer)
        _add(out, start + second * k + left, part * (1 - share), integer)
        _add(out, start + second * k + right, part * share, integer)
        start += k * k
    return True


@njit(cache=True)
def _add(out: np.ndarray, at: int, rate: float, integer: bool) -> None:
    """``at`` may be there already when two neighbours are one cell."""
    out[at] += int(rate * 127 + 0.5) if integer else rate


@njit(cache=True)
def _place(value: float, low: float, high: float, k: int, wraps: bool) -> tuple[int, int, float]:
    """The two cells beside ``value`` and how near it is to the second."""
    place = (value - low) / (high - low)
    if wraps:
        place *= k
        whole = int(np.floor(place))
        return whole % k, (whole + 1) % k, place - whole
    place = min(max(place, 0.0), 1.0) * (k - 1)
    whole = min(int(place), k - 2)
    return whole, whole + 1, place - whole
