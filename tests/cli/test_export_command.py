"""neuro-bpdl export on real (tiny) runs."""

import json

import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from neuro_bpdl.cli.export_command import export_command, export_run
from neuro_bpdl.data import Dataset, load
from neuro_bpdl.errors import CheckpointError, HardwareLimit, InvalidInput
from neuro_bpdl.export.chip import load_export
from neuro_bpdl.spec import EngineSpec, InferenceSpec, RunSpec, TrainingSpec
from neuro_bpdl.training.trainer import train

app = typer.Typer()
app.command()(export_command)


@pytest.fixture(scope="module")
def digits() -> Dataset:
    return load("digits")


@pytest.fixture(scope="module", params=["float", "fixed"])
def arithmetic(request):
    return request.param


@pytest.fixture(scope="module")
def run(arithmetic, digits, tmp_path_factory):
    spec = RunSpec(
        data="digits", layers=(8, 5), inference=InferenceSpec(steps=3), engine=EngineSpec(arithmetic=arithmetic),
        training=TrainingSpec(epochs=1, batch=1, limit=40, seed=2),
    )  # fmt: skip
    return train(spec, digits, tmp_path_factory.mktemp("runs") / arithmetic)


def command(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_a_fixed_run_is_exported_as_it_was_trained_and_a_float_run_is_refused(run, arithmetic, tmp_path):
    if arithmetic == "float":
        with pytest.raises(HardwareLimit, match=r"(?s)target loihi2: .*--arithmetic fixed"):
            export_run(run.path, tmp_path / "chip")
        assert not list(tmp_path.iterdir())
        return
    result = export_run(run.path, tmp_path / "chip")
    export, trained = load_export(tmp_path / "chip"), run.checkpoint()
    for a, b in zip((*export.params.F, *export.params.c), (*trained.params.F, *trained.params.c), strict=True):
        np.testing.assert_array_equal(a, b)
    assert export.settings.presentation == trained.progress.presentations == 40
    assert export.settings.seed == 2
    assert result["target"] == "loihi2"
    assert not result["provenance"]["rounded_after_training"]
    assert export.document["provenance"]["data_sha256"] == run.config.data.sha256


def test_a_float_run_can_be_rounded_and_says_so(run, arithmetic, tmp_path):
    result = export_run(run.path, tmp_path / "chip", target="loihi2", arithmetic="fixed")
    assert result["provenance"]["rounded_after_training"] == (arithmetic == "float")
    assert any("rounded now" in line for line in result["notes"]) == (arithmetic == "float")
    assert any("one per matrix" in line for line in result["notes"])


def test_the_simulator_takes_any_run(run, arithmetic, tmp_path):
    result = export_run(run.path, tmp_path / "out", target="cpu")
    assert load_export(tmp_path / "out").settings.arithmetic == arithmetic == result["arithmetic"]


def test_json_is_all_of_stdout_and_names_what_is_missing_for_a_chip(run, tmp_path):
    done = command(run.path, "--arithmetic", "fixed", "--out", tmp_path / "chip", "--json")
    assert done.exit_code == 0, done.output
    result = json.loads(done.stdout)
    assert "not run on a chip" in result["note"]
    assert result["missing_for_a_chip"]
    assert set(result["rules"]) == {"F_1", "F_2", "G_1", "G_2"}


def test_the_table_says_that_no_chip_was_used(run, tmp_path):
    done = command(run.path, "--arithmetic", "fixed", "--out", tmp_path / "chip")
    assert done.exit_code == 0, done.output
    assert "not run on a chip" in " ".join(done.stdout.split())


def test_nir_is_written_and_its_limits_are_on_screen(run, arithmetic, tmp_path):
    nir = pytest.importorskip("nir", reason="the extra nir is not installed")
    done = command(run.path, "--format", "nir", "--out", tmp_path / "net.nir")
    assert done.exit_code == 0, done.output
    for subject in ("plasticity", "compartments", "schedule", "activation"):
        assert f"NIR cannot express {subject}" in done.stderr
    graph = nir.read(tmp_path / "net.nir")
    assert graph.metadata["provenance_arithmetic"] == arithmetic
    unit = 2.0**-6 if arithmetic == "fixed" else 0.0  # of 64 inputs; the graph has what a current sees, without tags
    weight = graph.nodes["F_1"].weight
    assert np.abs(weight - run.checkpoint().params.F[0]).max() <= unit * (33 / 64)
    assert unit == 0 or np.array_equal(weight, np.rint(weight / unit) * unit)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"format": "onnx"}, r"--format: got 'onnx', allowed: loihi \| nir"),
        ({"arithmetic": "int4"}, r"--arithmetic: got 'int4', allowed: float \| fixed"),
        ({"format": "nir", "target": "loihi2"}, r"--target: got 'loihi2', allowed: no target with --format nir"),
        ({"neurons": "lif"}, r"--neurons: got 'lif', allowed: none with --format loihi"),
        ({"format": "nir", "chain": "up"}, r"chain: got 'up', allowed: both, recognition, generation"),
        ({"target": "loihi9"}, r"target: got 'loihi9'"),
    ],
)
def test_wrong_options_are_refused(run, tmp_path, options, message):
    with pytest.raises(InvalidInput, match=message):
        export_run(run.path, tmp_path / "out", **options)
    assert not list(tmp_path.iterdir())


def test_a_folder_that_is_no_run_is_refused(tmp_path):
    with pytest.raises(CheckpointError, match="RUN: got"):
        export_run(tmp_path, tmp_path / "out")


def test_an_existing_place_is_refused(run, tmp_path):
    (tmp_path / "out").mkdir()
    with pytest.raises(InvalidInput, match=r"out: .* does not exist yet"):
        export_run(run.path, tmp_path / "out", target="cpu")
