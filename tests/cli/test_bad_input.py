"""Every bad input of a command line: exit code 2, one line that names it, nothing left behind."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from neuro_bpdl.cli.main import run
from neuro_bpdl.errors import MissingDependency

RNG = np.random.default_rng(0)
GOOD = RNG.random((30, 6, 6))


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("bad") / "run"
    small = ["--data", "digits", "--layers", "8", "--limit", "60", "--epochs", "1"]
    assert run(["train", *small, "--out", str(place)]) == 0
    return place


@pytest.mark.parametrize("words", [
    ["evaluate"], ["classify"], ["generate"], ["inpaint"], ["report"], ["compare"], ["map"], ["sweep"],
    ["export", "--out", "chip"], ["map", "--sizes", "8,4", "--target"],
    ["train", "--resume"], ["train", "--config"], ["train", "--recipe"], ["train", "--data"],
    ["train", "--data", "digits", "--out"], ["reproduce", "fig2", "--quick", "--out"],
    ["control", "evaluate"], ["control", "train", "CartPole-v1", "--out"], ["bandit", "train", "digits", "--out"],
], ids=" ".join)  # fmt: skip
def test_a_name_that_no_file_system_takes_is_bad_input(refused, words) -> None:
    assert "n" * 60 in refused([*words, "n" * 300])


@pytest.mark.parametrize(
    ("options", "named", "allowed"),
    [
        (["--data", "mnist-mni"], "--data", "mnist-mini"),
        (["--data", "none.npz"], "data", "none.npz"),
        (["--layers", "0,3"], "--layers", "greater than or equal to 1"),
        (["--layers", "-5"], "--layers", "greater than or equal to 1"),
        (["--layers", ""], "--layers", "whole numbers"),
        (["--layers", "8,x"], "--layers", "whole numbers"),
        (["--layers", "9,9,9,9,9,9,9"], "--layers", "at most 6 hidden layers"),
        (["--layers", ",".join(["9"] * 20)], "--layers", "15"),
        (["--layers", "2000000"], "--layers", "1000000"),
        (["--epochs", "0"], "--epochs", "1"),
        (["--epochs", "two"], "--epochs", "integer"),
        (["--limit", "1"], "--limit", "2"),
        (["--limit", "5000"], "--limit", "1437"),
        (["--batch", "-1"], "--batch", "0"),
        (["--limit", "10", "--batch", "11"], "--batch", "10"),
        (["--learning-rate", "nan"], "--learning-rate", "0"),
        (["--learning-rate", "-1"], "--learning-rate", "0"),
        (["--noise", "-0.1"], "--noise", "0"),
        (["--seed", "-1"], "--seed", "0"),
        (["--steps", "0"], "--steps", "1"),
        (["--delta", "2"], "--delta", "1"),
        (["--alpha", "inf"], "--alpha", "1"),
        (["--alpha", "0.1,x"], "--alpha", "'variance'"),
        (["--alpha", "0.1,0.1,0.1", "--layers", "9,8"], "--alpha", "one number, or 2"),
        (["--alpha", "variance"], "--alpha", "numbers while training"),
        (["--activation", "relu"], "--activation", "clipped-relu"),
        (["--activation", "tanh,tanh"], "activations", "3 names"),
        (["--backend", "loihi"], "--backend", "'lava'"),
        (["--model", "stock"], "--model", "'composed'"),
        (["--arithmetic", "int8"], "--arithmetic", "'fixed'"),
        (["--rounding", "none"], "--rounding", "'shared'"),
        (["--backend", "theory", "--arithmetic", "fixed"], "--arithmetic", "float"),
        (["--config", "none.toml"], "--config", "readable"),
        (["--recipe", "soup"], "--recipe", "generative-quick"),
        (["--recipe", "chip-quick", "--config", "none.toml"], "--recipe", "not both"),
        (["--recipe", "digits-chip", "--set", "engine.precision=float32"], "precision", "float64 in fixed point"),
        (["--recipe", "digits-quick", "--epochs", "2", "--set", "training.epochs=3"], "--set", "every field once"),
        (["--set", "epochs"], "--set", "FIELD=VALUE"),
        (["--set", "training.soup=1"], "TrainingSpec.soup", "only the fields of the spec"),
        (["--set", "training.homeostasis=-1"], "TrainingSpec.homeostasis", "greater than or equal to 0"),
        (["--data", "digits", "--validation", "1436"], "--validation", "at most 1435"),
        (["--target", "loihi9"], "target", "loihi2"),
        (["--colour", "red"], "--colour", "--help"),
    ],
)
def test_train(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refused, options: list[str], named: str, allowed: str
) -> None:
    monkeypatch.chdir(tmp_path)
    line = refused(["train", "--data", "digits", "--layers", "8,4", "--out", "run", *options])
    assert named in line and allowed in line
    assert list(tmp_path.iterdir()) == []


def test_a_recipe_for_other_images(tmp_path: Path, refused) -> None:
    line = refused(["train", "--recipe", "chip", "--data", "digits", "--out", str(tmp_path / "run")])
    assert "--recipe: got 'chip', allowed: images of 784 pixels; digits has 64; choose digits-chip or" in line
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arrays", "named"),
    [
        ({"x_train": GOOD * 2}, "[0, 1]"),
        ({"x_train": np.where(GOOD > 0.5, np.nan, GOOD)}, "NaN"),
        ({"x_train": np.zeros((30, 6, 6))}, "equal images"),
        ({"x_train": np.zeros((0, 6, 6))}, "at least one image"),
        ({"x_train": GOOD[:1]}, "1 image"),
        ({"x_train": GOOD[None]}, "shape"),
        ({"x_train": GOOD.astype(np.int64)}, "int64"),
        ({"x_train": GOOD, "x_test": GOOD[:, :5]}, "x_test"),
        ({"x_train": GOOD, "y_train": np.arange(3)}, "y_train"),
        ({"images": GOOD}, "x_train"),
    ],
)
def test_data_files(tmp_path: Path, refused, arrays: dict[str, np.ndarray], named: str) -> None:
    np.savez(tmp_path / "mine.npz", **arrays)
    line = refused(["train", "--data", str(tmp_path / "mine.npz"), "--layers", "4", "--out", str(tmp_path / "run")])
    assert "data" in line and named in line
    assert [path.name for path in tmp_path.iterdir()] == ["mine.npz"]


def test_a_run_that_exists(trained: Path, refused) -> None:
    before = {path.name: path.read_bytes() for path in trained.iterdir()}
    line = refused(["train", "--data", "digits", "--layers", "8", "--out", str(trained)])
    assert "--out" in line and "--resume" in line
    assert before == {path.name: path.read_bytes() for path in trained.iterdir()}


def test_a_place_below_a_file(tmp_path: Path, refused) -> None:
    (tmp_path / "file").write_text("")
    assert "--out" in refused(["train", "--data", "digits", "--out", str(tmp_path / "file" / "run")])


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_folder(tmp_path: Path, trained: Path, refused) -> None:
    tmp_path.chmod(0o500)
    assert "--out" in refused(["train", "--data", "digits", "--out", str(tmp_path / "run")])
    assert "--out" in refused(["generate", str(trained), "--out", str(tmp_path / "s.npz")])


@pytest.mark.parametrize("command", ["evaluate", "generate", "inpaint", "report"])
@pytest.mark.parametrize("harm", ["cut", "version", "missing", "config"])
def test_a_checkpoint_that_cannot_be_used(tmp_path: Path, trained: Path, refused, command: str, harm: str) -> None:
    run_dir = tmp_path / "run"
    run_dir.mkdir()
    for path in trained.iterdir():
        (run_dir / path.name).write_bytes(path.read_bytes())
    checkpoint = run_dir / "checkpoint.safetensors"
    content = checkpoint.read_bytes()
    if harm == "cut":
        checkpoint.write_bytes(content[: len(content) // 2])
    elif harm == "version":
        checkpoint.write_bytes(content.replace(b'\\"format\\": 2', b'\\"format\\": 9'))
    elif harm == "missing":
        checkpoint.unlink()
    else:
        (run_dir / "config.json").write_text("{}")
    out = ["--out", str(tmp_path / "x.npz")] if command in ("generate", "inpaint") else []
    line = refused([command, str(run_dir), *out])
    assert str(run_dir) in line
    assert [path.name for path in tmp_path.iterdir()] == ["run"] and not (run_dir / "report.html").exists()


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["evaluate", "nowhere"], "RUN"),
        (["evaluate", "RUN", "--data", "mnist-mini"], "--data"),
        (["evaluate", "RUN", "--limit", "0"], "--limit"),
        (["evaluate", "RUN", "--steps", "0"], "--steps"),
        (["evaluate", "RUN", "--backend", "gpu"], "--backend"),
        (["generate", "RUN", "--n", "0"], "--n"),
        (["generate", "RUN", "--out", "s.txt"], "--out"),
        (["generate", "RUN", "--rounds", "-1"], "--rounds"),
        (["inpaint", "RUN", "--missing", "1.5"], "--missing"),
        (["inpaint", "RUN", "--missing", "nan"], "--missing"),
        (["inpaint", "RUN", "--kind", "diagonal"], "--kind"),
        (["inpaint", "RUN", "--seed", "-1"], "--seed"),
        (["report", "nowhere"], "RUN"),
        (["train", "--resume", "nowhere"], "RUN"),
        (["train", "--resume", "RUN", "--layers", "9"], "--layers"),
        (["train", "--resume", "RUN", "--epochs", "0"], "--epochs"),
        (["sing"], "sing"),
        (["evaluate"], "RUN"),
    ],
)
def test_other_commands(
    tmp_path: Path, trained: Path, monkeypatch: pytest.MonkeyPatch, refused, arguments: list[str], named: str
) -> None:
    monkeypatch.chdir(tmp_path)
    assert named in refused([str(trained) if part == "RUN" else part for part in arguments])
    assert list(tmp_path.iterdir()) == []


def test_test_images_that_are_missing(tmp_path: Path, refused) -> None:
    np.savez(tmp_path / "mine.npz", x_train=GOOD)
    data, out = str(tmp_path / "mine.npz"), str(tmp_path / "run")
    assert run(["train", "--data", data, "--layers", "4", "--epochs", "1", "--out", out]) == 0
    assert "x_test" in refused(["evaluate", out])


def test_lava_that_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refused) -> None:
    def absent() -> None:
        raise MissingDependency("lava: not installed, but a Lava run needs it; pip install lava-nc")

    monkeypatch.setattr("neuro_bpdl.engines.lava.availability.require_lava", absent)
    line = refused(["train", "--data", "digits", "--backend", "lava", "--layers", "8", "--out", str(tmp_path / "run")])
    assert "lava: not installed" in line and list(tmp_path.iterdir()) == []


def test_a_network_that_the_target_cannot_hold(tmp_path: Path, capfd) -> None:
    arguments = ["train", "--data", "digits", "--target", "loihi2", "--activation", "tanh", "--layers", "8"]
    assert run([*arguments, "--out", str(tmp_path / "run")]) == 2
    err = capfd.readouterr().err
    assert "activation: layer 1" in err and "arithmetic" in err and "Traceback" not in err
    assert list(tmp_path.iterdir()) == []


def test_the_programs_exit_code_is_two() -> None:
    code = "from neuro_bpdl.cli.main import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code, "train", "--epochs", "0"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (2, "") and done.stderr.count("\n") == 1
