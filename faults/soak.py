"""``python -m faults.soak [N]``: many Lava trainings in one process, and nothing of them may stay.

After every training: open descriptors, threads, children and our segments of
shared memory, which have to be exactly as many as after the first ones; and
resident memory, which may not rise by more than `SLOPE` a training.
"""

from __future__ import annotations

import gc
import os
import shutil
import sys
import tempfile
import threading
import time
import warnings
from dataclasses import dataclass
from pathlib import Path
from statistics import linear_regression

from neuro_bpdl.data import load
from neuro_bpdl.spec import RunSpec
from neuro_bpdl.training.trainer import train

TRAININGS, WARM, LINES = 500, 20, 10
SLOPE = 1024  # bytes a training: what stays of a run is more, what arenas and pools settle by is less
RUN = {"data": "digits", "layers": (8,), "training": {"epochs": 1, "limit": 20}, "engine": {"backend": "lava"}}


@dataclass(frozen=True)
class Kept:
    """What a process holds."""

    memory: int
    descriptors: int
    threads: int
    children: int
    shared: int

    @classmethod
    def now(cls) -> Kept:
        """Of this process, when rings of objects that nobody has any more are gone: they stay until Python looks."""
        gc.collect()
        resident = int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
        children = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
        maps = Path("/proc/self/maps").read_text().count("/dev/shm/")
        return cls(resident, len(os.listdir("/proc/self/fd")), threading.active_count(), len(children), maps)

    @property
    def counts(self) -> tuple[int, ...]:
        """Everything but memory."""
        return self.descriptors, self.threads, self.children, self.shared


def soak(trainings: int, say: bool = True) -> list[Kept]:
    """Train so often; what is held after each."""
    data, spec, held = load("digits"), RunSpec.model_validate(RUN), []
    with tempfile.TemporaryDirectory() as folder:
        for number in range(trainings):
            train(spec, data, run := Path(folder, "r"))
            shutil.rmtree(run)
            held.append(Kept.now())
            if say and (number + 1) % max(1, trainings // LINES) == 0:
                print(f"{number + 1:>5}  {held[-1].memory / 2**20:8.1f} MiB  {held[-1].counts}", flush=True)
    return held


def grown(held: list[Kept], warm: int = WARM) -> str:
    """What grew, or nothing."""
    warm = min(warm, len(held) // 4)
    after = {kept.counts for kept in held[warm:]}
    if len(after) > 1:
        return f"descriptors, threads, children, shared memory: {sorted(after)}"
    slope = linear_regression(range(len(held) - warm), [kept.memory for kept in held[warm:]]).slope
    return f"memory: {slope:.0f} bytes a training" if slope > SLOPE else ""


def main(arguments: list[str]) -> int:
    """Print what is held, and exit with 1 when something grew."""
    warnings.simplefilter("ignore")
    trainings, began = int(arguments[0]) if arguments else TRAININGS, time.monotonic()
    print("trainings, resident memory, (descriptors, threads, children, shared memory)")
    held = soak(trainings)
    said = grown(held)
    print(f"{trainings} Lava trainings (fused, float, digits 64-8, seed 0) in {time.monotonic() - began:.0f} s: "
          f"{said or 'nothing grew'}")  # fmt: skip
    return bool(said)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
