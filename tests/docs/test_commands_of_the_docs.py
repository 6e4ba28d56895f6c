"""Commands that the README and the pages show are ones that the program takes, option by option."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import typer

from neuro_bpdl.cli.app import app

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(r"^```sh\n(.*?)^```", re.DOTALL | re.MULTILINE)


def commands_of(page: Path) -> list[str]:
    blocks = "".join(BLOCK.findall(page.read_text(encoding="utf-8"))).replace("\\\n", " ")
    return [line for line in blocks.splitlines() if line.startswith("neuro-bpdl ")]


SHOWN = [(page.relative_to(ROOT).as_posix(), line) for page in PAGES for line in commands_of(page)]


def parsed(command: Any, name: str, words: list[str], parent: Any = None) -> Any:
    """The context of the innermost command; a usage error where the program would say one."""
    context = command.make_context(name, list(words), parent=parent)
    rest = [*getattr(context, "_protected_args", ()), *context.args]
    if not hasattr(command, "commands") or not rest:
        return context
    inner, chosen, others = command.resolve_command(context, rest)
    return parsed(chosen, inner, others, context)


@pytest.mark.parametrize(("page", "line"), SHOWN, ids=[f"{page}-{line[11:60]}" for page, line in SHOWN])
def test_the_program_takes_it(page: str, line: str) -> None:
    words = [word.strip("[]") for word in shlex.split(line, comments=True)[1:]]
    if "--install-completion" not in words:
        parsed(typer.main.get_command(app), "neuro-bpdl", words)


def test_there_are_many_and_a_wrong_one_is_seen() -> None:
    assert len(SHOWN) > 40 and {page for page, _ in SHOWN} >= {"README.md", "docs/tutorial.md"}
    with pytest.raises(typer.BadParameter.__mro__[1], match="--nothing"):
        parsed(typer.main.get_command(app), "neuro-bpdl", ["train", "--nothing"])


def test_the_readme_is_a_page_long() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 85
