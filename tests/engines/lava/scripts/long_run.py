"""Runs a pair of Processes until a signal comes; says how it ended.

First line on stdout: the pids of the children, as soon as steps are being done.
"""

import os
import sys
from pathlib import Path

import neuro_bpdl.processes  # noqa: F401  (before any import of Lava)

# isort: split
from probe_process import Probe

from neuro_bpdl.engines.lava.run_config import select
from neuro_bpdl.engines.lava.shared import SharedArray
from neuro_bpdl.engines.lava.supervisor import LavaRun


def children() -> list[str]:
    return Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()


def main() -> None:
    counter = SharedArray(1, int)
    source, sink = Probe(name="source", counter=counter), Probe(name="sink")
    source.out.connect(sink.inp)
    told = False

    def announce() -> None:
        nonlocal told
        if not told and counter.array[0] > 10:
            told = True
            print(" ".join(children()), flush=True)

    try:
        with LavaRun(source, select(), on_poll=announce, poll=0.02) as run:
            run.steps(10**9)
    except BaseException as error:
        left = children()
        print(f"ended by {type(error).__name__} {error.args} with children {left}", flush=True)
        raise


if __name__ == "__main__":
    sys.exit(main())
