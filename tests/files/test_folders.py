"""Folders that are whole or not there, and their names: free ones, and as a shell takes them."""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from neuro_bpdl.files.folders import new_folder, next_free, quoted
from neuro_bpdl.files.writing import write_bytes


@pytest.mark.parametrize("name", ["runs/first", "a b", "it's", "[red]", "$HOME"])
def test_a_hint_is_one_word_of_the_shell(name: str) -> None:
    assert shlex.split(quoted(name)) == [name]


def test_a_name_that_looks_like_an_option_is_none_in_a_hint() -> None:
    assert quoted("-x") == "./-x"


def test_the_next_free_name(tmp_path: Path) -> None:
    wanted = tmp_path / "demo"
    assert next_free(wanted) == wanted
    wanted.mkdir()
    wanted.with_name("demo-2").mkdir()
    assert next_free(wanted) == tmp_path / "demo-3"


class Stopped(BaseException):
    """What a signal raises."""


@pytest.fixture
def stop_after(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """A signal comes when a call of the system has done its work, and before its caller hears of it."""

    def patch(call: str) -> None:
        done = getattr(os, call)

        def stopping(*arguments: Any, **options: Any) -> Any:
            result = done(*arguments, **options)
            if call == "open" and not arguments[1] & os.O_CREAT:
                return result
            if call == "open":
                os.close(result)
            raise Stopped

        monkeypatch.setattr(os, call, stopping)

    return patch


def test_a_signal_right_after_a_file_was_made_leaves_none(stop_after: Callable[[str], None], tmp_path: Path) -> None:
    stop_after("open")
    with pytest.raises(Stopped):
        write_bytes(tmp_path / "file", b"1")
    assert list(tmp_path.iterdir()) == []


def test_a_signal_right_after_a_folder_was_made_leaves_none(stop_after: Callable[[str], None], tmp_path: Path) -> None:
    stop_after("mkdir")
    with pytest.raises(Stopped), new_folder(tmp_path / "run"):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_signal_right_after_a_folder_got_its_name_lets_it_go(
    stop_after: Callable[[str], None], tmp_path: Path
) -> None:
    with pytest.raises(Stopped), new_folder(tmp_path / "run") as folder:
        (folder.path / "file").touch()
        stop_after("rename")
    assert [path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*")] == ["run", "run/file"]
