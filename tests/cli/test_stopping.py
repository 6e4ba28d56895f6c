"""A signal ends a command wherever it comes, also where Python swallows exceptions."""

import os
import signal
import subprocess
import sys
import textwrap

import pytest

PROGRAM = """
import gc, os, signal, sys, time, weakref
from neuro_bpdl.cli import stopping
number, place = int(sys.argv[1]), sys.argv[2]

class Thing:
    def __del__(self):
        if place == "destructor":
            os.kill(os.getpid(), number)

def hit(_=None):
    os.kill(os.getpid(), number)

with stopping.stoppable() as stops:
    try:
        thing = Thing()
        watched = weakref.ref(thing, hit) if place == "weak reference" else None
        if place == "somebody's except":
            try:
                hit()
            except BaseException:
                pass
        del thing
        while True:
            time.sleep(0.01)
    except KeyboardInterrupt:
        stops.arrive()
        print(stops.number)
"""


@pytest.mark.parametrize("number", (signal.SIGINT, signal.SIGTERM, signal.SIGHUP), ids=lambda number: number.name)
@pytest.mark.parametrize("place", ("destructor", "weak reference", "somebody's except"))
def test_a_swallowed_signal_comes_again(number: signal.Signals, place: str) -> None:
    def usual() -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.signal(signal.SIGHUP, signal.SIG_DFL)

    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(PROGRAM), str(int(number)), place],
        capture_output=True, text=True, preexec_fn=usual, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, str(int(number)), "")


@pytest.mark.parametrize(("closed", "code"), (("pipe", 141), ("stdout", 0)))
@pytest.mark.parametrize("options", ([], ["--json"]))
def test_nobody_reads(closed: str, code: int, options: list[str]) -> None:
    """Into a pipe that nobody reads: 141; into a descriptor that is closed: as ever. No traceback."""
    read, write = os.pipe()
    os.close(read)
    program = "import os, sys\nif sys.argv.pop(1) == 'stdout': os.close(1)\n" + (
        "main = 'from neuro_bpdl.cli.main import main; main()'\n"
        "os.execv(sys.executable, [sys.executable, '-c', main, *sys.argv[1:]])"
    )
    command = [sys.executable, "-c", program, closed, "recipes", *options]
    done = subprocess.run(command, stdout=write, stderr=subprocess.PIPE, text=True, check=False, timeout=300)
    os.close(write)
    assert (done.returncode, done.stderr) == (code, "")
