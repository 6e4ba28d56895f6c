"""kill -9 at any moment, then --resume: the same bytes as a run that was never cut short."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

from faults.harness import ENGINES, Case, Program, attack, no_leftovers, ran, same_run, spread
from faults.templates import KINDS, Templates, resuming, training

TIMES = 50


def cases(made: Templates, times: int = TIMES) -> Iterator[Case]:
    """`TIMES` random moments of a training of every engine, a fifth of them of the other kinds; in its CPU time."""
    for kind in KINDS:
        for moment in spread(times if kind in ENGINES else times // 5, 0.0, 1.0, kind):
            yield Case(f"kill -9, {kind}", f"after {moment:.2f} of it", attack(_killed, made, kind, moment))


def _killed(folder: Path, made: Templates, kind: str, moment: float) -> None:
    place = folder / "work"
    place.mkdir()
    program = Program(training(kind, "r"), place).start()
    program.wait(moment * made.work[kind])
    program.send(signal.SIGKILL)
    program.end()
    if (place / "r").exists():
        ran(resuming(kind, "r"), place)
    else:
        ran(training(kind, "r"), place)  # killed before anything was there to continue
    same_run(place / "r", made.whole(kind))
    no_leftovers(place)
