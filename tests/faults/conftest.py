from __future__ import annotations

import io
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from faults.harness import ENGINES
from faults.templates import SWEEP, training
from neuro_bpdl.cli.main import run

EPOCHS = 4


def ran(*arguments: str) -> None:
    """In this process: what is forked later has everything imported."""
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()) as said:
        assert run(arguments) == 0, said.getvalue()


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A whole run of every engine under its name, the export ``chip`` of the one in fixed point, and the newer kinds.

    Those are ``labels``, ``control`` and ``sweep.toml``.
    """
    folder = tmp_path_factory.mktemp("made")
    for engine in ENGINES:
        ran(*training(engine, str(folder / engine), EPOCHS))
    for kind in ("labels", "control"):
        ran(*training(kind, str(folder / kind), 1))
    (folder / "sweep.toml").write_text(SWEEP)
    ran("export", str(folder / "eager fixed"), "--out", str(folder / "chip"))
    return folder
