"""CartPole-v1: episodes and seconds until the mean of 100 consecutive training returns is at least 475.

The common file has the environment's name, how many interactions a peer may have, and the goal, at which it may stop.
A peer writes returns (of every training episode, exploration included), times (CPU seconds since training began, at
the end of each), tested (returns of 100 episodes afterwards, without exploration), and about.
"""

from __future__ import annotations

from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

PEERS = ("ours:fixed", "ours:float", "sb3:ppo", "sb3:ppo-zoo", "sb3:a2c-zoo", "sb3:dqn-zoo")
GOAL, WINDOW = 475.0, 100


def write(path: Path, interactions: int) -> None:
    """The common file."""
    np.savez(path, environment="CartPole-v1", interactions=interactions, goal=GOAL, window=WINDOW)


def solved(returns: Any, window: int = WINDOW, goal: float = GOAL) -> int | None:
    """The first episode, counted from 1, at whose end the mean of the last ``window`` returns reaches the goal."""
    if len(returns) < window:
        return None
    means = np.convolve(returns, np.full(window, 1 / window), mode="valid")
    reached = np.flatnonzero(means >= goal - 1e-9)
    return int(reached[0]) + window if len(reached) else None


def row(found: list[dict[str, Any]]) -> dict[str, Any]:
    """Seed by seed: when it was solved, after how much; what it can do at the end."""
    at = [solved(each["returns"]) for each in found]
    seconds = [None if k is None else float(each["times"][k - 1]) for k, each in zip(at, found, strict=True)]
    steps = [None if k is None else int(each["returns"][:k].sum()) for k, each in zip(at, found, strict=True)]
    done = [s for s in seconds if s is not None]
    return {
        "about": str(found[-1]["about"]), "solved at episode": at, "interactions": steps,
        "CPU s": [None if s is None else round(s, 2) for s in seconds],
        "median CPU s": round(median(done), 2) if len(done) == len(at) else None,
        "interactions/CPU s": [round(float(each["returns"].sum() / each["times"][-1])) for each in found],
        "tested": [round(float(each["tested"].mean()), 1) for each in found],
    }  # fmt: skip
