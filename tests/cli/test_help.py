"""What the program says of itself: version, help of every command alike, completion, in any locale."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import Any

import pytest
import typer.main

import neuro_bpdl
from neuro_bpdl.cli.app import app
from neuro_bpdl.cli.main import run
from neuro_bpdl.recipes.composing import FROM_IMAGES

# Without the groups control and bandit, whose commands are theirs.
COMMANDS: dict[str, Any] = {
    name: command for name, command in typer.main.get_command(app).commands.items()  # type: ignore[attr-defined]
    if not hasattr(command, "commands")
}  # fmt: skip
OPTIONS = [
    pytest.param(option, id=f"{name} {option.opts[-1]}")
    for name, command in COMMANDS.items() for option in command.params
    if option.param_type_name == "option" and option.name != "help"
]  # fmt: skip
WORDS = r"N|X|N,…|NAME|NAME,…|DATA|RUN|FILE|FILE\.\w+|FOLDER|PATH|ADDRESS|TARGET|FIELD=VALUE"
CHOICES = r"[a-z0-9-]+([|,][a-z0-9-]+)+"


def test_version(capfd) -> None:
    assert run(["--version"]) == 0
    assert capfd.readouterr().out == f"neuro-bpdl {neuro_bpdl.__version__}\n"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_shows_how_it_is_used(name: str) -> None:
    text = COMMANDS[name].help
    assert re.search(rf"^ *Examples?:\s+neuro-bpdl {name}\b", text, re.MULTILINE)


@pytest.mark.parametrize("option", OPTIONS)
def test_every_option_says_what_it_is_and_what_holds_without_it(option: Any) -> None:
    assert option.help and option.help.endswith(".")
    if option.is_flag:
        return
    assert re.fullmatch(f"{WORDS}|{CHOICES}", option.metavar), option.metavar
    assert option.required or option.show_default, "no default is shown"


def test_defaults_in_help_are_those_of_the_specs() -> None:
    spec = neuro_bpdl.RunSpec()
    for option, value in {
        "--epochs": spec.training.epochs, "--seed": spec.training.seed, "--data": spec.data,
        "--layers": ",".join(map(str, spec.layers)), "--activation": spec.activation,
        "--noise": FROM_IMAGES["plasticity", "noise"], "--alpha": spec.inference.alpha,
        "--steps": spec.inference.steps, "--delta": spec.inference.delta,
        "--backend": spec.engine.backend, "--arithmetic": spec.engine.arithmetic, "--rounding": spec.engine.rounding,
    }.items():  # fmt: skip
        (shown,) = (param.show_default for param in COMMANDS["train"].params if option in param.opts)
        assert re.search(rf"(^|new one ){re.escape(str(value))}($|;)", shown), (option, value, shown)


@pytest.mark.parametrize(("words", "offered"), [
    ("tra", ["train"]), ("train --recipe digits-c", ["digits-chip"]), ("map --target kapoho_p", ["kapoho_point"]),
    ("train --data digi", ["digits"]), ("evaluate --backend ne", ["nengo"]),
    ("train --learning-r", ["--learning-rate"]),
])  # fmt: skip
def test_completion(words: str, offered: list[str]) -> None:
    line = f"neuro-bpdl {words}"
    environment = {"_NEURO_BPDL_COMPLETE": "complete_bash", "COMP_WORDS": line, "COMP_CWORD": str(words.count(" ") + 1)}
    assert said([], **environment).split() == offered


@pytest.mark.parametrize("name", COMMANDS)
def test_help_in_a_locale_without_letters(name: str) -> None:
    text = said([name, "--help"], LC_ALL="C", PYTHONCOERCECLOCALE="0", PYTHONUTF8="0", PYTHONIOENCODING="ascii")
    assert "--help" in text and text.isascii()


def said(arguments: list[str], **environment: str) -> str:
    """The program's stdout, where it ends well."""
    code = "from neuro_bpdl.cli.main import main; main()"
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False,
                          env={**os.environ, **environment})  # fmt: skip
    assert done.returncode == 0 and done.stderr == "", done.stderr
    return done.stdout
