"""What a Lava run needs, checked before anything starts.

Importing Lava sets multiprocessing's start method and fails when a program
has already set one; `require_lava` imports it in a way that works in either
order and keeps the program's own choice.
"""

from __future__ import annotations

import importlib
import importlib.util
import logging
import multiprocessing
import platform
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from neuro_bpdl.errors import MissingDependency

LAVA_PYTHONS = ((3, 10), (3, 13))
LAVA_REQUIREMENT = "lava-nc==0.10.0"
_SETS_START_METHOD = "lava.magma.runtime.message_infrastructure.multiprocessing"
_RUNTIME = "lava.magma.runtime.runtime"


def require_lava() -> None:
    """Import Lava's runtime, whatever multiprocessing was used for before.

    Raises
    ------
    MissingDependency
        Lava is not installed or cannot be imported by this Python.
    """
    if not _findable("lava.magma"):
        raise MissingDependency(f"lava: not installed, but a Lava run needs it; {_mend()}")
    if _SETS_START_METHOD in sys.modules:
        return
    try:
        with _keep_start_method():
            importlib.import_module(_RUNTIME)
    except Exception as error:
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        raise MissingDependency(f"lava: installed, but its import fails ({reason}); {_mend()}") from error


def require_chip() -> None:
    """Refuse to go on when Intel's Lava extension for Loihi is missing.

    Raises
    ------
    MissingDependency
        Lava, or the extension that compiles for a Loihi chip, is not installed.
    """
    require_lava()
    from lava.utils import loihi

    if not loihi.is_installed():
        raise MissingDependency(
            "lava-loihi: Intel's Lava extension for Loihi (given to members of the Intel Neuromorphic Research "
            "Community, INRC) is not installed, and a run on a chip needs it; nothing in neuro-bpdl has been run on "
            "a chip: choose the CPU simulator"
        )


@contextmanager
def fork_start_method() -> Iterator[None]:
    """Make fork, the only start method Lava's CPU runtime works with, the default for a while."""
    before = multiprocessing.get_start_method(allow_none=True)
    multiprocessing.set_start_method("fork", force=True)
    try:
        yield
    finally:
        multiprocessing.set_start_method(before, force=True)


def remove_duplicate_log_handlers() -> int:
    """Drop the repeats among the console handlers that Lava adds; return how many.

    Each Lava Process adds one to the root logger, each compilation one to its
    own: a line would be printed once per Process ever made, and none is ever
    freed.
    """
    return sum(_without_repeats(logging.getLogger(name)) for name in (None, "lava.magma.compiler.compiler"))


def _without_repeats(logger: logging.Logger) -> int:
    seen, removed = set(), 0
    for handler in list(logger.handlers):
        if type(handler) is not logging.StreamHandler:
            continue
        layout = getattr(handler.formatter, "_fmt", None)
        key = (handler.level, layout, id(handler.stream))
        if key in seen:
            logger.removeHandler(handler)
            removed += 1
        seen.add(key)
    return removed


@contextmanager
def _keep_start_method() -> Iterator[None]:
    before = multiprocessing.get_start_method(allow_none=True)
    multiprocessing.set_start_method(None, force=True)
    try:
        yield
    finally:
        multiprocessing.set_start_method(before, force=True)


def _findable(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except (ImportError, ValueError):
        return False


def _mend() -> str:
    """The command that installs Lava on this Python, or the Pythons that have one."""
    running = f"this is Python {platform.python_version()}"
    oldest, newest = LAVA_PYTHONS
    if not oldest <= sys.version_info[:2] <= newest:
        return (
            f"Lava works on Python {oldest[0]}.{oldest[1]} to {newest[0]}.{newest[1]} and {running}: pip install "
            f"neuro-bpdl in an environment of one of these, or choose a backend without Lava (theory, eager)"
        )
    # Lava's metadata refuses all Pythons but its own; what it depends on comes with neuro-bpdl.
    options = "" if sys.version_info[:2] == oldest else "--no-deps --ignore-requires-python "
    return f"{running}, on which Lava works: pip install {options}{LAVA_REQUIREMENT}"
