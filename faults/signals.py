"""Ctrl-C, SIGTERM and SIGHUP at any moment of any command: one line, 128 + the signal, nothing left."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from faults.harness import (
    Attack,
    Broken,
    Case,
    Program,
    attack,
    copied,
    judged,
    no_leftovers,
    ran,
    spread,
)
from faults.templates import KINDS, Templates, reading, training

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
NOHUP_WORK = 0.3  # CPU seconds


def cases(made: Templates) -> Iterator[Case]:
    """Every signal at several moments of every command; and twice, and ignored."""
    run = str(made.whole("eager float"))
    commands = {
        **{f"train {kind}": (training(kind, "r", 100_000), 1.5) for kind in KINDS},
        "evaluate": (["evaluate", run], 0.3),
        "generate": (["generate", run, "--n", "400", "--out", "s.npz"], 0.5),
        "inpaint": (["inpaint", run, "--out", "i.npz"], 0.5),
        "compare": (["compare", run, "--backends", "theory,eager,lava", "--n", "20"], 1.5),
        "export": (["export", str(made.whole("eager fixed")), "--out", "c"], 0.3),
        "map": (["map", run], 0.2),
        "demo": (["demo", "--recipe", "digits-chip", "--limit", "100", "--epochs", "2", "--out", "d"], 3.0),
        "reproduce": (["reproduce", "fig1", "--quick", "--out", "q"], 1.5),
        "classify": (["classify", str(made.whole("labels")), "--out", "a.npz"], 0.3),
        "control evaluate": (["control", "evaluate", str(made.whole("control")), "--episodes", "1000"], 0.5),
        "control watch": (["control", "watch", str(made.whole("control")), "--out", "e.gif"], 0.5),
        "sweep": (["sweep", str(made.sweep), "--workers", "1", "--out", "s"], 3.0),
        "doctor": (["doctor"], 2.0),
    }
    for name, (command, seconds) in commands.items():
        for number in SIGNALS:
            for moment in spread(3 if name.startswith("train") else 2, 0.02, seconds, f"{name} {number}"):
                said = f"{name}, {number.name} after {moment:.2f} s"
                yield Case("signals", said, _stopped(command, [number], moment))
    for number in SIGNALS:
        again = [number, signal.SIGTERM, signal.SIGINT]
        lava = training("Lava fused", "r", 100_000)
        yield Case("signals", f"{number.name}, then two more", _stopped(lava, again, 1.0))
        for moment in spread(4, 0.1, 4.0, f"cold {number}"):
            cold = _stopped(training("eager float", "r", 100_000), [number], moment, cold=True)
            yield Case("signals", f"a new interpreter, {number.name} after {moment:.2f} s", cold)
    for engine in ("eager float", "Lava fused"):
        yield Case("signals", f"nohup, {engine}", attack(_nohup, made, engine))


def _stopped(command: list[str], numbers: Sequence[int], moment: float, *, cold: bool = False) -> Attack:
    def run(folder: Path) -> None:
        place = folder / "work"
        place.mkdir()
        program = Program(command, place, cold=cold).start()
        program.wait(moment)
        for number in numbers:
            program.send(number)
            time.sleep(0.005)
        # Python handles signals that wait together by their number, not in the order in which they came
        ended = judged(program.end(), (0, *(128 + number for number in numbers)))
        if ended.code and "interrupted" not in ended.err:
            raise Broken(f"says nothing: {ended.err[-80:]!r}")
        no_leftovers(place)
        if (place / "r").exists() and command[0] != "bandit":  # nothing but a resume reads a bandit's agents
            labels = "labels-quick" in command
            how = [] if command[0] == "control" or labels else ["--backend", "theory", "--arithmetic", "float"]
            # a control run that was stopped before its first save has no agent yet
            ran([*reading(command[0], "r"), *how], place, (0, 2) if command[0] == "control" else (0,))

    return run


def _nohup(folder: Path, made: Templates, engine: str) -> None:
    """What ignores SIGHUP goes on to the same end."""
    from faults.harness import same_run

    place = folder / "work"
    place.mkdir()
    ignore = lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN)  # noqa: E731
    program = Program(training(engine, "r"), place, before=ignore).start()
    program.wait(NOHUP_WORK)
    program.send(signal.SIGHUP)
    judged(program.end(), (0,))
    same_run(place / "r", made.whole(engine))
    copied(place / "r", folder)
