"""The sdist and the wheel hold everything: installed elsewhere, without the checkout, the program still works."""

from __future__ import annotations

import ensurepip
import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ("neuro_bpdl", "processes", "hardware_configs")
BUILD = "import sys; from setuptools import build_meta; getattr(build_meta, 'build_' + sys.argv[1])(sys.argv[2])"
PIP = "import runpy, sys; sys.path.insert(0, sys.argv.pop(1)); runpy.run_module('pip', run_name='__main__')"
SHOW = """
import neuro_bpdl
from neuro_bpdl.report.play.section import SCRIPTS, script_text
print(neuro_bpdl.__file__, sum(len(script_text(name)) for name in SCRIPTS))
"""
ALONE = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}


def called(*command: str | Path, cwd: Path) -> str:
    done = subprocess.run(
        [str(part) for part in command], cwd=cwd, env=ALONE, capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from a copy: a build leaves folders beside the sources."""
    place = tmp_path_factory.mktemp("sources")
    for name in SOURCES:
        shutil.copytree(ROOT / name, place / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, place)
    called(sys.executable, "-c", BUILD, "sdist", place / "dist", cwd=place)
    (built,) = (place / "dist").glob("*.tar.gz")
    return built


@pytest.fixture(scope="module")
def wheel(sdist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from the sdist alone, as pip does it."""
    place = tmp_path_factory.mktemp("wheel")
    with tarfile.open(sdist) as archive:
        archive.extractall(place, filter="data")
    (source,) = (one for one in place.iterdir() if one.is_dir())
    called(sys.executable, "-c", BUILD, "wheel", place, cwd=source)
    (built,) = place.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def program(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """neuro-bpdl of a fresh environment that has this wheel, and what it depends on from ours."""
    place = tmp_path_factory.mktemp("environment")
    venv.create(place, symlinks=True)
    bundled = sorted(Path(ensurepip.__file__).parent.glob("_bundled/pip-*.whl"))
    if not bundled:
        pytest.skip("this Python comes without a pip of its own")
    called(place / "bin" / "python", "-c", PIP, bundled[-1], "install", "--quiet", "--no-deps", "--no-index", wheel,
           cwd=place)  # fmt: skip
    (packages,) = place.glob("lib/python*/site-packages")
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return place / "bin" / "neuro-bpdl"


def test_every_file_of_the_package_is_in_the_wheel(wheel: Path) -> None:
    inside = set(zipfile.ZipFile(wheel).namelist())
    ours = {
        f"{'' if folder == 'neuro_bpdl' else 'neuro_bpdl/'}{path.relative_to(ROOT).as_posix()}"
        for folder in SOURCES for path in (ROOT / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }  # fmt: skip
    assert {"neuro_bpdl/py.typed", "neuro_bpdl/report/page.css", "neuro_bpdl/hardware_configs/loihi2.toml"} <= ours
    assert not ours - inside
    assert {name.split("/")[0].split("-")[0] for name in inside} == {"neuro_bpdl"}


@pytest.mark.timeout(600)
def test_a_stranger_installs_and_trains(program: Path, tmp_path: Path) -> None:
    """Recipes, the images and the page's scripts come from the wheel."""
    assert "chip-quick" in called(program, "recipes", cwd=tmp_path)
    called(program, "train", "--recipe", "generative-quick", "--layers", "16,8", "--epochs", "1", "--limit", "800",
           "--out", "run", cwd=tmp_path)  # fmt: skip
    assert (tmp_path / "run" / "metrics.jsonl").read_text().count("\n") == 2
    shown = called(program.with_name("python"), "-c", SHOW, cwd=tmp_path)
    place, scripts = shown.split()
    assert Path(place).is_relative_to(program.parents[1])  # not our checkout
    assert int(scripts) > 10_000
