"""Two writers: one of them is told so, or finds out before it writes."""

from __future__ import annotations

import shutil
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from faults.harness import (
    ENGINES,
    HANGS,
    Broken,
    Case,
    Program,
    attack,
    content,
    judged,
    no_leftovers,
    ran,
    same_run,
    spread,
)
from faults.templates import EPOCHS, KINDS, Templates, reading, resuming, training

TOGETHER = 24


def cases(made: Templates) -> Iterator[Case]:
    """For every engine: two trainings into one place, a resume meanwhile, a sleeper that wakes up."""
    for engine in KINDS:
        for k, gap in enumerate(spread(4, 0.0, 0.8, engine)):
            yield Case("two writers", f"{engine}, one place, {gap:.2f} s apart, {k}",
                       attack(_one_place, engine, gap))  # fmt: skip
        for k in range(3 if engine in ENGINES else 1):
            yield Case("two writers", f"{engine}, resumed while it trains, {k}",
                       attack(_resumed_meanwhile, engine))  # fmt: skip
            yield Case("two writers", f"{engine}, stopped, resumed, continued, {k}",
                       attack(_stopped, made, engine))  # fmt: skip
            yield Case("two writers", f"{engine}, a sleeper whose folder was made anew, {k}",
                       attack(_made_anew, made, engine))  # fmt: skip
            yield Case("two writers", f"{engine}, a sleeper whose folder is gone, {k}",
                       attack(_gone, engine))  # fmt: skip
    for k in range(3):
        yield Case("two writers", f"two resumes at once, {k}", attack(_two_resumes, made))
    yield Case("two writers", f"{TOGETHER} trainings side by side", attack(_side_by_side, made))


def _started(folder: Path, engine: str, epochs: int = 100_000) -> tuple[Path, Program]:
    """A training that has done an epoch."""
    place = folder / "work"
    place.mkdir(exist_ok=True)
    program = Program(training(engine, "r", epochs), place).start()
    _until(program, lambda: _learned(place / "r"))
    return place, program


def _learned(run: Path) -> bool:
    """Whether an epoch is done, or an agent saved."""
    metrics = run / "metrics.jsonl"
    return any(run.glob("agent-*")) or (metrics.exists() and len(metrics.read_text().splitlines()) > 1)


def _until(program: Program, holds: Callable[[], bool]) -> None:
    end = time.monotonic() + HANGS
    while not holds():
        if not program.running() or time.monotonic() > end:
            raise Broken(f"did not get so far: {program.end().err[-200:]}")
        time.sleep(0.01)


def _stop(program: Program) -> None:
    program.send(signal.SIGCONT)
    program.send(signal.SIGINT)
    judged(program.end(), (130,))


def _one_place(folder: Path, engine: str, gap: float) -> None:
    place = folder / "work"
    place.mkdir()
    first = Program(training(engine, "r", 3), place).start()
    first.wait(gap)
    second = Program(training(engine, "r", 3), place).start()
    codes = sorted(judged(program.end(), (0, 2)).code for program in (first, second))
    if codes != [0, 2]:
        raise Broken(f"exit codes {codes}, one of them should be 2")
    no_leftovers(place)
    ran(reading(engine, "r"), place)


def _resumed_meanwhile(folder: Path, engine: str) -> None:
    place, program = _started(folder, engine)
    try:
        refused = ran(resuming(engine, "r"), place, (2,))
        if str(program.pid) not in refused.err:
            raise Broken(f"does not say who: {refused.err!r}")
    finally:
        _stop(program)
    no_leftovers(place)


def _stopped(folder: Path, made: Templates, engine: str) -> None:
    """Refused while the sleeper lives; the sleeper goes on to its own end."""
    place, program = _started(folder, engine, EPOCHS)
    program.send(signal.SIGSTOP)
    try:
        before = content(place)
        refused = ran(resuming(engine, "r"), place, (0, 2))
        if refused.code == 2 and content(place) != before:
            raise Broken("a refused resume changed the run")
    finally:
        program.send(signal.SIGCONT)
    judged(program.end(), (0,))
    same_run(place / "r", made.whole(engine))
    no_leftovers(place)


def _made_anew(folder: Path, made: Templates, engine: str) -> None:
    place, program = _started(folder, engine)
    program.send(signal.SIGSTOP)
    shutil.rmtree(place / "r")
    shutil.copytree(made.whole(engine), place / "r")
    before = content(place)
    program.send(signal.SIGCONT)
    judged(program.end(), (2,))
    if content(place) != before:
        raise Broken("the sleeper wrote into another one's run")


def _gone(folder: Path, engine: str) -> None:
    place, program = _started(folder, engine)
    program.send(signal.SIGSTOP)
    shutil.rmtree(place / "r")
    program.send(signal.SIGCONT)
    judged(program.end(), (2,))
    if any(place.iterdir()):
        raise Broken("the sleeper made something again")


def _two_resumes(folder: Path, made: Templates) -> None:
    place = folder / "work"
    place.mkdir()
    ran(training("eager float", "r", 2), place)
    both = [Program(["train", "--resume", "r", "--epochs", str(EPOCHS)], place).start() for _ in range(2)]
    codes = sorted(judged(program.end(), (0, 2)).code for program in both)
    if codes[0] != 0:
        raise Broken(f"exit codes {codes}")
    same_run(place / "r", made.whole("eager float"))
    no_leftovers(place)


def _side_by_side(folder: Path, made: Templates) -> None:
    place = folder / "work"
    place.mkdir()
    engines = [list(ENGINES)[k % len(ENGINES)] for k in range(TOGETHER)]
    programs = [Program(training(engine, f"r{k}"), place).start() for k, engine in enumerate(engines)]
    for program in programs:
        judged(program.end(600), (0,))
    for k, engine in enumerate(engines):
        same_run(place / f"r{k}", made.whole(engine))
    no_leftovers(place)
