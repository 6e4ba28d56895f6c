"""What a machine may not give: memory, descriptors, a terminal, a locale, a home, a reader, the time."""

from __future__ import annotations

import os
import resource
import shlex
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from faults.disks import can_mount
from faults.harness import Attack, Broken, Case, Program, attack, copied, judged, no_leftovers, ran, same_run
from faults.templates import Templates, training

NAMES = (
    "[bold]x[/r]", "a b", "it's", 'say "x"', "$HOME", "-x", "ü-λ", "a\tb", "x\x1b[31m", "100%", "#1", "*", "a;b", "{0}",
    "x" * 120, "[link=file:/]y", ":smile:",
)  # fmt: skip
CLOCKS = {
    "1970": "return float(k)", "2040": "return 2.2e9 + k", "backwards": "return 1.7e9 - 60.0 * k",
    "stands still": "return 1.7e9", "jumps": "return 1.7e9 + (k % 7) * 1e6", "before 1980": "return 1e7 + k",
}  # fmt: skip


def cases(made: Templates) -> Iterator[Case]:
    """All of them."""
    run = str(made.whole("eager float"))
    commands = {
        "evaluate": ["evaluate", run],
        "train": training("eager float", "r", 2),
        "train fixed": training("eager fixed", "r", 2),
        "map": ["map", run],
        "generate": ["generate", run, "--n", "4", "--out", "s.npz"],
    }
    newer = {
        "classify": ["classify", str(made.whole("labels"))],
        "control train": training("control", "r", 4),
        "bandit train": training("bandit", "r", 2),
        "recipes": ["recipes"],
        "doctor": ["doctor"],
    }
    for name, command in (commands | newer).items():
        for files in (6, 9, 12, 16, 24, 40) if name in commands else (6, 16):
            limits = {resource.RLIMIT_NOFILE: files}
            yield Case("descriptors", f"{name}, {files}", _with(command, (0, 1, 2), limits=limits, cold=True))
        for megabytes in (700, 1000, 1500, 2500) if name in commands else (700,):
            limits = {resource.RLIMIT_AS: megabytes << 20}
            yield Case("memory", f"{name}, {megabytes} MiB", _with(command, (0, 1, 2), limits=limits, cold=True))
        yield Case("output", f"{name} > /dev/full", _with(command, (1,), stdout="/dev/full"))
        yield Case("output", f"{name} | closed", _with(command, (141,), before=_closed_pipe))
        fine = (0, 1) if name == "doctor" else (0,)  # it says what is missing here
        yield Case("output", f"{name} >&-", _with(command, fine, before=lambda: os.close(1), cold=True))
        yield Case("output", f"{name} <&-", _with(command, fine, before=lambda: os.close(0), cold=True))
    lava = training("Lava fused", "r", 2)
    for files in (12, 24, 32, 40, 64):
        limits = {resource.RLIMIT_NOFILE: files}
        yield Case("descriptors", f"train Lava, {files}", _with(lava, (0, 1, 2), limits=limits, cold=True))
    yield from _strange(made, commands | newer)
    yield from _places(made)
    for size in (10**6, 10**9):
        big = ["train", "--data", "digits", "--layers", f"{min(size, 10**6)},{min(size, 10**6)}", "--out", "r"]
        limits = {resource.RLIMIT_AS: 6 << 30}
        yield Case("memory", f"a network of {size} units", _with(big, (1, 2), limits=limits))


def _strange(made: Templates, commands: dict[str, list[str]]) -> Iterator[Case]:
    """Locales, umasks, names and clocks that few have."""
    for locale in ({"LC_ALL": "C"}, {"LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
                   {"PYTHONIOENCODING": "ascii"}, {"PYTHONIOENCODING": "latin-1"}):  # fmt: skip
        for name in ("evaluate", "train fixed", "classify", "control train", "recipes", "doctor"):
            codes = (0, 1) if name == "doctor" else (0,)  # it says what is missing here
            yield Case("locale", f"{name}, {locale}", _with(commands[name], codes, env=locale, cold=True))
    for mask in (0o000, 0o022, 0o027, 0o077):
        yield Case("umask", f"{mask:03o}", attack(_umask, made, mask))
    for name in NAMES:
        yield Case("names", repr(name)[:40], attack(_named, name))
    for name in ("x" * 300, "a/" * 3000, "a\0b"):
        yield Case("names", f"{name[:6]!r}, {len(name)} long", attack(_too_odd, name))
    for clock, body in CLOCKS.items():
        yield Case("clock", clock, attack(_clock, made, body))


def _places(made: Templates) -> Iterator[Case]:
    for name in ("no home", "read-only package, no home"):
        if name == "no home" or can_mount():
            yield Case("places", name, attack(_no_cache, name != "no home"))
    yield Case("places", "the folder is removed meanwhile", _no_folder)
    yield Case("places", "resumed from elsewhere, data by a relative path", _from_elsewhere)
    yield Case("places", "run and data moved together", _moved)
    yield Case("places", "--resume --epochs below the config's", attack(_shortened, made))
    for method in ("Pool", "ProcessPoolExecutor", "spawn"):
        for engine in ("lava", "eager"):
            yield Case("places", f"{engine} in {method}", attack(_pool, method, engine))


def _with(command: list[str], codes: tuple[int, ...], **how: Any) -> Attack:
    def run(folder: Path) -> None:
        place = folder / "work"
        place.mkdir()
        ran(command, place, codes, **how)
        no_leftovers(place)

    return run


def _closed_pipe() -> None:
    read, write = os.pipe()
    os.close(read)
    os.dup2(write, 1)


def _umask(folder: Path, made: Templates, mask: int) -> None:
    place = folder / "work"
    place.mkdir()
    before = lambda: os.umask(mask)  # noqa: E731
    for command in (training("eager fixed", "r", 1), ["export", str(made.whole("eager fixed")), "--out", "c"],
                    ["generate", "r", "--n", "4", "--out", "s.npz"]):  # fmt: skip
        ran(command, place, before=before)
    for path in place.rglob("*"):
        wanted = (0o777 if path.is_dir() else 0o666) & ~mask
        if stat.S_IMODE(path.stat().st_mode) != wanted:
            raise Broken(f"{path.name} is {stat.S_IMODE(path.stat().st_mode):o}, not {wanted:o}")


def _named(folder: Path, name: str) -> None:
    """The name is in the table as it is, and the hint can be pasted into a shell."""
    place = folder / "work"
    place.mkdir()
    out = f"./{name}" if name.startswith("-") else name
    trained = ran(training("eager float", out, 1), place, env={"COLUMNS": "300"})
    if name.isprintable() and name not in trained.out:
        raise Broken(f"the name is not in the output: {trained.out[:120]!r}")
    if "\x1b" in trained.out:
        raise Broken("control characters reach the terminal")
    if name.isprintable():
        hint = next(line for line in trained.out.splitlines() if "evaluate" in line).split("next", 1)[1]
        ran(shlex.split(hint)[1:], place)
    ran(training("eager float", out, 1), place, (2,))
    no_leftovers(place)


def _too_odd(folder: Path, name: str) -> None:
    place = folder / "work"
    place.mkdir()
    for command in (training("eager float", name, 1), ["evaluate", name], ["map", name],
                    ["generate", name, "--out", f"{name}.npz"]):  # fmt: skip
        ran(command, place, (2,))
    if any(place.iterdir()):
        raise Broken("something was made")


def _clock(folder: Path, made: Templates, body: str) -> None:
    """A site module that tells another time to every Python program."""
    place = folder / "work"
    (place / "site").mkdir(parents=True)
    (place / "site" / "sitecustomize.py").write_text(
        f"import time, itertools\n_k = itertools.count()\ndef _now():\n    k = next(_k)\n    {body}\ntime.time = _now\n"
        "_local = time.localtime\ntime.localtime = lambda s=None: _local(_now() if s is None else s)\n"
    )
    env = {"PYTHONPATH": str(place / "site")}
    ran(training("eager float", "r"), place, env=env, cold=True)
    same_run(place / "r", made.whole("eager float"))
    run = str(made.whole("eager float"))
    for name, cold in (("s0.npz", False), ("s1.npz", True)):
        ran(["generate", run, "--n", "4", "--out", name], place, env=env if cold else {}, cold=cold)
    if (place / "s0.npz").read_bytes() != (place / "s1.npz").read_bytes():
        raise Broken("the samples' file depends on the clock")


def _no_cache(folder: Path, read_only: bool) -> None:
    """Nothing of numba's can be kept: fixed point computes all the same, and says once what it costs."""
    import neuro_bpdl

    place, package = folder / "work", Path(neuro_bpdl.__file__).parents[1]
    place.mkdir()
    words = " ".join(training("eager fixed", "r", 1))
    python = f"{sys.executable} -c 'from neuro_bpdl.cli.main import main; main()' {words}"
    bound = f"mount --bind {package} {package} && mount -o remount,ro,bind {package} && " if read_only else ""
    command = ["/usr/bin/unshare", "-m", "sh", "-c", bound + python] if read_only else ["/bin/sh", "-c", python]
    env = {"HOME": "/proc/none", "XDG_CACHE_HOME": "/proc/none"}
    ended = judged(Program((), place, env=env, cold=True, command=command).start().end(), (0,))
    if read_only and ended.err.count("numba finds no folder") != 1:
        raise Broken("does not say once that it compiles anew")


def _no_folder(folder: Path) -> None:
    place = folder / "work"
    place.mkdir()
    gone = lambda: os.rmdir(place)  # noqa: E731
    ran(training("eager float", "r", 1), place, (1, 2), before=gone, cold=True)


def _own_data(place: Path) -> None:
    import numpy as np

    rng = np.random.default_rng(0)
    np.savez(place / "mine.npz", x_train=rng.random((40, 4, 4)), x_test=rng.random((20, 4, 4)))


def _from_elsewhere(folder: Path) -> None:
    here, there = folder / "here", folder / "there"
    here.mkdir()
    there.mkdir()
    _own_data(here)
    ran(["train", "--data", "mine.npz", "--layers", "8", "--epochs", "1", "--out", "r"], here)
    ran(["train", "--resume", "../here/r", "--epochs", "2"], there)
    for command in (["evaluate", "../here/r"], ["report", "../here/r"], ["map", "../here/r"]):
        ran(command, there)


def _moved(folder: Path) -> None:
    here = folder / "here"
    here.mkdir()
    _own_data(here)
    ran(["train", "--data", "mine.npz", "--layers", "8", "--epochs", "1", "--out", "r"], here)
    here.rename(folder / "there")
    ran(["train", "--resume", "there/r", "--epochs", "2"], folder / "there" / "..")


def _shortened(folder: Path, made: Templates) -> None:
    run = copied(made.whole("eager float"), folder)
    before = (run / "config.json").read_bytes()
    ran(["train", "--resume", str(run), "--epochs", "2"], run, (2,))
    if (run / "config.json").read_bytes() != before:
        raise Broken("the config was shortened")


POOL = """
import multiprocessing, sys
from concurrent.futures import ProcessPoolExecutor
from neuro_bpdl.errors import NeuroBpdlError
def fit(backend):
    from neuro_bpdl.data import load
    from neuro_bpdl.spec import RunSpec
    from neuro_bpdl.training.trainer import train
    spec = RunSpec(data="digits", layers=(8,), training={"epochs": 1, "limit": 40}, engine={"backend": backend})
    return train(spec, load("digits"), f"r-{backend}").checkpoint().progress.epoch
if __name__ == "__main__":
    method, backend = sys.argv[1:]
    context = multiprocessing.get_context("spawn" if method == "spawn" else "fork")
    if method == "Pool":
        with context.Pool(1) as pool:
            try:
                assert pool.apply(fit, (backend,)) == 1
            except NeuroBpdlError as error:
                assert backend == "lava" and "\\n" not in str(error), error
    else:
        with ProcessPoolExecutor(1, mp_context=context) as pool:
            assert pool.submit(fit, backend).result() == 1
"""


def _pool(folder: Path, method: str, engine: str) -> None:
    place = folder / "work"
    place.mkdir()
    (place / "pool.py").write_text(POOL)
    command = [sys.executable, str(place / "pool.py"), method, engine]
    judged(Program((), place, cold=True, command=command).start().end(), (0,))
