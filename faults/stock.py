"""``python -m faults.stock``: what stock Lava does in some of the same cases, for docs/reliability.md."""

from __future__ import annotations

import os
import resource
import signal
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from faults.harness import Program

WAIT = 60.0  # seconds without an end that count as a hang here: every case ends within 5, or never
NETWORK = """
import sys, time
import neuro_bpdl.processes
import numpy as np
from lava.magma.core.decorator import implements, requires
from lava.magma.core.model.py.model import PyLoihiProcessModel
from lava.magma.core.model.py.ports import PyInPort
from lava.magma.core.model.py.type import LavaPyType
from lava.magma.core.process.ports.ports import InPort
from lava.magma.core.process.process import AbstractProcess
from lava.magma.core.resources import CPU
from lava.magma.core.run_conditions import RunSteps
from lava.magma.core.run_configs import Loihi2SimCfg
from lava.magma.core.sync.protocols.loihi_protocol import LoihiProtocol
from lava.proc.dense.process import Dense
from lava.proc.lif.process import LIF

class Sink(AbstractProcess):
    def __init__(self):
        super().__init__()
        self.a_in = InPort(shape=(4,))

@implements(proc=Sink, protocol=LoihiProtocol)
@requires(CPU)
class SinkModel(PyLoihiProcessModel):
    a_in: PyInPort = LavaPyType(PyInPort.VEC_DENSE, float)
    def run_spk(self):
        self.a_in.recv()
        if "raise" in sys.argv and self.time_step == 3:
            raise ValueError("in a model")

lif, dense, sink = LIF(shape=(4,), bias_mant=1.0, vth=10), Dense(weights=np.eye(4)), Sink()
lif.s_out.connect(dense.s_in)
dense.a_out.connect(sink.a_in)
print("built", flush=True)
if "raise" in sys.argv:
    lif.run(RunSteps(10), Loihi2SimCfg())
    lif.stop()
elif "no-stop" in sys.argv:
    lif.run(RunSteps(10), Loihi2SimCfg())
else:
    lif.run(RunSteps(10), Loihi2SimCfg())
    print("running", flush=True)
    while True:
        lif.run(RunSteps(100), Loihi2SimCfg())
"""
CASES: dict[str, tuple[str, int, dict[int, int]]] = {
    "Ctrl-C": ("run", signal.SIGINT, {}),
    "SIGTERM": ("run", signal.SIGTERM, {}),
    "SIGHUP": ("run", signal.SIGHUP, {}),
    "kill -9": ("run", signal.SIGKILL, {}),
    "an exception in a model": ("raise", 0, {}),
    "the script ends without stop()": ("no-stop", 0, {}),
    "16 descriptors": ("no-stop", 0, {resource.RLIMIT_NOFILE: 16}),
}


def tried(name: str, folder: Path) -> str:
    """What became of it, in words."""
    word, number, limits = CASES[name]
    before = set(os.listdir("/dev/shm"))
    script = folder / "stock.py"
    script.write_text(NETWORK)
    place = folder / "work"
    place.mkdir()
    program = Program((), place, limits=limits, cold=True, command=[sys.executable, str(script), word]).start()
    if number:
        while program.running() and "running" not in program.said("out"):
            time.sleep(0.05)
        time.sleep(0.5)
        program.send(number)
    said = _watched(program)
    with suppress(OSError):
        left = [found for found in set(os.listdir("/dev/shm")) - before if found.startswith(("psm_", "sem"))]
        if left:
            said.append(f"{len(left)} segments of shared memory stay")
            for segment in left:  # nobody else will
                os.unlink(f"/dev/shm/{segment}")
    return ", ".join(said)


def _watched(program: Program) -> list[str]:
    end = time.monotonic() + WAIT
    while program.running() and time.monotonic() < end:
        time.sleep(0.05)
    said = ["hangs"] if program.running() else []
    time.sleep(2.0)
    family = len(program.family())
    if not said:
        code = os.waitstatus_to_exitcode(os.waitpid(program.pid, 0)[1])
        said.append(f"exit code {code}" if code >= 0 else f"dies of {signal.Signals(-code).name}")
        if family:
            said.append(f"{family} orphans")
    if lines := program.said("err").count("Traceback (most recent call last)"):
        said.append(f"{lines} tracebacks")
    program.kill_all()
    return said


def main() -> None:
    """Print one line a case."""
    for name in CASES:
        with tempfile.TemporaryDirectory(prefix="stock-", ignore_cleanup_errors=True) as folder:
            print(f"{name}: {tried(name, Path(folder))}", flush=True)


if __name__ == "__main__":
    main()
