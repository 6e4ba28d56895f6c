"""axe-core, the judge of accessibility, finds nothing serious in a report: light, and dark on a phone's width."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from pages import left_in

from neuro_bpdl.data import load
from neuro_bpdl.recipes import compose, read_recipe
from neuro_bpdl.report.build import write_report
from neuro_bpdl.report.labelled import write_labelled_report
from neuro_bpdl.spec import RunSpec
from neuro_bpdl.training.trainer import train

VERSION = "4"
JUDGE = """
axe.run(document).then(({ violations, passes }) => {
  const grave = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
  const told = grave.map(({ id, nodes }) => [id, nodes.map(({ html }) => html.slice(0, 160))]);
  const wide = document.documentElement.scrollWidth - window.innerWidth;
  document.body.textContent = JSON.stringify({ told, wide, passes: passes.length });
});
"""


@pytest.fixture(scope="session")
def axe(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Its script, by npm; no script of the package is run."""
    if shutil.which("npm") is None:
        pytest.skip("npm is not installed: axe-core cannot be had")
    place = tmp_path_factory.mktemp("axe")
    options = ("--no-audit", "--no-fund", "--ignore-scripts", "--prefix", str(place))
    try:
        done = subprocess.run(
            ["npm", "install", *options, f"axe-core@{VERSION}"], capture_output=True, check=False, timeout=150
        )
    except subprocess.TimeoutExpired:
        pytest.skip("axe-core could not be installed by npm: no answer")
    if done.returncode:
        pytest.skip(f"axe-core could not be installed by npm: exit code {done.returncode}")
    return (place / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


def plain(place: Path) -> Path:
    spec = RunSpec(data="digits", layers=(12, 6), training={"epochs": 1, "limit": 200, "batch": 10})
    return write_report(train(spec, load("digits"), place))


def labelled(place: Path) -> Path:
    spec = RunSpec(data="digits", layers=(12, 10), plasticity={"learning_rate": 0.1}, labels={},
                   training={"epochs": 1, "limit": 200, "batch": 10})  # fmt: skip
    run = train(spec, load("digits"), place)
    return write_labelled_report(run, run.dataset())[0]


def drawing(place: Path) -> Path:
    spec = compose(read_recipe("joint-quick").fields, {
        ("data",): "digits", ("layers",): (16, 12, 10), ("training", "epochs"): 1, ("training", "validation"): 0,
    })  # fmt: skip
    run = train(spec, load("digits"), place)
    return write_labelled_report(run, run.dataset())[0]


@pytest.mark.timeout(600)
@pytest.mark.parametrize("report", [plain, labelled, drawing])
def test_no_serious_violation(report: Callable[[Path], Path], opened, axe: str, tmp_path: Path) -> None:
    text = report(tmp_path / "run").read_text(encoding="utf-8")
    dark = text.replace("@media (prefers-color-scheme: dark)", "@media all")
    for page, width in ((text, 1200), (dark, 400)):
        judged = page.replace("</body>", f"<script>{axe}</script><script>{JUDGE}</script></body>")
        seen = left_in(opened(judged, width))
        assert seen["told"] == []
        assert seen["passes"] > 10
        assert seen["wide"] <= 0, "wider than the screen"
