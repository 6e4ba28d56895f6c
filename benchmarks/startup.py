"""How long the package and the program take to start, beside an empty Python, in one run.

    python benchmarks/startup.py [--repeats 15]

Prints a line for each command: median seconds, and the ratio of medians to ``python -c pass``. The commands take turns,
so that what else the machine does meets all of them.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time
from pathlib import Path

PROGRAM = str(Path(sys.executable).with_name("neuro-bpdl"))
COMMANDS = {
    "python -c pass": [sys.executable, "-c", "pass"],
    "import numpy": [sys.executable, "-c", "import numpy"],
    "import neuro_bpdl": [sys.executable, "-c", "import neuro_bpdl"],
    "neuro-bpdl --help": [PROGRAM, "--help"],
}


def seconds(command: list[str]) -> float:
    """Wall time of one process."""
    begun = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - begun


def main() -> None:
    """Parse, warm up, take turns, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=15)
    given = parser.parse_args()
    for command in COMMANDS.values():
        seconds(command)  # byte code is compiled, files are in memory
    taken: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for _ in range(given.repeats):
        for name, command in COMMANDS.items():
            taken[name].append(seconds(command))
    empty = statistics.median(taken["python -c pass"])
    for name, times in taken.items():
        middle = statistics.median(times)
        print(f"{name}: {middle:.3f} s (shortest {min(times):.3f}), {middle / empty:.1f} times python -c pass")


if __name__ == "__main__":
    main()
