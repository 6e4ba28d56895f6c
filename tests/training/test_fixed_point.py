"""What fixed point makes of a run: quantised settings, and clipped numbers on every engine that counts them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from neuro_bpdl.cli.main import run as cli
from neuro_bpdl.data import Dataset
from neuro_bpdl.engines.registry import make_simulator
from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.kernels.events import SATURATIONS
from neuro_bpdl.parameters import initial_parameters
from neuro_bpdl.spec import EngineSpec, InferenceSpec, NetworkSpec, PlasticitySpec, RunSpec
from neuro_bpdl.training.fixed_point import clipped_per_image, quantised_settings, setting_rows
from neuro_bpdl.training.trainer import train

FIXED = RunSpec(
    data="digits", layers=(16, 8, 6), engine={"arithmetic": "fixed"}, inference={"alpha": (0.001, 0.2, 0.0)},
    training={"epochs": 2, "limit": 60, "batch": 1}, plasticity={"learning_rate": 0.03, "feedforward_rate": 0.02},
)  # fmt: skip


def test_settings_in_fixed_point_are_near_what_was_requested() -> None:
    quantised = quantised_settings(FIXED, 64)
    assert [step["requested"] for step in quantised["alpha"]] == [0.001, 0.2]
    for step in (quantised["delta"], *quantised["alpha"]):
        assert step["value"] == step["mantissa"] / 2 ** step["shift"] == pytest.approx(step["requested"], rel=0.07)
    rates = quantised["learning_rates"]
    assert list(rates) == ["F_1", "F_2", "F_3", "G_1", "G_2", "G_3"]
    assert all(rate["requested"] == (0.02 if name[0] == "F" else 0.03) for name, rate in rates.items())
    assert all(2**-0.5 < rate["rate"] / rate["requested"] < 2**0.5 for rate in rates.values())
    assert len(setting_rows(quantised)) == 1 + 2 + 6


def test_float_has_no_quantised_settings_and_impossible_ones_are_refused() -> None:
    assert quantised_settings(RunSpec(), 784) is None
    with pytest.raises(InvalidInput, match=r"learning rate of F_1.*use"):
        quantised_settings(RunSpec(engine={"arithmetic": "fixed"}, plasticity={"learning_rate": 90}), 784)


def clipped_by(engine: EngineSpec, *, rate: float = 0.4) -> list[dict[str, int]] | None:
    params = initial_parameters(NetworkSpec.of((20, 12, 6)), 0)
    params.G[0][:, 0], params.G[0][:, 1:] = 7.9, -7.9  # h_1 draws nothing; what would draw cannot grow
    x = np.random.default_rng(0).integers(0, 2, (30, 20)).astype(np.float64)
    spec = PlasticitySpec(learning_rate=rate)
    simulator = make_simulator(engine, params, InferenceSpec(steps=4, delta=1.0), spec, seed=1)
    simulator.learn(x, np.arange(30), 0)
    return simulator.saturated


def test_every_kind_is_counted_and_only_in_fixed_point() -> None:
    clipped = clipped_by(EngineSpec(arithmetic="fixed"))
    kinds = set(SATURATIONS) - {"range"}  # what counts of spikes alone can leave
    assert len(clipped) == 3 and all(set(layer) == kinds for layer in clipped)
    assert all(sum(layer[kind] for layer in clipped) > 0 for kind in kinds)
    assert clipped_by(EngineSpec()) is None


def test_lava_fused_clips_as_often_as_eager_and_composed_does_not_tell() -> None:
    pytest.importorskip("lava.magma", reason="Lava is not installed")
    fixed = EngineSpec(backend="lava", arithmetic="fixed")
    assert clipped_by(fixed) == clipped_by(EngineSpec(arithmetic="fixed"))
    assert clipped_by(fixed.model_copy(update={"model": "composed", "rounding": "shared"})) is None


def test_a_run_keeps_what_was_clipped_in_every_epoch(tmp_path: Path, digits: Dataset) -> None:
    run = train(FIXED, digits, tmp_path / "run")
    lines = run.metrics()
    assert "saturations" not in lines[0] and all(len(line["saturations"]) == 4 for line in lines[1:])
    expected = sum(line["saturations"][1]["soma"] for line in lines[1:]) / 120
    assert clipped_per_image(lines)[1]["soma"] == expected > 0
    assert clipped_per_image([{**line, "saturations": None} for line in lines]) is None


def test_train_prints_both_and_the_report_shows_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--data", "digits", "--layers", "8,4", "--limit", "40", "--epochs", "1", "--arithmetic", "fixed",
               "--learning-rate", "0.02"]  # fmt: skip
    assert cli(["train", *options, "--out", str(tmp_path / "run")]) == 0
    printed = capsys.readouterr()
    assert "learning rate of G_2: 0.0" in printed.err and "on the chip for 0.02" in printed.err
    assert "clipped per image, layer 2" in printed.out
    assert cli(["report", str(tmp_path / "run")]) == 0
    page = (tmp_path / "run" / "report.html").read_text(encoding="utf-8")
    assert "learning rate of F₁" in page and "did not fit" in page
