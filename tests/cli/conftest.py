from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from neuro_bpdl.cli.main import run


@pytest.fixture
def refused(capfd: pytest.CaptureFixture[str]) -> Callable[[Sequence[str]], str]:
    """The one line of a command line that is refused with exit code 2."""

    def call(arguments: Sequence[str]) -> str:
        capfd.readouterr()
        assert run(arguments) == 2
        out, err = capfd.readouterr()
        assert out == "" and err.count("\n") == 1 and err.startswith("neuro-bpdl: "), err
        return err

    return call


@pytest.fixture
def answered(capfd: pytest.CaptureFixture[str]) -> Callable[[Sequence[str]], Any]:
    """What a command prints with --json."""

    def call(arguments: Sequence[str]) -> Any:
        assert run([*arguments, "--json"]) == 0, capfd.readouterr().err
        return json.loads(capfd.readouterr().out)

    return call
