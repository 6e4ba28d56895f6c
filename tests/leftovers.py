"""What a test that starts Lava may not leave behind: children, threads, descriptors, names in shared memory.

A plugin, loaded by conftest.py. Of the machine's shared memory only what these tests made themselves is looked at:
other programs, and the other workers of a run, come and go with names of their own.
"""

from __future__ import annotations

import gc
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from multiprocessing import shared_memory, synchronize
from pathlib import Path
from typing import Any

import pytest

PATIENCE = 60.0
"""Seconds for which a loaded machine may need to end a thread or unlink a name."""


@pytest.fixture(scope="session")
def names_made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], set[str]]]:
    """The names in shared memory that this process and its forks have made so far, of segments and semaphores."""
    log = tmp_path_factory.mktemp("names") / "made"
    log.touch()

    def note(name: str) -> None:
        with log.open("a") as file:
            file.write(name.lstrip("/") + "\n")

    patch = pytest.MonkeyPatch()
    posix: Any = shared_memory._posixshmem  # type: ignore[attr-defined]
    semaphores: Any = synchronize.SemLock
    opened, named = posix.shm_open, semaphores._make_name

    def shm_open(name: str, *arguments: Any, **options: Any) -> int:
        note(name)
        return int(opened(name, *arguments, **options))

    def make_name() -> str:
        name: str = named()
        note("sem." + name.lstrip("/"))
        return name

    patch.setattr(posix, "shm_open", shm_open)
    patch.setattr(semaphores, "_make_name", staticmethod(make_name))
    yield lambda: set(log.read_text().split())
    patch.undo()


def child_pids() -> set[int]:
    """Every child of this process, of whatever thread, zombies included."""
    while True:
        try:
            tasks = Path("/proc/self/task").glob("*/children")
            return {int(pid) for task in tasks for pid in task.read_text().split()}
        except (FileNotFoundError, ProcessLookupError):  # a thread has ended meanwhile: its children are another's now
            continue


def descriptors() -> dict[str, str]:
    """Every open descriptor of this process, and what it is of."""
    found = {}
    for number in os.listdir("/proc/self/fd"):
        with suppress(FileNotFoundError):  # the folder that was listed
            found[number] = os.readlink(f"/proc/self/fd/{number}")
    return found


@pytest.fixture
def no_leftovers(names_made: Callable[[], set[str]], request: pytest.FixtureRequest) -> Iterator[None]:
    """Fails the test when it leaves a child, a thread, a descriptor or a name of its own in shared memory."""

    def held() -> tuple[set[str], set[threading.Thread], dict[str, str]]:
        gc.collect()
        names = {name for name in names_made() if Path("/dev/shm", name).exists()}
        return names, set(threading.enumerate()), descriptors()

    def left() -> str:
        """What there is more of than before; a thread that ends holds its descriptors longer than its name."""
        names, threads, opened = held()
        if names - before[0]:
            return f"names in /dev/shm: {sorted(names - before[0])}"
        if threads - before[1]:
            return f"threads: {threads - before[1]}"
        new = sorted(set(opened.items()) - set(before[2].items()))
        return f"descriptors: {new}" if len(opened) > len(before[2]) else ""

    children, before = child_pids(), held()
    gc.freeze()  # what was there before is not of this test, and takes long to look through
    request.addfinalizer(gc.unfreeze)
    yield
    gc.collect()
    assert child_pids() <= children, "child processes left"
    end = time.monotonic() + PATIENCE
    while (said := left()) and time.monotonic() < end:
        time.sleep(0.01)
    assert not said, f"left: {said}"
