"""The documentation builds strictly: no broken link, anchor, reference or included file."""

from __future__ import annotations

import html
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
GUIDES = {  # the scripts that a guide shows are the ones that tests/examples runs
    "scikit-learn": "scikit_learn_pipeline.py", "lava": "own_lava_script.py", "nengo": "beside_a_nengo_model.py",
}  # fmt: skip


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("mkdocstrings_handlers.python", reason="the extra docs is not installed")
    place = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(place)]
    settings = {**os.environ, "GALLERY": "off", "NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(command, cwd=ROOT, env=settings, capture_output=True, text=True, check=False, timeout=500)
    assert done.returncode == 0, done.stdout + done.stderr
    return place


def words(page: Path) -> str:
    """Its text, without the colours of code."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", "", page.read_text(encoding="utf-8"))).split())


@pytest.mark.timeout(600)
def test_it_is_whole(site: Path) -> None:
    assert "ΔW ∝ S_pre" in words(site / "index.html")
    for guide, script in GUIDES.items():
        shown, source = words(site / "guides" / f"{guide}.html"), (ROOT / "examples" / script).read_text("utf-8")
        assert "".join(source.split()) in "".join(shown.split())
        assert "pip install" in shown
    commands = words(site / "reference" / "commands.html")
    for command in ("train", "control train", "sweep", "doctor"):
        assert f"Usage: neuro-bpdl {command}" in commands
    assert "partial_fit" in words(site / "reference" / "python.html")
    assert "PlasticDense" in words(site / "reference" / "lava.html")
    assert ">kernels</text>" in (site / "architecture.html").read_text(encoding="utf-8")  # the rooms, drawn
    assert "A new engine" in words(site / "contributing.html")


def test_it_loads_nothing_from_elsewhere(site: Path) -> None:
    loaded = re.compile(r"<(?:script|img|link)[^>]+(?:src|href)=[\"']?(https?:)?//(?!www\.w3)")
    assert not [page.name for page in site.rglob("*.html") if loaded.search(page.read_text(encoding="utf-8"))]
