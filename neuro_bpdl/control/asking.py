"""Asking somebody else's environment, and saying in one line what is wrong with its answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from neuro_bpdl.errors import EnvironmentFailed

RESET = ("observation", "info")
STEP = ("observation", "reward", "terminated", "truncated", "info")
LONGEST = 200  # characters of a value in an error


def answered(where: str, name: str, method: Callable[[], Any], wanted: tuple[str, ...]) -> Any:
    """What an environment's method returns, a tuple of what is ``wanted``; raises EnvironmentFailed."""
    try:
        found = method()
    except Exception as error:
        raise raised(where, name, error) from error
    if not isinstance(found, tuple) or len(found) != len(wanted):
        raise unlike(where, name, found, wanted)
    return found


def raised(where: str, name: str, error: Exception) -> EnvironmentFailed:
    """What is said when a method raised."""
    said = " ".join(f"{type(error).__name__}: {error}".split())
    return EnvironmentFailed(f"{where}: {name} raised {shortened(said)}; mend the environment")


def unlike(where: str, name: str, found: Any, wanted: tuple[str, ...]) -> EnvironmentFailed:
    """What is said when a method returned something else than gymnasium's."""
    got = f"{len(found)} values" if isinstance(found, tuple) else type(found).__name__
    return EnvironmentFailed(f"{where}: {name} returned {got}, allowed: {', '.join(wanted)}, as gymnasium has it; "
                             "mend the environment")  # fmt: skip


def shortened(value: Any) -> str:
    """On one line, of a length that one reads."""
    text = " ".join(str(value.tolist() if isinstance(value, np.ndarray) else value).split())
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
