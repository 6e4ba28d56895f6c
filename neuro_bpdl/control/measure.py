"""What is said about returns: when a task counts as solved, and how a curve over seeds looks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
WINDOW = 100
# Mean return of 100 consecutive episodes; CartPole's and MountainCar's are gymnasium's reward thresholds.
GOALS = {"CartPole-v1": 475.0, "Acrobot-v1": -100.0, "MountainCar-v0": -110.0}


def solved_at(returns: Sequence[float], goal: float) -> int | None:
    """The first episode count at which the mean of the last 100 training returns reaches ``goal``."""
    if len(returns) < WINDOW:
        return None
    means = np.convolve(returns, np.ones(WINDOW) / WINDOW, "valid")
    reached = np.flatnonzero(means >= goal)
    return int(reached[0]) + WINDOW if reached.size else None


def running_mean(returns: Sequence[float], window: int = 20) -> Array:
    """Mean of the last ``window`` returns (fewer at the start), (episodes,)."""
    total = np.cumsum(np.insert(np.asarray(returns, np.float64), 0, 0))
    ends = np.arange(1, len(returns) + 1)
    starts = np.maximum(ends - window, 0)
    return np.asarray((total[ends] - total[starts]) / (ends - starts))


def summary(environment: str, returns: Sequence[float]) -> dict[str, Any]:
    """Plain numbers of one run."""
    goal, last = GOALS.get(environment), list(returns[-WINDOW:])
    return {
        "episodes": len(returns), "goal": goal,
        "solved_at": None if goal is None else solved_at(returns, goal),
        "last_100": float(np.mean(last)) if last else None,
    }  # fmt: skip
