from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from neuro_bpdl.cli.app import app
from neuro_bpdl.cli.main import run

SMALL = ["--data", "digits", "--layers", "12,6", "--limit", "200", "--batch", "10"]
LABEL = {"backend": "eager", "arithmetic": "float", "seed": 4, "data": "digits"}


def program(*arguments: str, **options: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", "from neuro_bpdl.cli.main import main; main()", *arguments],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options,  # type: ignore[call-overload]
    )  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the run "run"."""
    place = tmp_path_factory.mktemp("cli")
    assert run(["train", *SMALL, "--epochs", "2", "--seed", "4", "--out", str(place / "run")]) == 0
    return place


def test_train_then_evaluate_generate_inpaint_report(folder: Path, tmp_path: Path, answered) -> None:
    source = str(folder / "run")
    evaluation = answered(["evaluate", source, "--data", "digits"])
    assert evaluation.items() >= LABEL.items() and evaluation["images"] == 360
    generated = answered(["generate", source, "--n", "9", "--out", str(tmp_path / "s.npz")])
    assert generated.items() >= LABEL.items()
    with np.load(tmp_path / "s.npz") as arrays:
        assert arrays["generated"].shape == arrays["directed"].shape == (9, 8, 8)
    inpainted = answered(["inpaint", source, "--missing", "0.5", "--out", str(tmp_path / "i.npz")])
    assert inpainted.items() >= LABEL.items()
    assert {"missing_pixel_mse", "mean_image_mse", "one_pass_mse"} <= inpainted.keys()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["i.npz", "i.png", "s.npz", "s.png"]
    assert Path(answered(["report", source])["report"]).is_file()


def test_options_win_over_the_config_file(tmp_path: Path, answered) -> None:
    (tmp_path / "c.toml").write_text(
        'data = "digits"\nlayers = [9, 5]\n[training]\nepochs = 3\nlimit = 60\nbatch = 10\nseed = 4\n'
        "[inference]\nsteps = 4\n[plasticity]\nnoise = 0.2\n"
    )
    config, out = str(tmp_path / "c.toml"), str(tmp_path / "run")
    result = answered(["train", "--config", config, "--epochs", "1", "--alpha", "0.01", "--out", out])
    assert (result["epoch"], result["seed"]) == (1, 4)
    spec = json.loads((tmp_path / "run" / "config.json").read_text())["spec"]
    assert (spec["layers"], spec["inference"]["steps"], spec["inference"]["alpha"]) == ([9, 5], 4, 0.01)
    assert (spec["plasticity"]["noise"], spec["training"]["limit"]) == (0.2, 60)


def test_a_recipe_with_single_fields_on_top(tmp_path: Path, answered) -> None:
    out = tmp_path / "run"
    single = ["--epochs", "1", "--limit", "200", "--set", "training.homeostasis=100", "--set", "plasticity.noise=0.2"]
    result = answered(["train", "--recipe", "digits-quick", *single, "--out", str(out)])
    assert (result["backend"], result["arithmetic"], result["split"]) == ("theory", "float32", "validation")
    spec = json.loads((out / "config.json").read_text())["spec"]
    assert (spec["training"]["homeostasis"], spec["plasticity"]["noise"], spec["layers"]) == (100, 0.2, [32, 12])
    assert spec["training"]["falling"] and spec["generation"] == {"rounds": 2, "steps": 1, "delta": 0.2, "alpha": 0.2}
    drawn = answered(["generate", str(out), "--n", "4", "--out", str(tmp_path / "s.npz")])
    assert drawn["rounds"] == 2 and drawn["inference"].items() >= {"steps": 1, "delta": 0.2, "alpha": 0.2}.items()
    judged = answered(["evaluate", str(out), "--samples", "50"])["samples"]
    assert judged.items() >= {"samples": 50, "rounds": 2, "test_images": 360, "arithmetic": "float32"}.items()
    nats = {name: row["parzen_nats"] for name, row in judged["rows"].items()}
    assert nats["real training images"] > max(nats["directed"], nats["GENERATE"])


def test_rates_that_have_fallen_do_not_go_on(tmp_path: Path, capfd) -> None:
    out = str(tmp_path / "run")
    assert run(["train", "--recipe", "digits-quick", "--epochs", "1", "--limit", "100", "--out", out]) == 0
    capfd.readouterr()
    assert run(["train", "--resume", out, "--epochs", "2"]) == 2
    assert "--epochs: got 2, allowed: 1, by which this run's learning rates fall to 0" in capfd.readouterr().err


def test_samples_are_judged_only_beside_validation_images(folder: Path, capfd) -> None:
    assert run(["evaluate", str(folder / "run"), "--samples", "50"]) == 2
    assert "--samples: got 50, allowed: a run that kept validation images" in capfd.readouterr().err


def test_recipes_are_listed_and_printed(answered, capfd) -> None:
    assert answered(["recipes"]).keys() >= {"paper", "generative", "chip"}
    assert run(["recipes", "chip"]) == 0
    assert "[plasticity]" in capfd.readouterr().out


def test_resume_makes_a_run_longer_to_the_same_bytes(tmp_path: Path, answered) -> None:
    answered(["train", *SMALL, "--epochs", "3", "--out", str(tmp_path / "whole")])
    answered(["train", *SMALL, "--epochs", "1", "--out", str(tmp_path / "part")])
    assert answered(["train", "--resume", str(tmp_path / "part"), "--epochs", "3"])["epoch"] == 3
    whole, part = ((tmp_path / name / "checkpoint.safetensors").read_bytes() for name in ("whole", "part"))
    assert whole == part


def test_engines_can_be_chosen_after_training(folder: Path, answered) -> None:
    eager, theory = (answered(["evaluate", str(folder / "run"), "--backend", name]) for name in ("eager", "theory"))
    assert (eager["backend"], theory["backend"]) == ("eager", "theory")
    assert eager["reconstruction_mse"] == pytest.approx(theory["reconstruction_mse"], rel=1e-9)


def test_lava_learns_what_eager_learns(tmp_path: Path, answered) -> None:
    pytest.importorskip("lava.magma", reason="Lava is not installed")
    for backend in ("eager", "lava"):
        answered(["train", *SMALL, "--epochs", "1", "--backend", backend, "--out", str(tmp_path / backend)])
    eager, lava = (load_file(tmp_path / name / "checkpoint.safetensors") for name in ("eager", "lava"))
    assert eager.keys() == lava.keys()
    for name in eager:  # the prior is inferred in larger batches by one: BLAS rounds differently
        tolerance = 1e-12 if name.startswith("prior") else 0.0
        np.testing.assert_allclose(lava[name], eager[name], rtol=tolerance, atol=0, err_msg=name)


def test_demo_in_a_tiny_form(tmp_path: Path, answered) -> None:
    arguments = ["demo", "--recipe", "digits-chip", "--epochs", "1", "--limit", "100"]
    result = answered([*arguments, "--backend", "eager", "--out", str(tmp_path / "demo")])
    names = {path.name for path in (tmp_path / "demo").iterdir()}
    assert names >= {"config.json", "metrics.jsonl", "checkpoint.safetensors", "report.html", "samples.png"}
    for part in ("training", "evaluation", "inpainting", "samples", "float_beside"):
        assert result[part].keys() >= {"backend", "arithmetic", "seed", "data"}
    assert (result["training"]["arithmetic"], result["float_beside"]["arithmetic"]) == ("fixed", "float32")
    assert set(result["samples"]["rows"]) == {"directed", "GENERATE", "real training images"}
    report = (tmp_path / "demo" / "report.html").read_text(encoding="utf-8")
    for heading in ("Float beside fixed", "Agreement with theory", "On Loihi 2"):
        assert f">{heading}</h2>" in report


def test_without_json_results_are_a_table_and_progress_is_on_stderr(folder: Path, capfd) -> None:
    assert run(["evaluate", str(folder / "run")]) == 0
    out, _ = capfd.readouterr()
    assert "eager fused float, seed 4, digits" in out and "PCA" in out


NAMES = [str(command.name) for command in app.registered_commands]


@pytest.mark.parametrize("command", NAMES)
def test_every_command_has_help_and_json(command: str, capfd) -> None:
    assert run([command, "--help"]) == 0
    text = capfd.readouterr().out
    assert "--json" in text and len(text) > 300


def test_help_is_quick_and_imports_no_numbers() -> None:
    """Not even numpy, which takes a third of the time that help needs. A clock would measure the machine."""
    code = (
        "import sys; from neuro_bpdl.cli.main import run; run(['--help']); "
        "print([m for m in ('numpy', 'lava', 'nengo', 'numba', 'matplotlib', 'sklearn') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_ctrl_c_leaves_a_run_to_continue_and_says_how(tmp_path: Path) -> None:
    out = tmp_path / "run"
    long = program("train", *SMALL, "--epochs", "100000", "--out", str(out), env={**os.environ, "OMP_NUM_THREADS": "1"})
    while not (out / "metrics.jsonl").exists() or len((out / "metrics.jsonl").read_text().splitlines()) < 2:
        assert long.poll() is None, long.communicate()
        time.sleep(0.05)
    long.send_signal(signal.SIGINT)
    _, err = long.communicate()
    assert long.returncode == 130
    assert re.search(rf"interrupted; continue with: neuro-bpdl train --resume {re.escape(str(out))}\n$", err)
    assert "Traceback" not in err
    assert sorted(p.name for p in out.iterdir()) == ["checkpoint.safetensors", "config.json", "metrics.jsonl"]
