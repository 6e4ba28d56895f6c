"""Every example runs from start to end and says what it computed."""

import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = sorted((Path(__file__).resolve().parents[2] / "examples").glob("*.py"))
NEED_LAVA = {"build_your_own_lava_network.py", "theory_against_lava.py"}
SAYS = {
    "train_and_look.py": "reconstruction error from layer 2",
    "fill_in_a_missing_half.py": "error on missing pixels",
    "build_your_own_lava_network.py": "Lava composed float, seed 0, digits: 40 images",
    "theory_against_lava.py": "largest difference in F_1",
}


@pytest.mark.timeout(180)
@pytest.mark.parametrize("script", EXAMPLES, ids=lambda path: path.name)
def test_example(script, tmp_path):
    if script.name in NEED_LAVA:
        pytest.importorskip("lava.magma", reason="Lava runs on Python 3.10 only")
    command = [sys.executable, str(script)]
    run = subprocess.run(command, check=False, capture_output=True, text=True, cwd=tmp_path, timeout=170)
    assert run.returncode == 0, run.stderr
    assert SAYS[script.name] in run.stdout
