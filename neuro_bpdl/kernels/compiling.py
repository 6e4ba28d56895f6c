"""numba's ``njit`` that works where nothing can be written: it compiles anew, and says so once.

A container, a service user or a read-only install has no place for numba's
cache; a full disk or a cut file spoils one. None of that is a reason not to
compute.
"""

from __future__ import annotations

import pickle
import warnings
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from typing import Any

import numba
from numba.core.codegen import get_host_cpu_features

from neuro_bpdl.errors import NeuroBpdlWarning

_SPOILT = (OSError, EOFError, ValueError, LookupError, AttributeError, ImportError, TypeError, pickle.PickleError)


def wide_vectors() -> None:
    """Registers of 512 bits where the processor has them: LLVM prefers 256 and leaves a fifth of the speed.

    Numbers do not depend on it: nothing is compiled that may reorder sums. Whoever has set NUMBA_CPU_FEATURES, or a
    processor, keeps it.
    """
    config: Any = numba.config
    features = get_host_cpu_features()  # type: ignore[no-untyped-call]
    if config.CPU_FEATURES is None and config.CPU_NAME is None and "+avx512bw" in features:
        config.CPU_FEATURES = features + ",-prefer-256-bit"


wide_vectors()


def njit(**options: Any) -> Callable[[Callable[..., Any]], Any]:
    """``numba.njit``; ``cache=True`` keeps what was compiled where that is possible."""

    def compiled(function: Callable[..., Any]) -> Any:
        try:
            dispatcher = numba.njit(**options)(function)
        except (RuntimeError, OSError):  # numba: "cannot cache function …: no locator available"
            _say_once()
            return numba.njit(**{**options, "cache": False})(function)
        _forgive(dispatcher)
        return dispatcher

    return compiled


@cache
def _say_once() -> None:
    warnings.warn(
        "numba finds no folder for its cache: fixed point compiles anew in every process (about half a minute); "
        "set NUMBA_CACHE_DIR to a folder that can be written", NeuroBpdlWarning, stacklevel=2,
    )  # fmt: skip


def _forgive(dispatcher: Any) -> None:
    """A cache that cannot be read or written is no cache, and no error."""
    held = getattr(dispatcher, "_cache", None)
    for name in ("load_overload", "save_overload"):
        method = getattr(held, name, None)
        if method is not None:
            setattr(held, name, _forgiving(method))


def _forgiving(method: Callable[..., Any]) -> Callable[..., Any]:
    def tried(*arguments: Any) -> Any:
        with suppress(*_SPOILT):
            return method(*arguments)
        return None

    return tried
