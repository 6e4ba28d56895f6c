"""The program neuro-bpdl: every end of a command is one line and an exit code.

Only light imports here: Ctrl-C while the rest loads is an end like any other.
"""

from __future__ import annotations

import errno
import itertools
import os
import signal
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from neuro_bpdl.cli.stopping import stoppable

FAILED, REFUSED, PIPE_CLOSED = 1, 2, 128 + 13
OPTIONS = {  # arguments of functions under the name they have here
    "data": "--data", "fraction": "--missing", "kind": "--kind", "limit": "--limit", "seed": "--seed", "out": "--out",
    "batch": "--batch", "inference.order": "order", "inference.langevin": "langevin",
    "inference.alpha": "--alpha", "target": "--target",
}  # fmt: skip
_MENDS = {
    errno.EMFILE: "raise the limit (ulimit -n)", errno.ENFILE: "close other programs",
    errno.ENOSPC: "free some room", errno.EDQUOT: "free some room", errno.EFBIG: "raise the limit (ulimit -f)",
    errno.ENOMEM: "choose a smaller network, --batch or --limit", errno.EAGAIN: "raise the limit (ulimit -u)",
    errno.ENAMETOOLONG: "choose a shorter name",
}  # fmt: skip
_OF_THE_MACHINE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EMFILE, errno.ENFILE, errno.ENOMEM)
_NO_ROOM = ("can't start new thread", "cannot allocate", "failed to map segment", "no usable temporary directory",
            "shared object file")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the program; leaves with its exit code."""
    sys.exit(run(sys.argv[1:] if arguments is None else arguments))


def run(arguments: Sequence[str]) -> int:
    """Run one command line.

    Returns
    -------
    0, 1 when the computation or the machine failed, 2 when the input was refused (one line on stderr says why),
    130, 143 or 129 after Ctrl-C, SIGTERM or SIGHUP, 141 when nobody reads the output, or the command's own code.
    """
    with stoppable() as stops, _one_line_warnings():
        try:
            _plain_streams()
            code = _command(arguments)
            if stops.number:  # typer has made an exit code of it
                raise KeyboardInterrupt(stops.message)
            sys.stdout.flush()
        except KeyboardInterrupt as stop:
            stops.arrive()
            code = _say(str(stop) or "interrupted", 128 + (stops.number or signal.SIGINT), "")
        except BrokenPipeError:
            code = PIPE_CLOSED
        except (OSError, MemoryError, RuntimeError, ImportError) as error:
            code = _machine(error)
        stops.arrive()
        _let_go_of_stdout()
    return code


def _command(arguments: Sequence[str]) -> int:
    import typer

    from neuro_bpdl.cli.app import app
    from neuro_bpdl.errors import Diverged, HardwareLimit, InvalidInput, NeuroBpdlError, SimulationError

    # typer has its own copy of click in some versions: this is the class that its errors derive from
    usage: type[Exception] = next(kind for kind in typer.BadParameter.__mro__ if kind.__name__ == "ClickException")
    try:
        code = app(list(arguments) or ["--help"], prog_name="neuro-bpdl", standalone_mode=False)
    except usage as error:
        return _say(_usage(error, arguments))
    except typer.Abort:
        raise KeyboardInterrupt from None
    except SystemExit as end:  # rich and typer leave with 1 when nobody reads
        if isinstance(end.__context__, BrokenPipeError):
            raise end.__context__ from None
        raise
    except (HardwareLimit, SimulationError) as error:  # every violation, and a child's traceback, on lines of their own
        return _say(str(error), REFUSED if isinstance(error, HardwareLimit) else FAILED, lines=True)
    except InvalidInput as error:
        option = OPTIONS.get(error.argument, error.argument)
        return _say(str(InvalidInput(option, error.value, error.allowed, error.mend)))
    except NeuroBpdlError as error:
        failed = isinstance(error, Diverged) or getattr(error, "errno", None) in _OF_THE_MACHINE
        return _say(str(error), FAILED if failed else REFUSED)
    return code if isinstance(code, int) else 0


def _say(message: str, code: int = REFUSED, name: str = "neuro-bpdl: ", *, lines: bool = False) -> int:
    from neuro_bpdl.cli.output import printable

    text = "\n".join(message.splitlines()) if lines else " ".join(message.split())
    with suppress(OSError, ValueError):  # nobody may be there to read it
        print(name + printable(text), file=sys.stderr, flush=True)
    return code


def _machine(error: BaseException) -> int:
    """What the machine did not give, in one line; a bug stays a bug."""
    number = getattr(error, "errno", None)
    text = " ".join(str(error).split())
    if isinstance(error, MemoryError):
        return _say(f"out of memory ({text or 'no more is given'}); {_MENDS[errno.ENOMEM]}", FAILED)
    if isinstance(error, OSError) and number is not None:
        place = f": {error.filename}" if error.filename else ""
        mend = _MENDS.get(number, "")
        code = REFUSED if number == errno.ENAMETOOLONG else FAILED  # a name is input, whoever refuses it
        return _say(f"{error.strerror}{place}{'; ' + mend if mend else ''}", code)
    if any(said in text.lower() for said in _NO_ROOM):
        return _say(f"{text}; {_MENDS[errno.ENOMEM]}", FAILED)
    raise error


def _plain_streams() -> None:
    """A stream that was closed leads nowhere; what a terminal or a locale has not is written as escapes."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115 (for as long as the program runs)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def _let_go_of_stdout() -> None:
    """What could not be written must not be tried again when the interpreter ends."""
    try:
        sys.stdout.flush()
    except (OSError, ValueError):
        with suppress(OSError, ValueError):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, sys.stdout.fileno())
            os.close(nowhere)


@contextmanager
def _one_line_warnings() -> Iterator[None]:
    """Our own warnings as one line; others as ever."""
    before = warnings.showwarning

    def show(message: Any, category: Any, *rest: Any, **named: Any) -> None:
        if category.__name__ == "NeuroBpdlWarning":
            _say(str(message), name="")
        else:
            before(message, category, *rest, **named)

    warnings.showwarning = show
    try:
        yield
    finally:
        warnings.showwarning = before


def _usage(error: Exception, arguments: Sequence[str]) -> str:
    """An option's value of the wrong type, in the form of our own errors; else what typer says."""
    from neuro_bpdl.errors import InvalidInput

    names = list(getattr(getattr(error, "param", None), "opts", ()))
    given = [value for name, value in itertools.pairwise(arguments) if name in names]
    said = str(getattr(error, "message", "") or error)
    if given:
        return str(InvalidInput(names[0], given[-1], said.removeprefix("Input should be "), "see --help"))
    form = getattr(error, "format_message", None)
    return f"{form() if form is not None else error} (see neuro-bpdl --help)"
