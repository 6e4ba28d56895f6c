"""Helpers of the tests that start Lava: what may not be left behind."""

import gc
import os
import sys
import threading
import time
from pathlib import Path

import pytest

HERE = Path(__file__).parent
PROBE = HERE / "probe"
SHM = Path("/dev/shm")

sys.path[:0] = [str(PROBE), str(HERE / "probe_async")]


def child_pids() -> set[int]:
    """Every child of this process, of whatever thread, zombies included."""
    tasks = Path("/proc/self/task").glob("*/children")
    return {int(pid) for task in tasks for pid in task.read_text().split()}


def segments() -> set[str]:
    """Names in /dev/shm that no other live process uses (other programs have their own)."""
    names = {entry.name for entry in SHM.iterdir()} if SHM.is_dir() else set()
    return {name for name in names if not _used_elsewhere(name)}


def _used_elsewhere(name: str) -> bool:
    for maps in Path("/proc").glob("[0-9]*/maps"):
        try:
            if int(maps.parent.name) != os.getpid() and f"/dev/shm/{name}" in maps.read_text():
                return True
        except OSError:
            continue
    return False


@pytest.fixture
def no_leftovers():
    """Fails the test when it leaves a child, a thread, a descriptor or a name in /dev/shm."""

    def state():
        gc.collect()
        return child_pids(), segments(), set(threading.enumerate()), len(os.listdir("/proc/self/fd"))

    children, names, threads, descriptors = state()
    yield
    # Threads end, and other workers' runs unlink their names, a moment later.
    end = time.monotonic() + 5.0
    while time.monotonic() < end and (set(threading.enumerate()) - threads or segments() - names):
        time.sleep(0.01)
    after = state()
    assert after[0] <= children, "child processes left"
    assert after[1] <= names, "names left in /dev/shm"
    assert after[2] <= threads, "threads left"
    assert after[3] <= descriptors, "file descriptors left"
