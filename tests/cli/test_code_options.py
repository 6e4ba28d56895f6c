"""``--code`` and ``--window``: a run of spikes is trained, evaluated, generated from and filled in; refusals."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from neuro_bpdl.cli.main import run
from neuro_bpdl.data import load
from neuro_bpdl.engines.eager import EagerSimulator
from neuro_bpdl.export.chip import load_export
from neuro_bpdl.export.rebuild import build_lava
from neuro_bpdl.report.costs import run_costs
from neuro_bpdl.training.run_dir import RunDir

SMALL = ["--data", "digits", "--layers", "12,6", "--limit", "60", "--arithmetic", "fixed", "--epochs", "1"]


@pytest.fixture(scope="module")
def spiking(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that learned from spikes."""
    place = tmp_path_factory.mktemp("spikes") / "run"
    assert run(["train", *SMALL, "--code", "regular", "--window", "7", "--out", str(place)]) == 0
    return place


def test_every_command_says_the_code_it_computes_with(spiking: Path, tmp_path: Path, answered) -> None:
    evaluation = answered(["evaluate", str(spiking)])
    assert evaluation["code"] == "regular W=7"
    longer = answered(["evaluate", str(spiking), "--window", "63"])
    assert longer["code"] == "regular W=63"
    assert longer["reconstruction_mse"] != evaluation["reconstruction_mse"]
    drawn = answered(["generate", str(spiking), "--n", "4", "--code", "stochastic", "--out", str(tmp_path / "s.npz")])
    assert drawn["code"] == "stochastic W=31"
    filled = answered(["inpaint", str(spiking), "--missing", "0.5", "--out", str(tmp_path / "i.npz")])
    assert filled["code"] == "regular W=7"


def test_a_run_of_spikes_is_read_with_payloads_and_in_float(spiking: Path, answered) -> None:
    graded = answered(["evaluate", str(spiking), "--code", "graded"])
    assert "code" not in graded and graded["arithmetic"] == "fixed"
    assert answered(["evaluate", str(spiking), "--arithmetic", "float"])["arithmetic"] == "float"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--code", "regular", "--window", "0"], "--window: got 0, allowed: greater than or equal to 1"),
        (["--window", "7"], "--window: got 7, allowed: none with graded payloads"),
        (["--code", "morse"], "--code: got 'morse', allowed: 'graded', 'regular' or 'stochastic'"),
        (["--code", "regular", "--backend", "theory", "--arithmetic", "float"], "--code: got 'regular'"),
        (["--code", "regular", "--batch", "4"], "got 4, allowed: 1 where synapses learn from spikes"),
    ],
)
def test_refusals_are_one_line(options, words, tmp_path: Path, capsys) -> None:
    assert run(["train", *SMALL, *options, "--out", str(tmp_path / "no")]) == 2
    message = capsys.readouterr().err
    assert words in message and message.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_an_export_says_how_spikes_are_made_and_counted(spiking: Path, tmp_path: Path, capsys) -> None:
    assert run(["export", str(spiking), "--target", "loihi2", "--out", str(tmp_path / "chip"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["code"] == "regular W=7"
    document = load_export(tmp_path / "chip").document
    assert (document["code"]["kind"], document["code"]["window"]) == ("regular", 7)
    assert "*x0*y1" in document["projections"][0]["rule"]["tag"]
    for layer in document["layers"]:
        for train in layer["spikes"].values():
            assert len(train["phases"]) == layer["units"]
            assert 0 <= min(train["phases"]) <= max(train["phases"]) < train["mantissa"]
    steps = document["schedule"]["steps"]
    assert sum(step["lasts"] for step in steps) == document["schedule"]["time_steps"]
    assert [step["begins"] for step in steps[:3]] == [0, 7, 14]


def test_loihi1_is_mapped_trained_exported_and_rebuilt_to_the_bit(tmp_path: Path, capsys) -> None:
    """What nobody chose, spikes and two factors, follows from the target; what its neurons leave to others is said."""
    place, out = tmp_path / "run", tmp_path / "chip"
    small = ["--data", "digits", "--layers", "9,5", "--limit", "12", "--epochs", "1", "--window", "5"]
    assert run(["train", *small, "--rounding", "shared", "--target", "loihi1", "--out", str(place)]) == 0
    assert "is left to embedded processors or the host" in capsys.readouterr().err
    engine = RunDir.open(place).config.spec.engine
    assert (engine.code, engine.window, engine.factors) == ("regular", 5, 2)
    assert run(["map", str(place), "--target", "loihi1", "--json"]) == 0
    mapped = json.loads(capsys.readouterr().out)
    assert mapped["fits"] and mapped["violations"] == [] and len(mapped["caveats"]) == 2
    assert run(["export", str(place), "--out", str(out), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["target"] == "loihi1"
    document = load_export(out).document
    rule = document["projections"][0]["rule"]["tag"]
    assert "*y0*x1-" in rule and rule.endswith("*x0*y1")
    assert any("postsynaptic spikes" in line for line in document["missing_for_a_chip"])
    before, images = RunDir.open(place).checkpoint().params, load("digits").x_train[12:18]
    spec = RunDir.open(place).config.spec
    eager = EagerSimulator(before, spec.inference, spec.plasticity, engine, seed=spec.training.seed)
    eager.learn(images, np.arange(6), first=12)
    pytest.importorskip("lava.magma", reason="Lava is not installed")
    rebuilt, went_on = build_lava(out, images).run(), eager.parameters()
    for a, b in zip((*rebuilt.F, *rebuilt.G), (*went_on.F, *went_on.G), strict=True):
        np.testing.assert_array_equal(a, b)
    assert not np.array_equal(rebuilt.F[0], before.F[0])


def test_what_loihi1_cannot_do_is_refused_by_name_where_it_was_chosen(tmp_path: Path, capsys) -> None:
    chosen = ["--set", "engine.factors=3", "--set", "plasticity.clip_visible=false"]
    assert run(["train", *SMALL, "--target", "loihi1", *chosen, "--out", str(tmp_path / "run")]) == 2
    refused = capsys.readouterr().err
    assert "learning rule" in refused and "spikes without a sign" in refused
    assert not list(tmp_path.iterdir())


def test_an_export_of_spikes_in_float_is_refused(spiking: Path, tmp_path: Path, capsys) -> None:
    assert run(["export", str(spiking), "--arithmetic", "float", "--out", str(tmp_path / "chip")]) == 2
    assert "allowed: graded in float: spikes are counted in integers" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_a_run_of_changes_is_the_run_of_whole_payloads_in_fewer_messages(tmp_path: Path, answered, capfd) -> None:
    runs = {sends: tmp_path / sends for sends in ("whole", "changes")}
    for sends, place in runs.items():
        assert run(["train", *SMALL, "--sends", sends, "--out", str(place)]) == 0
    capfd.readouterr()
    whole, changes = (RunDir.open(place).checkpoint().params for place in runs.values())
    for a, b in zip((*whole.F, *whole.G), (*changes.F, *changes.G), strict=True):
        np.testing.assert_array_equal(a, b)
    assert answered(["evaluate", str(runs["changes"])])["code"] == "graded, changes only"
    assert "code" not in answered(["evaluate", str(runs["changes"]), "--arithmetic", "float"])
    costs = {sends: run_costs(RunDir.open(place), images=3) for sends, place in runs.items()}
    assert costs["changes"].learn.energy < costs["whole"].learn.energy
    assert costs["changes"].learning.spikes < costs["whole"].learning.spikes
    mapped = answered(["map", str(runs["changes"])])
    assert mapped["options"]["kept_bits"] > 0 and "changes have a sign" in mapped["caveats"][0]
    exported = answered(["export", str(runs["changes"]), "--out", str(tmp_path / "chip")])
    assert exported["code"] == "graded, changes only"
    document = load_export(tmp_path / "chip").document
    assert document["code"]["kind"] == "graded" and document["widths"]["message_bits"] == 9


def test_changes_are_refused_where_nothing_adds_them(tmp_path: Path, capsys) -> None:
    cases = {
        ("--arithmetic", "float"): "--sends: got 'changes', allowed: whole in float and with spikes",
        ("--arithmetic", "fixed", "--target", "loihi1", "--code", "graded"): "graded spikes: network: got graded",
        ("--backend", "theory"): "whole on the engine theory; messages of changes only: eager, lava, lava-composed",
    }
    for options, words in cases.items():
        place, small = tmp_path / "no", ["--data", "digits", "--layers", "9,5", "--sends", "changes"]
        assert run(["train", *small, *options, "--out", str(place)]) == 2
        assert words in capsys.readouterr().err
        assert not place.exists()
