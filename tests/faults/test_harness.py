"""The fault suite's own judgement: it breaks where it should."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import pytest

from faults.harness import Broken, Ended, Program, judged, no_leftovers
from faults.program import own_descriptors
from faults.soak import Kept, grown


def python(text: str, folder: Path) -> Program:
    place = folder / "work"
    place.mkdir()
    return Program((), place, cold=True, command=[sys.executable, "-c", text])


@pytest.mark.parametrize(
    ("ended", "said"),
    (
        (Ended(1, "", ""), "exit code 1"),
        (Ended(0, "", "Traceback (most recent call last):\n  x\nKeyError"), "traceback: KeyError"),
        (Ended(0, "", "Exception ignored in: <x>"), "traceback"),
        (Ended(0, "", "neuro-bpdl: a\nneuro-bpdl: b"), "2 refusals"),
    ),
)
def test_an_end_that_is_none(ended: Ended, said: str) -> None:
    with pytest.raises(Broken, match=said):
        judged(ended, (0,))
    assert judged(Ended(0, "out", "epoch 1"), (0,)).out == "out"


def test_an_end_is_reported_as_it_was(tmp_path: Path) -> None:
    ended = python("import sys; print(1); print(2, file=sys.stderr); sys.exit(3)", tmp_path).start().end()
    assert (ended.code, ended.out, ended.err) == (3, "1\n", "2\n")


def test_a_hang_is_found_and_ended(tmp_path: Path) -> None:
    program = python("import time\nwhile True: time.sleep(1)", tmp_path).start()
    with pytest.raises(Broken, match="hangs"):
        program.end(timeout=0.2)


def test_leftovers_are_found(tmp_path: Path) -> None:
    no_leftovers(tmp_path)
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / ".x.1234").touch()
    with pytest.raises(Broken, match=r"\.x\.1234"):
        no_leftovers(tmp_path)


def test_what_grows_is_found() -> None:
    steady = [Kept(100 << 20, 6, 1, 0, 0)] * 100
    assert grown(steady) == ""
    four_kib, settling = ([Kept((100 << 20) + k * each, 6, 1, 0, 0) for k in range(100)] for each in (4096, 256))
    assert grown(four_kib) == "memory: 4096 bytes a training" and grown(settling) == ""
    assert grown([*steady, Kept(100 << 20, 7, 1, 0, 0)]).startswith("descriptors")


def test_a_child_shares_no_place_in_a_file_with_who_forked_it(tmp_path: Path) -> None:
    path = tmp_path / "fonts"
    path.write_bytes(b"0123456789")
    reader, writer = os.open(path, os.O_RDONLY), os.open(path, os.O_RDWR)
    os.lseek(reader, 4, os.SEEK_SET)
    pid = os.fork()
    if pid == 0:
        held = False
        try:
            own_descriptors(kept=-1)
            held = os.read(reader, 2) == b"45" and not os.path.exists(f"/proc/self/fd/{writer}")
        finally:
            os._exit(0 if held else 1)
    assert os.waitpid(pid, 0)[1] == 0
    assert os.read(reader, 2) == b"45"
    os.close(reader)
    os.close(writer)


def test_work_is_counted_from_where_signals_are_handled(tmp_path: Path) -> None:
    text = "import signal\nsum(range(10**6))\nsignal.signal(15, lambda *_: exit(3))\nwhile True: sum(range(1000))"
    program = python(text, tmp_path).start()
    program.wait(0.05)
    assert program.worked() >= 0.05
    program.send(signal.SIGTERM)
    ended = program.end()
    assert ended.code == 3 and ended.worked >= 0.05
