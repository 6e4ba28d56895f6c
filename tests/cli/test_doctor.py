"""Every check of the doctor tries the thing itself: where it is taken away, the doctor says so and what to do."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from neuro_bpdl.cli.main import run
from neuro_bpdl.workflows import doctor
from neuro_bpdl.workflows.doctor import Finding, examine

NAMES = ["python", "processors", "threads", "shared memory", "compiled", "data", "theory", "eager", "lava", "nengo"]


def finding(name: str) -> Finding:
    return next(found for found in examine() if found.name == name)


def test_nothing_is_broken_here(answered) -> None:
    result = answered(["doctor"])
    assert [found["name"] for found in result["findings"]] == NAMES
    assert "broken" not in {found["state"] for found in result["findings"]}
    assert all(found["mend"] for found in result["findings"] if found["state"] == "missing")
    assert result["versions"]["python"].startswith(f"{sys.version_info[0]}.{sys.version_info[1]}.")


def test_what_is_missing_is_named_with_the_command_that_brings_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "nengo", None)
    for name in [name for name in sys.modules if name.startswith("neuro_bpdl.engines.nengo")]:
        monkeypatch.delitem(sys.modules, name)
    found = finding("nengo")
    assert found.state == "missing" and "pip install neuro-bpdl[nengo]" in found.mend


def test_an_engine_that_fails_is_broken_and_so_is_the_exit_code(monkeypatch: pytest.MonkeyPatch, capfd) -> None:
    from neuro_bpdl.engines.theory import TheorySimulator

    def fail(*_: object, **__: object) -> None:
        raise ValueError("no such\nthing")

    monkeypatch.setattr(TheorySimulator, "learn", fail)
    assert run(["doctor"]) == 1
    out, err = capfd.readouterr()
    assert "broken: ValueError: no such thing" in " ".join(out.split())
    assert "theory: broken\n" in err and "eager: works\n" in err


def test_python_shared_memory_and_data_are_looked_at(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(doctor, "PYTHONS", ((3, 7), (3, 8)))
    assert finding("python").state == "broken" and "3.7 to 3.8" in finding("python").mend
    monkeypatch.setattr(doctor, "SHARED_MEMORY", tmp_path)
    monkeypatch.setattr(doctor, "ENOUGH", 2**60)
    assert finding("shared memory").state == "missing" and list(tmp_path.iterdir()) == []
    monkeypatch.setenv("NEURO_BPDL_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert finding("data").state == "missing" and str(tmp_path) in finding("data").said
    (tmp_path / "mnist.npz").touch()
    assert finding("data").state == "works"
