"""Names of folders: free ones, and as a shell takes them."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from neuro_bpdl.files.folders import next_free, quoted


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
