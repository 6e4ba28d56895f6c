"""Which encoder an observation space gets; every space that has none is refused with the way out."""

from __future__ import annotations

import math
from functools import partial
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.control.asking import RESET, STEP, answered, shortened
from neuro_bpdl.control.cells import FINITE, MOST_VARIABLES, PlaceCells
from neuro_bpdl.control.spec import ControlSpec
from neuro_bpdl.errors import EnvironmentFailed, InvalidInput

Array = NDArray[Any]
LEARNING_EPISODES, LEARNING_STEPS, WIDENED = 20, 2000, 1.5


class Encoder(Protocol):
    """From observations to rates of ``size`` presynaptic units."""

    size: int

    def encode(self, observation: Any, out: Array) -> bool:
        """Rates (payloads where ``out`` is of integers) into ``out[:size]``; False for what is not finite.

        Raises
        ------
        ValueError, TypeError
            Of another shape or kind than the observation space.
        """


class OneCell:
    """One unit for every value of a Discrete space."""

    def __init__(self, values: int, first: int) -> None:
        self.size, self._first = values, first

    def encode(self, observation: Any, out: Array) -> bool:
        """See `Encoder`."""
        index = int(observation) - self._first
        if index != observation - self._first or not 0 <= index < self.size:
            raise ValueError(f"a whole number from {self._first} to {self._first + self.size - 1}")
        out[: self.size] = 0
        out[index] = 127 if out.dtype.kind == "i" else 1
        return True


class Pixels:
    """A flattened image, every pixel between its bounds."""

    def __init__(self, low: Array, high: Array) -> None:
        self._low, self._span = low.ravel().astype(np.float64), (high - low).ravel().astype(np.float64)
        self.size, self._shape = self._low.size, low.shape

    def encode(self, observation: Any, out: Array) -> bool:
        """See `Encoder`."""
        pixels = np.asarray(observation, np.float64)
        if pixels.shape != self._shape:
            raise ValueError(f"of shape {self._shape}, not {pixels.shape}")
        rates = np.clip((pixels.ravel() - self._low) / self._span, 0, 1)
        if not np.isfinite(rates).all():
            return False
        out[: self.size] = np.rint(rates * 127) if out.dtype.kind == "i" else rates
        return True


def encoder_for(env: Any, spec: ControlSpec) -> tuple[Encoder, ControlSpec]:
    """The encoder of an environment's observations, and the spec with the ranges that were found.

    Raises
    ------
    InvalidInput
        A dict or tuple of observations, bounds that are infinite, too many variables.
    """
    from gymnasium import spaces

    space = env.observation_space
    if isinstance(space, spaces.Discrete):
        return OneCell(int(space.n), int(space.start)), spec
    if not isinstance(space, spaces.Box):
        raise InvalidInput(
            "observation space", type(space).__name__, "Box or Discrete",
            "wrap the environment: gymnasium.wrappers.FlattenObservation makes one Box of it",
        )  # fmt: skip
    if len(space.shape) != 1 or space.shape[0] > MOST_VARIABLES:
        return _pixels(space), spec
    spec = spec.model_copy(update={"ranges": _ranges(env, spec)})
    assert not isinstance(spec.ranges, str)
    return PlaceCells(spec.ranges, spec.cells, spec.angles, single=spec.hidden > 0), spec


def _pixels(space: Any) -> Pixels:
    low, high = (np.asarray(bound, np.float64) for bound in (space.low, space.high))
    if not ((np.abs(low) < FINITE) & (np.abs(high) < FINITE) & (low < high)).all():
        raise InvalidInput(
            "observation space", f"{space.shape} without bounds", "finite bounds for images",
            "wrap the environment: gymnasium.wrappers.RescaleObservation gives it bounds",
        )  # fmt: skip
    return Pixels(low, high)


def _ranges(env: Any, spec: ControlSpec) -> tuple[tuple[float, float], ...]:
    """(low, high) of every angle, then of every other variable."""
    space, taken = env.observation_space, [i for pair in spec.angles for i in pair]
    count = space.shape[0] - len(taken) + len(spec.angles)
    if not isinstance(spec.ranges, str):
        if len(spec.ranges) != count:
            raise InvalidInput("ranges", f"{len(spec.ranges)} pairs", f"{count} pairs (low, high), one for a variable",
                               "angles come first")  # fmt: skip
        return spec.ranges
    low, high = (np.asarray(bound, np.float64) for bound in (space.low, space.high))
    if spec.ranges == "learned":
        low, high = _learned(env, spec.seed, low, high)
    rest = [i for i in range(space.shape[0]) if i not in taken]
    for i in rest:
        if not (abs(low[i]) < FINITE and abs(high[i]) < FINITE):
            raise InvalidInput(
                "observation space", f"variable {i} from {low[i]:g} to {high[i]:g}", "finite ranges for place cells",
                "use ranges='learned' (--ranges learned), or give (low, high) for every variable",
            )  # fmt: skip
    circle = [(-math.pi, math.pi)] * len(spec.angles)
    return (*circle, *((float(low[i]), float(high[i])) for i in rest))


def _learned(env: Any, seed: int, low: Array, high: Array) -> tuple[Array, Array]:
    """What a random policy sees, widened about its middle, inside the space's own bounds."""
    env.action_space.seed(seed)
    seen, steps = [], 0
    for episode in range(LEARNING_EPISODES):
        where, start = f"environment, ranges='learned', episode {episode}", (seed * LEARNING_EPISODES + episode) % 2**31
        observation, _ = answered(where, "reset", partial(env.reset, seed=start), RESET)
        ended = False
        while not ended and steps < LEARNING_STEPS:
            seen.append(_state(observation, low.shape, where))
            observation, _, terminated, truncated, _ = answered(
                where, "step", lambda: env.step(env.action_space.sample()), STEP
            )
            ended, steps = bool(terminated or truncated), steps + 1
    states = np.stack(seen)
    middle = (states.min(axis=0) + states.max(axis=0)) / 2
    reach = np.maximum((states.max(axis=0) - states.min(axis=0)) / 2 * WIDENED, 1e-6)
    return np.maximum(middle - reach, low), np.minimum(middle + reach, high)


def _state(observation: Any, shape: tuple[int, ...], where: str) -> Array:
    try:
        state = np.asarray(observation, np.float64)
    except (TypeError, ValueError):
        state = np.array(np.nan)
    if state.shape != shape or not np.isfinite(state).all():
        raise EnvironmentFailed(f"{where}: the observation is {shortened(observation)}, allowed: {shape[0]} finite "
                                "numbers; mend the environment")  # fmt: skip
    return state
