"""What commands print: results on stdout (a table, or JSON alone), everything else on stderr.

Every value is literal text: no markup in names, no control characters to the terminal.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import typer

from neuro_bpdl.files.folders import quoted
from neuro_bpdl.files.json_file import json_text

if TYPE_CHECKING:
    from rich.console import Console

_CONTROLS = {code: f"\\x{code:02x}" for code in (*range(9), *range(11, 32), *range(127, 160))}


def console(*, stderr: bool = False) -> Console:
    """Where tables and lines go; brackets in them are brackets."""
    from rich.console import Console

    return Console(stderr=stderr, markup=False, emoji=False, highlight=False)


def printable(text: str) -> str:
    """The text with control characters (colours, cursor moves) spelt out; tabs and line ends stay."""
    return text.translate(_CONTROLS)


def echo_json(result: Any, indent: int = 2) -> None:
    """JSON that any reader takes, alone on stdout."""
    typer.echo(json_text(result, indent))


def emit(result: dict[str, Any], as_json: bool, title: str, rows: dict[str, Any]) -> None:
    """Print ``result`` as JSON, or ``rows`` as a table with ``title``."""
    if as_json:
        echo_json(result)
    else:
        show(title, rows)


def show(title: str, rows: dict[str, Any]) -> None:
    """Print ``rows`` as a table with ``title``."""
    from rich.table import Table

    table = Table(title=title, title_justify="left", show_header=False, box=None, padding=(0, 2))
    table.add_column()
    table.add_column(overflow="fold")
    for name, value in rows.items():
        table.add_row(name, printable(_text(value)))
    console().print(table)


def note(message: str) -> None:
    """One line on stderr."""
    typer.echo(printable(message), err=True)


def label_of(result: dict[str, Any]) -> str:
    """Backend, model, arithmetic, rounding, code, seed and data of a result, for one cell."""
    parts = [result[key] for key in ("backend", "model", "arithmetic", "rounding", "code") if result.get(key)]
    return " ".join(parts) + f", seed {result['seed']}, {result['data']}"


@contextmanager
def resumable(command: str) -> Iterator[None]:
    """Ctrl-C in the block says with which command to go on."""
    try:
        yield
    except KeyboardInterrupt as stop:
        stop.args = (f"interrupted; continue with: neuro-bpdl {command}",)
        raise


def finished(run: Any, kind: str, tell: Any) -> dict[str, Any]:
    """The result of an agents' run; print it once its folder is let go: a full terminal is not a full disk."""
    with resumable(f"{kind} train --resume {quoted(run.path)}"):
        result: dict[str, Any] = run.train(tell)
    return result


@contextmanager
def progress_bar(title: str, total: int, start: int = 0) -> Iterator[Callable[[int], None]]:
    """A bar over images with rate and time left, on stderr; the block tells what it gets how many are done."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("images"),
        TextColumn("{task.fields[rate]}"), TextColumn("left"), TimeRemainingColumn(),
    )  # fmt: skip
    began, screen = time.perf_counter(), console(stderr=True)
    with Progress(*columns, console=screen, transient=True, disable=not screen.is_terminal) as bar:
        task = bar.add_task(title, total=total, completed=start, rate="")

        def done(n: int) -> None:
            rate = (n - start) / max(time.perf_counter() - began, 1e-9)
            bar.update(task, completed=n, rate=f"{rate:.0f}/s")

        yield done


def _text(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
