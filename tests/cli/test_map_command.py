"""`neuro-bpdl map` from sizes, a config file and a run directory."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from neuro_bpdl.cli.main import run
from neuro_bpdl.cli.map_command import map_command
from neuro_bpdl.cli.mapped import mapped
from neuro_bpdl.errors import CheckpointError, InvalidInput

app = typer.Typer()
app.command("map")(map_command)


def test_sizes_as_json() -> None:
    result = CliRunner().invoke(app, ["--sizes", "784,1000,100", "--target", "loihi2", "--json"])
    assert result.exit_code == 0
    report = json.loads(result.stdout)
    # With 9-bit tags: 1,001 · 17 bit a neuron of layers 0 and 2, 61 a core; 886 · 17 of layer 1, 69 a core.
    assert (report["cores"], report["chips"], report["fits"]) == (13 + 15 + 2, 1, True)
    assert report["bottleneck"] == "synaptic memory per core"
    assert report["violations"] == [] and report["largest"] == [784, 3245, 324]
    assert report == json.loads(json.dumps(mapped(sizes="784,1000,100").to_dict()))


def test_the_table_and_a_picture(tmp_path: Path) -> None:
    picture = tmp_path / "chip.png"
    result = CliRunner().invoke(app, ["--sizes", "64,20", "--picture", str(picture)])
    assert result.exit_code == 0
    assert "not run on a chip" in result.stdout and "Davies 2018" in result.stdout
    assert picture.stat().st_size > 1000


def test_a_config_file_is_checked_like_a_run(tmp_path: Path) -> None:
    config = tmp_path / "run.toml"
    config.write_text('layers = [20, 10]\nactivation = "softplus"\n')
    report = mapped(config, visible=64).to_dict()
    assert report["sizes"] == [64, 20, 10]
    assert [text.split(":")[0] for text in report["violations"]] == ["activation"] * 3 + ["batch", "arithmetic"]


def test_a_run_directory(tmp_path: Path) -> None:
    data = {"name": "digits", "sha256": "0" * 64, "source": "here", "train_images": 9, "test_images": 0,
            "image_shape": [8, 8]}  # fmt: skip
    fields = {"format": 1, "spec": {"layers": [20, 10]}, "data": data, "visible": 64, "versions": {}, "commit": None}
    (tmp_path / "config.json").write_text(json.dumps(fields))
    assert mapped(tmp_path, target="loihi1").to_dict()["sizes"] == [64, 20, 10]


def test_the_simulator_has_no_costs() -> None:
    assert mapped(sizes="64,20", target="cpu").to_dict()["estimate"] is None


@pytest.mark.parametrize("content", [None, "{", "[]", '{"spec": {}}', '{"spec": {"layers": "x"}, "visible": 3}'])
def test_a_broken_run_directory_is_one_error(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "config.json").write_text(content)
    with pytest.raises(CheckpointError, match=r"config\.json"):
        mapped(tmp_path).to_dict()


@pytest.mark.parametrize("arguments", [[], ["x", "--sizes", "3,4"], ["--sizes", "3,four"], ["--sizes", "3"],
                                       ["--sizes", "3,4", "--target", "loihi9"], ["nothing.toml"]])
def test_bad_input_is_one_line_and_exit_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["map", *arguments]) == 2
    said = capsys.readouterr().err
    assert said.startswith("neuro-bpdl: ") and said.count("\n") == 1
    assert "--config" not in said  # which map has not


def test_a_configs_data_say_how_many_pixels(tmp_path: Path) -> None:
    config = tmp_path / "run.toml"
    config.write_text('layers = [20]\n')
    assert mapped(config).to_dict()["sizes"] == [784, 20]
    config.write_text('layers = [20]\ndata = "nowhere.npz"\n')
    with pytest.raises(InvalidInput, match=r"nowhere\.npz"):
        mapped(config).to_dict()
