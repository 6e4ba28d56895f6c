"""Cases, the processes they start, and what has to hold whenever one ends."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from faults.program import HANGS, Broken, Ended, Program

__all__ = ["HANGS", "Broken", "Ended", "Program"]

TINY = ("--data", "digits", "--layers", "16,8", "--limit", "60")
ENGINES: dict[str, tuple[str, ...]] = {
    "theory": ("--backend", "theory"),
    "eager float": (),
    "eager fixed": ("--arithmetic", "fixed"),
    "Lava fused": ("--backend", "lava"),
}


@dataclass(frozen=True)
class Case:
    """One attack; ``run`` gets an empty folder and raises `Broken` (or anything) when something does not hold."""

    kind: str
    name: str
    run: Callable[[Path], None]


Attack = Callable[[Path], None]


def attack(run: Callable[..., None], *rest: object) -> Attack:
    """``run`` with everything but its folder."""
    return lambda folder: run(folder, *rest)


def ran(arguments: Sequence[str], cwd: Path, codes: Sequence[int] = (0,), **how: Any) -> Ended:
    """Run a command to its end; another exit code, a traceback or several lines of refusal are `Broken`."""
    return judged(Program(arguments, cwd, **how).start().end(), codes)


def judged(ended: Ended, codes: Sequence[int]) -> Ended:
    """`Broken` unless the exit code is one of ``codes`` and nothing is said in a traceback."""
    last = ended.err.strip().splitlines()[-1:] or [""]
    if "Traceback" in ended.err or "Exception ignored" in ended.err:
        raise Broken(f"traceback: {last[0][:160]}")
    if ended.code not in codes:
        raise Broken(f"exit code {ended.code}, allowed {list(codes)}: {last[0][:160]}")
    said = [line for line in ended.err.splitlines() if line.startswith("neuro-bpdl: ")]
    if len(said) > 1:
        raise Broken(f"{len(said)} refusals: {said[0][:80]}")
    return ended


def no_leftovers(folder: Path) -> None:
    """`Broken` when a hidden or temporary file is anywhere below ``folder``."""
    found = [path.name for path in folder.rglob("*") if path.name.startswith(".") or ".tmp" in path.name]
    if found:
        raise Broken(f"leftovers: {', '.join(found[:3])}")


def same_run(one: Path, other: Path) -> None:
    """`Broken` unless checkpoints, agents and results are equal to the byte, and the curves but for their times."""
    for pattern in ("*.safetensors", "result.json"):
        found, wanted = ({path.name: path.read_bytes() for path in run.glob(pattern)} for run in (one, other))
        if found != wanted:
            raise Broken(f"another {pattern} than the uninterrupted run's")
    if _curve(one) != _curve(other):
        raise Broken("another curve than the uninterrupted run's")


def copied(source: Path, folder: Path) -> Path:
    """A run or export to attack."""
    return Path(shutil.copytree(source, folder / source.name))


def content(folder: Path) -> dict[str, bytes]:
    """Every file below a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def spread(count: int, low: float, high: float, seed: str) -> Iterator[float]:
    """Times or sizes, one in each of ``count`` equal parts of the range, at random inside it."""
    import random

    rng, step = random.Random(seed), (high - low) / count
    return (low + step * (part + rng.random()) for part in range(count))


def _curve(run: Path) -> list[str]:
    metrics = run / "metrics.jsonl"
    lines = metrics.read_text().splitlines() if metrics.exists() else []
    return [re.sub(r'"(seconds|images_per_second|digest)": [^,}]+[,}]', "", line) for line in lines]
