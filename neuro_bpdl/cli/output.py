"""What commands print: results on stdout (a table, or JSON alone), everything else on stderr."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import typer

INTERRUPTED = 130  # exit code after Ctrl-C, as shells have it


def emit(result: dict[str, Any], as_json: bool, title: str, rows: dict[str, Any]) -> None:
    """Print ``result`` as JSON, or ``rows`` as a table with ``title``."""
    if as_json:
        typer.echo(json.dumps(result, indent=2))
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(title=title, title_justify="left", show_header=False, box=None, padding=(0, 2))
    table.add_column()
    table.add_column(overflow="fold")
    for name, value in rows.items():
        table.add_row(name, _text(value))
    Console().print(table)


def note(message: str) -> None:
    """One line on stderr."""
    typer.echo(message, err=True)


def label_of(result: dict[str, Any]) -> str:
    """Backend, model, arithmetic, rounding, seed and data of a result, for one cell."""
    parts = [result[key] for key in ("backend", "model", "arithmetic", "rounding") if result.get(key)]
    return " ".join(parts) + f", seed {result['seed']}, {result['data']}"


@contextmanager
def progress_bar(title: str, total: int, start: int = 0) -> Iterator[Callable[[int], None]]:
    """A bar over images with rate and time left, on stderr; the block tells what it gets how many are done."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("images"),
        TextColumn("{task.fields[rate]}"), TextColumn("left"), TimeRemainingColumn(),
    )  # fmt: skip
    began, console = time.perf_counter(), Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(title, total=total, completed=start, rate="")

        def done(n: int) -> None:
            rate = (n - start) / max(time.perf_counter() - began, 1e-9)
            bar.update(task, completed=n, rate=f"{rate:.0f}/s")

        yield done


def _text(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
