"""neuro-bpdl compare on a small trained run."""

import json

import pytest
import typer
from typer.testing import CliRunner

from neuro_bpdl.agreement import tolerances
from neuro_bpdl.cli.compare_command import compare_command
from neuro_bpdl.data import load
from neuro_bpdl.errors import CheckpointError, InvalidInput
from neuro_bpdl.spec import EngineSpec, RunSpec, TrainingSpec
from neuro_bpdl.training.trainer import train

app = typer.Typer(pretty_exceptions_enable=False)
app.command()(compare_command)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    spec = RunSpec(
        data="digits", layers=(16, 8), engine=EngineSpec(backend="theory"), training=TrainingSpec(epochs=1, limit=400)
    )
    return train(spec, load("digits"), tmp_path_factory.mktemp("runs") / "run")


def command(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_json_holds_and_exits_with_0(run):
    done = command(run.path, "--backends", "theory,eager", "--n", 10, "--json")
    assert done.exit_code == 0, done.output
    record = json.loads(done.stdout)
    assert record["holds"]
    assert record["images"] == 10
    assert [engine["engine"] for engine in record["engines"]] == ["eager float"]
    assert (record["data"], record["seed"]) == ("digits", 0)


def test_a_missed_tolerance_is_exit_code_1(run, monkeypatch):
    strict = tolerances.Tolerance(r=1.1, rmse=1, objective=1, cosine=-1, reason="nothing correlates by 1.1")
    monkeypatch.setattr(tolerances, "EXACT", strict)
    done = command(run.path, "--backends", "eager", "--n", 5)
    assert done.exit_code == 1
    assert "MISSED" in done.stdout


def test_figures(run, tmp_path):
    done = command(run.path, "--backends", "eager", "--n", 4, "--figures", tmp_path / "new" / "folder")
    assert done.exit_code == 0, done.output
    assert {p.name for p in (tmp_path / "new" / "folder").iterdir()} == {"objective.png", "rates.png", "images.png"}


def test_float_and_fixed_beside_theory(run):
    done = command(run.path, "--backends", "eager", "--arithmetic", "float,fixed", "--n", 5)
    assert done.exit_code == 0, done.output
    for part in ("eager float", "eager fixed", "dead", "saturated", "rmse", "Objective over inference", "total"):
        assert part in done.stdout


def test_nengo_in_two_neurons(run):
    pytest.importorskip("nengo")
    done = command(run.path, "--backends", "nengo,nengo-regular", "--n", 5, "--json")
    record = json.loads(done.stdout)
    assert [engine["model"] for engine in record["engines"]] == ["rate", "regular"]
    assert record["engines"][0]["holds"]


@pytest.mark.parametrize(
    ("options", "argument"),
    [
        (("--backends", "theory"), "--backends"),
        (("--backends", "brian"), "--backends"),
        (("--backends", "eager", "--arithmetic", "double"), "--arithmetic"),
        (("--backends", "eager", "--n", "0"), "--limit"),
    ],
)
def test_refuses(run, options, argument):
    done = command(run.path, *options)
    assert isinstance(done.exception, InvalidInput)
    assert done.exception.argument == argument


def test_refuses_what_is_no_run(tmp_path):
    assert isinstance(command(tmp_path, "--backends", "eager").exception, CheckpointError)


def test_section_of_the_report(run):
    from neuro_bpdl.agreement.compare import compare_engines
    from neuro_bpdl.agreement.engines import engines_of
    from neuro_bpdl.report.agreement import agreement_section

    spec, params = run.config.spec, run.checkpoint().params
    engines = engines_of(["eager"], ["float"], spec.inference, spec.plasticity)
    agreement = compare_engines(engines, params, load("digits").test[:5], spec.inference, spec.plasticity)
    html = agreement_section(agreement, (8, 8)).html
    assert html.count("<img") == 3
    assert "http" not in html
    assert all(check.where in html for check in agreement.engines[0].checks())
