"""The fault suite's mutated files in small; and that it would find a reader that believes too much."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from faults.fuzz import ODD_JSON, Format, formats, fuzz
from faults.newer_formats import newer_formats
from neuro_bpdl.errors import InvalidInput

NAMES = ("checkpoint", "config.json", "metrics.jsonl", "network.json", "weights", "checksums.json", "target", "config",
         "data")  # fmt: skip


NEWER = ("labels' checkpoint", "labels' config.json", "agent", "agent's config.json", "sweep")


@pytest.mark.parametrize("name", (*NAMES, *NEWER))
def test_mutated_files_are_refused_or_say_the_same(tmp_path: Path, made: Path, name: str) -> None:
    older = formats(tmp_path, made / "eager float", made / "chip")
    newer = newer_formats(tmp_path, made / "labels", made / "control", made / "sweep.toml")
    found = {form.name: form for form in (*older, *newer)}
    assert set(found) == {*NAMES, *NEWER}
    verdict = fuzz(found[name], 80, seed=1000)
    assert verdict.broken == [] and verdict.refused > 40 and verdict.refused + verdict.harmless == verdict.tried


def test_a_reader_that_believes_too_much_is_found(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text('{"a": 1, "b": [1, 2]}')

    def careless(content: bytes) -> object:
        return json.loads(content)["a"]

    verdict = fuzz(Format("x", path, careless, ODD_JSON), 200, seed=0)
    said = "\n".join(verdict.broken or ())
    assert all(what in said for what in ("KeyError", "JSONDecodeError", "RecursionError", "says something else"))
    assert path.read_text() == '{"a": 1, "b": [1, 2]}'


def test_a_reader_that_refuses_all_has_no_broken_ones(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"whole")

    def strict(content: bytes) -> object:
        if content != b"whole":
            raise InvalidInput("x", content, "whole")
        return content

    verdict = fuzz(Format("x", path, strict), 100, seed=0)
    assert verdict.broken == [] and verdict.refused == verdict.tried > 90
