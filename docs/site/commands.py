"""The page of commands: what `--help` says, for every command that there is."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

MARK = "<!-- every command's help -->"
WIDTH = "100"


def on_page_markdown(markdown: str, **_: Any) -> str:
    return markdown.replace(MARK, "\n".join(_helps())) if MARK in markdown else markdown


def _helps() -> Iterator[str]:
    os.environ.update(COLUMNS=WIDTH, TERMINAL_WIDTH=WIDTH, NO_COLOR="1")
    import typer
    from typer.testing import CliRunner

    from neuro_bpdl.cli.app import app

    for words in _names(typer.main.get_command(app)):
        said = CliRunner().invoke(app, [*words, "--help"], prog_name="neuro-bpdl")
        if said.exit_code:
            raise SystemExit(f"neuro-bpdl {' '.join(words)} --help: {said.output}")
        yield f"## neuro-bpdl {' '.join(words)}\n\n```text\n{said.output.strip()}\n```\n"


def _names(command: Any, words: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for name, one in getattr(command, "commands", {}).items():
        yield (*words, name)
        yield from _names(one, (*words, name))
