"""``python -m faults [-v] [KIND …]``: run the attacks, print tried, held and broken, exit 1 when something broke.

``-v`` prints every case, not only what broke. Kinds are chosen by how their names begin.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import tempfile
import time
import traceback
from collections import defaultdict
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

from faults import damage, disks, killing, machine, owners, signals
from faults.harness import Broken, Case
from faults.templates import Templates

WORKERS = 2
_CASES: list[Case] = []


def collect(made: Templates, kinds: list[str]) -> list[Case]:
    """All cases, or those whose kind starts with one of ``kinds``."""
    rooms = (signals, killing, disks, owners, machine, damage)
    found = [case for room in rooms for case in room.cases(made)]
    return [case for case in found if not kinds or case.kind.startswith(tuple(kinds))]


def tried(index: int, folder: str) -> tuple[int, str, float]:
    """Run one case in an empty folder: its number, what broke ("" if all held), seconds."""
    case, began = _CASES[index], time.monotonic()
    with tempfile.TemporaryDirectory(prefix="case-", dir=folder, ignore_cleanup_errors=True) as place:
        try:
            case.run(Path(place))
            said = ""
        except Broken as broken:
            said = str(broken)
        except Exception as error:
            said = f"{type(error).__name__}: {error} ({traceback.extract_tb(error.__traceback__)[-1].name})"
    return index, said, time.monotonic() - began


def main(arguments: list[str]) -> int:
    """Run, print, and say with the exit code whether everything held."""
    all_of_them, kinds = "-v" in arguments, [kind for kind in arguments if kind != "-v"]
    began, in_memory = time.monotonic(), set(os.listdir("/dev/shm")) if os.path.isdir("/dev/shm") else set()
    with tempfile.TemporaryDirectory(prefix="faults-", ignore_cleanup_errors=True) as folder:
        made = Templates(Path(folder))
        made.make()
        _CASES.extend(collect(made, kinds))
        results: dict[int, str] = {}
        with ProcessPoolExecutor(WORKERS, mp_context=multiprocessing.get_context("fork")) as pool:
            waiting = [pool.submit(tried, index, folder) for index in range(len(_CASES))]
            for done in as_completed(waiting):
                index, said, seconds = done.result()
                results[index] = said
                if said or all_of_them:
                    print(f"{_CASES[index].kind}: {_CASES[index].name}: {said or 'held'} ({seconds:.1f} s)", flush=True)
    left = {name for name in set(os.listdir("/dev/shm")) - in_memory if name.startswith("psm_")} if in_memory else set()
    return _table(results, time.monotonic() - began, len(left))


def _table(results: dict[int, str], seconds: float, left: int) -> int:
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for index, said in results.items():
        counts[_CASES[index].kind][bool(said)] += 1
    print(f"\n{'kind':<24}{'tried':>7}{'held':>7}{'broken':>8}")
    for kind, (held, broken) in counts.items():
        print(f"{kind:<24}{held + broken:>7}{held:>7}{broken:>8}")
    broken = sum(bool(said) for said in results.values())
    print(f"{'all':<24}{len(results):>7}{len(results) - broken:>7}{broken:>8}   in {seconds:.0f} s; "
          f"shared memory left: {left}")  # fmt: skip
    return 1 if broken or left else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
