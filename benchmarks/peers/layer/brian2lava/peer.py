"""Brian2Lava: Brian2's equations as processes of Lava, on its CPU simulator, in floating point.

The common layer as Brian2 has it, traces by the clock as its authors advise. With an ``on_post`` pathway its processes
wait for each other, so the run has a limit, after which it says so.
"""

from __future__ import annotations

import importlib.util
import os
import signal
import sys
import tempfile
import time
from pathlib import Path
from threading import Timer

import numpy as np

BRIAN2 = Path(__file__).parents[1] / "brian2"
LIMIT = 120  # seconds for the first time step
HOOK = Path(__file__).parents[4] / "neuro_bpdl" / "engines" / "lava" / "newer_pythons.py"


def let_lava_be_imported() -> None:
    """From Python 3.11 on one of Lava's modules needs help."""
    spec = importlib.util.spec_from_file_location("newer_pythons", HOOK)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    module.let_lava_be_imported()


def main(data: str, out: str, seed: int) -> None:
    """Build, run, save."""
    del seed  # nothing is drawn
    os.setpgid(0, 0)
    let_lava_be_imported()
    sys.path.insert(0, str(BRIAN2))
    import brian2 as b
    import brian2lava
    from layer import layer

    d, began = np.load(data), time.perf_counter()
    np.set_printoptions(threshold=sys.maxsize)  # it writes arrays into code as numpy prints them
    b.set_device("lava", mode="flexible", hardware="CPU", project_path=tempfile.mkdtemp())
    _source, neurons, synapses = layer(d, "clock-driven")  # Brian2 runs what stands in variables here
    counts = b.SpikeMonitor(neurons)
    limit = Timer(LIMIT, _too_long)
    limit.start()
    b.run(1 * b.ms)
    limit.cancel()
    build, began, cpu = time.perf_counter() - began, time.perf_counter(), time.process_time()
    b.run(len(d["spikes"]) * b.ms)
    np.savez(out, build=build, seconds=time.perf_counter() - began, cpu=time.process_time() - cpu,
             weights=np.asarray(synapses.w).reshape(d["weights"].shape), fired=counts.num_spikes,
             about=f"Brian2Lava {brian2lava.__version__}, float64")  # fmt: skip


def _too_long() -> None:
    print(f"its first time step was not done after {LIMIT} s", file=sys.stderr, flush=True)
    os.killpg(0, signal.SIGKILL)  # its processes wait for each other, and listen to nothing else


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
