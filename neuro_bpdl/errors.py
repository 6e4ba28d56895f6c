"""Every error this package raises on purpose.

A message is one line and names the argument, the value it got, what is
allowed and the way out. All of them derive from `NeuroBpdlError`, so a caller
can tell our refusals from a bug with one ``except``.
"""

from __future__ import annotations

import errno
from typing import Any

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class NeuroBpdlError(Exception):
    """Base of every error raised on purpose by neuro_bpdl; can be sent from process to process."""

    def __reduce__(self) -> tuple[Any, ...]:
        return _again, (type(self), self.args, self.__dict__)


def _again(kind: type[NeuroBpdlError], arguments: tuple[Any, ...], fields: dict[str, Any]) -> NeuroBpdlError:
    """An error as it was, without its constructor."""
    error = kind.__new__(kind, *arguments)
    error.__dict__.update(fields)
    return error


class NeuroBpdlWarning(UserWarning):
    """Something that works, but not as it could; the command line prints it as one line."""


class InvalidInput(NeuroBpdlError, ValueError):
    """An argument, a config field or a data array that cannot be used.

    Parameters
    ----------
    argument : str
        Name of the argument or field, e.g. ``"layers"``.
    value : object
        What was given; shortened in the message.
    allowed : str
        What would be accepted.
    mend : str, optional
        The nearest change that works.
    """

    def __init__(self, argument: str, value: object, allowed: str, mend: str = "") -> None:
        self.argument, self.value, self.allowed, self.mend = argument, value, allowed, mend
        tail = f"; {mend}" if mend else ""
        super().__init__(_literal(f"{argument}: got {_short(value)}, allowed: {allowed}{tail}"))


class DataUnavailable(NeuroBpdlError):
    """A data set that no source could deliver; the message lists the choices."""


class MissingDependency(NeuroBpdlError, ImportError):
    """A package that this call needs is not installed; names what to install."""


class CheckpointError(NeuroBpdlError):
    """A run directory or checkpoint that cannot be read, written or continued."""


class BadFile(CheckpointError, InvalidInput):
    """A file that cannot be read or believed: file and field, what they hold, what is allowed, the way out."""


class FolderInUse(CheckpointError):
    """A run that another process is training just now."""


class NotWritten(CheckpointError):
    """Nothing could be written where it was to go; what was there before is as it was.

    Parameters
    ----------
    path : path
    cause : Exception
        What the system said.
    argument : str, optional
        The option that named the path.
    """

    def __init__(self, path: object, cause: BaseException, argument: str = "") -> None:
        self.path, self.cause = path, cause
        self.errno: int | None = getattr(cause, "errno", None)
        self.said: str = getattr(cause, "said", "") or getattr(cause, "strerror", None) or " ".join(str(cause).split())
        named = f"{argument}: got {_short(str(path))}, which" if argument else f"{path}:"
        way_out = "free some room" if self.errno in _FULL else "choose a place that you may write to"
        super().__init__(f"{named} cannot be written ({self.said}); {way_out}")


class Diverged(NeuroBpdlError):
    """A training whose numbers stopped being numbers; the last good checkpoint stays."""


class EnvironmentFailed(NeuroBpdlError):
    """An environment (of gymnasium's kind) that raised, or gave an agent numbers that are none."""


class HardwareLimit(NeuroBpdlError):
    """A network that a target cannot hold; lists every violation at once."""


class SimulationError(NeuroBpdlError):
    """A Lava run that failed: carries the process's name and its traceback."""


def _literal(text: str) -> str:
    """One line, whatever names a file has for its fields: what cannot be printed is escaped."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def _short(value: object, limit: int = 80) -> str:
    text = " ".join(repr(value).split())
    return text if len(text) <= limit else text[: limit - 1] + "…"
