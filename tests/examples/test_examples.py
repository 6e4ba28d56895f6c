"""Every example runs from start to end and says what it computed."""

import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = sorted((Path(__file__).resolve().parents[2] / "examples").glob("*.py"))
NEED_LAVA = {"own_lava_script.py", "build_your_own_lava_network.py", "theory_against_lava.py"}
SAYS = {
    "beside_a_nengo_model.py": "Nengo rate, seed 0, digits: error of the first pictures",
    "own_lava_script.py": "Lava float, seed 0, digits: mean |V̇| of pixels",
    "scikit_learn_pipeline.py": "labels: 95.8% of 360 known",
    "train_and_look.py": "reconstruction error from layer 2",
    "fill_in_a_missing_half.py": "error on missing pixels",
    "build_your_own_lava_network.py": "Lava composed float, seed 0, digits: 40 images",
    "theory_against_lava.py": "largest difference in F_1",
}


@pytest.mark.parametrize("script", EXAMPLES, ids=lambda path: path.name)
def test_example(script, tmp_path):
    if script.name in NEED_LAVA:
        pytest.importorskip("lava.magma", reason="Lava is not installed")
    if "nengo" in script.name:
        pytest.importorskip("nengo")
    command = [sys.executable, str(script)]
    run = subprocess.run(command, check=False, capture_output=True, text=True, cwd=tmp_path)
    assert run.returncode == 0, run.stderr
    assert SAYS[script.name] in run.stdout
