"""A few of the fault suite's kills: what is resumed ends as what was never cut short, to the byte."""

from __future__ import annotations

import signal
import time
from pathlib import Path

import pytest

from faults.harness import ENGINES, Program, no_leftovers, ran, same_run
from faults.templates import training

EPOCHS = 4  # as of `made`


@pytest.mark.parametrize("epochs", (0, 2))
@pytest.mark.parametrize("engine", ENGINES)
def test_killed_and_resumed(tmp_path: Path, made: Path, engine: str, epochs: int) -> None:
    place = tmp_path / "work"
    place.mkdir()
    program = Program(training(engine, "r", EPOCHS), place).start()
    metrics = place / "r" / "metrics.jsonl"
    while program.running() and (not metrics.exists() or len(metrics.read_text().splitlines()) < epochs):
        time.sleep(0.001)
    program.send(signal.SIGKILL)
    program.end()
    ran(["train", "--resume", "r"] if (place / "r").exists() else training(engine, "r", EPOCHS), place)
    same_run(place / "r", made / engine)
    no_leftovers(place)
