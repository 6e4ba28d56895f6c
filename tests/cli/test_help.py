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


def walked(command: Any, name: str) -> dict[str, Any]:
    """A command and those below it, by their names."""
    below = getattr(command, "commands", {})
    return {name: command} | {k: v for part in below for k, v in walked(below[part], f"{name} {part}".strip()).items()}


COMMANDS = walked(typer.main.get_command(app), "")
PARAMETERS = [
    pytest.param(parameter, id=f"{name} {parameter.opts[-1]}")
    for name, command in COMMANDS.items() for parameter in command.params
    if parameter.opts[-1] not in ("--help", "--install-completion", "--show-completion")  # typer's own
]  # fmt: skip
WORDS = r"N|X|N,…|NAME|NAME,…|DATA|RUN|FILE|(FILE|SWEEP)\.\w+|FOLDER|PATH|ADDRESS|TARGET|FIELD=VALUE|ENVIRONMENT"
CHOICES = r"[a-z0-9-]+([|,][a-z0-9-]+)+"
EITHER = rf"({WORDS})(\|({WORDS}))*|{CHOICES}"


def test_version(capfd) -> None:
    assert run(["--version"]) == 0
    assert capfd.readouterr().out == f"neuro-bpdl {neuro_bpdl.__version__}\n"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_shows_how_it_is_used(name: str) -> None:
    text = COMMANDS[name].help
    assert re.search(rf"^ *Examples?:\s+neuro-bpdl {name}\b", text, re.MULTILINE)


@pytest.mark.parametrize("parameter", PARAMETERS)
def test_every_option_and_argument_says_what_it_is_and_what_holds_without_it(parameter: Any) -> None:
    assert parameter.help and parameter.help.endswith(".")
    if getattr(parameter, "is_flag", False):
        return
    optional_argument = parameter.param_type_name == "argument" and not parameter.required
    form = rf"\[({EITHER})\]" if optional_argument else EITHER
    assert re.fullmatch(form, parameter.metavar), parameter.metavar
    assert parameter.required or parameter.show_default, "no default is shown"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_default_is_on_the_screen(name: str, capfd, monkeypatch) -> None:
    """What typer prints, not what it was told."""
    monkeypatch.setattr("typer.rich_utils.MAX_WIDTH", 250)
    assert run([*name.split(), "--help"]) == 0
    shown = capfd.readouterr().out
    wanted = [one for one in COMMANDS[name].params if not getattr(one, "is_flag", False) and not one.required]
    assert shown.count("[default: ") == len(wanted), shown


def test_the_walk_reaches_groups() -> None:
    assert {"", "train", "control", "control watch", "bandit train"} <= set(COMMANDS)


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


def test_help_in_a_locale_without_letters() -> None:
    every = f"from neuro_bpdl.cli.main import run; print([run([*n.split(), '--help']) for n in {list(COMMANDS)}])"
    text = said([], every, LC_ALL="C", PYTHONCOERCECLOCALE="0", PYTHONUTF8="0", PYTHONIOENCODING="ascii")
    assert text.isascii() and text.count("--help  ") == len(COMMANDS)
    assert text.splitlines()[-1] == str([0] * len(COMMANDS))


def said(arguments: list[str], code: str = "from neuro_bpdl.cli.main import main; main()", **environment: str) -> str:
    """The program's stdout, where it ends well."""
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False,
                          env={**os.environ, **environment})  # fmt: skip
    assert done.returncode == 0 and done.stderr == "", done.stderr
    return done.stdout
