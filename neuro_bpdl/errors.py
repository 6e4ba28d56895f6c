"""Every error this package raises on purpose.

A message is one line and names the argument, the value it got, what is
allowed and the way out. All of them derive from `NeuroBpdlError`, so a caller
can tell our refusals from a bug with one ``except``.
"""

from __future__ import annotations


class NeuroBpdlError(Exception):
    """Base of every error raised on purpose by neuro_bpdl."""


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
        super().__init__(f"{argument}: got {_short(value)}, allowed: {allowed}{tail}")


class DataUnavailable(NeuroBpdlError):
    """A data set that no source could deliver; the message lists the choices."""


class MissingDependency(NeuroBpdlError, ImportError):
    """A package that this call needs is not installed; names what to install."""


class CheckpointError(NeuroBpdlError):
    """A run directory or checkpoint that cannot be read, written or continued."""


class HardwareLimit(NeuroBpdlError):
    """A network that a target cannot hold; lists every violation at once."""


class SimulationError(NeuroBpdlError):
    """A Lava run that failed: carries the process's name and its traceback."""


def _short(value: object, limit: int = 80) -> str:
    text = " ".join(repr(value).split())
    return text if len(text) <= limit else text[: limit - 1] + "…"
