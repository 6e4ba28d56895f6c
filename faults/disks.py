"""Full disks: a small tmpfs where mounting is allowed, a limit on file sizes everywhere."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from faults.harness import Attack, Broken, Case, Program, attack, content, copied, judged, no_leftovers, ran, spread
from faults.templates import EPOCHS, Templates, resuming, training

TMPFS_KIB = (4, 8, 12, 16, 20, 24, 28, 36, 44, 60, 80, 120)


def cases(made: Templates) -> Iterator[Case]:
    """Every command that writes, with room for less and less."""
    run, fixed = str(made.whole("eager float")), str(made.whole("eager fixed"))
    writing = {
        "train": (training("eager float", "r", 3), 24_000, 10),
        "train Lava": (training("Lava fused", "r", 2), 24_000, 6),
        "generate": (["generate", run, "--n", "25", "--out", "s.npz"], 60_000, 10),
        "inpaint": (["inpaint", run, "--limit", "20", "--out", "i.npz"], 60_000, 8),
        "export loihi": (["export", fixed, "--out", "c"], 50_000, 12),
        "export nir": (["export", run, "--format", "nir", "--out", "n.nir"], 400_000, 12),
        "compare": (["compare", run, "--backends", "theory,eager", "--n", "9", "--figures", "f"], 60_000, 6),
        "map": (["map", run, "--picture", "m.png"], 30_000, 6),
        "train labels": (training("labels", "r", 2), 24_000, 6),
        "control train": (training("control", "r", 4), 24_000, 6),
        "control watch": (["control", "watch", str(made.whole("control")), "--out", "e.gif"], 60_000, 4),
        "bandit train": (training("bandit", "r", 2), 24_000, 6),
        "classify": (["classify", str(made.whole("labels")), "--out", "a.npz"], 8_000, 4),
        "sweep": (["sweep", str(made.sweep), "--workers", "1", "--out", "s"], 30_000, 4),
    }
    for name, (command, largest, count) in writing.items():
        for size in spread(count, 0, largest, name):
            yield Case("file size", f"{name}, {int(size)} bytes at most", _limited(command, int(size)))
        if can_mount():
            for kib in TMPFS_KIB[: 12 if name in ("train", "export loihi") else 6]:
                yield Case("full disk", f"{name}, {kib} KiB", _small_disk(command, kib))
    for size in spread(12, 200, 24_000, "resume"):
        yield Case("file size", f"resume, {int(size)} bytes at most",
                   attack(_resumed, made, int(size)))  # fmt: skip
    for size in spread(6, 0, 120_000, "report"):
        yield Case("file size", f"report, {int(size)} bytes at most",
                   attack(_report, made, int(size)))  # fmt: skip


@cache
def can_mount() -> bool:
    """Whether a tmpfs may be mounted in a mount namespace of its own."""
    script = "mount -t tmpfs -o size=16k tmpfs /mnt"
    try:
        done = subprocess.run(["unshare", "-m", "sh", "-c", script], capture_output=True, check=False, timeout=20)
    except OSError:
        return False
    return done.returncode == 0


def _limited(command: list[str], size: int) -> Attack:
    def run(folder: Path) -> None:
        place = folder / "work"
        place.mkdir()
        # the outputs of the harness must not count: they are files too, but small
        ended = judged(Program(command, place, limits={resource.RLIMIT_FSIZE: max(size, 1500)}).start().end(), (0, 1))
        _whole_or_not_there(place, ended.code)

    return run


def _small_disk(command: list[str], kib: int) -> Attack:
    """In a mount namespace: the disk is gone with the command, so the check for leftovers is the command's shell."""

    def run(folder: Path) -> None:
        disk = folder / "disk"
        disk.mkdir()
        python = f"{sys.executable} -c 'from neuro_bpdl.cli.main import main; main()'"
        words = " ".join(f"'{word}'" for word in command)
        script = (
            f"mount -t tmpfs -o size={kib}k tmpfs {disk} && cd {disk} && {python} {words}; code=$?; "
            "find . -name '.?*' ! -name . >&2; exit $code"
        )
        program = Program((), folder / "disk", cold=True, command=["/usr/bin/unshare", "-m", "sh", "-c", script])
        ended = judged(program.start().end(), (0, 1))
        if hidden := [line for line in ended.err.splitlines() if line.startswith("./")]:
            raise Broken(f"leftovers: {hidden[:3]}")

    return run


def _whole_or_not_there(place: Path, code: int) -> None:
    no_leftovers(place)
    if (place / "r").exists():
        ran(resuming(json.loads((place / "r" / "config.json").read_bytes()).get("kind", ""), "r"), place)
    if (place / "c").exists():
        from neuro_bpdl.export import load_export

        load_export(place / "c")
    if code and any((place / name).exists() for name in ("c", "n.nir")):
        raise Broken("failed, but something is there")


def _resumed(folder: Path, made: Templates, size: int) -> None:
    """The run is as it was, or further; and goes on to its end when there is room again."""
    from faults.harness import same_run

    run = copied(made.whole("eager float"), folder)
    short = folder / "work"
    short.mkdir()
    ran(training("eager float", "r", 2), short)
    limits = {resource.RLIMIT_FSIZE: max(size, 1500)}
    judged(Program(["train", "--resume", "r", "--epochs", str(EPOCHS)], short, limits=limits).start().end(), (0, 1))
    no_leftovers(short)
    ran(["train", "--resume", "r", "--epochs", str(EPOCHS)], short)
    same_run(short / "r", run)


def _report(folder: Path, made: Templates, size: int) -> None:
    run = copied(made.whole("eager float"), folder)
    before = content(run)
    limits = {resource.RLIMIT_FSIZE: max(size, 1500)}
    ended = judged(Program(["report", str(run)], folder / run.name, limits=limits).start().end(), (0, 1))
    if ended.code and content(run) != before:
        raise Broken("a failed report changed the run")
    no_leftovers(run)
