"""Run folders and the command line: cut and resumed to the same bytes, locked, refused in one line."""

import json
import shutil
import signal

import pytest

from neuro_bpdl.cli.main import run as command
from neuro_bpdl.control.actor_critic import ActorCritic
from neuro_bpdl.control.run_dir import ControlRun
from neuro_bpdl.control.spec import spec_for
from neuro_bpdl.errors import BadFile, CheckpointError, FolderInUse, InvalidInput


class Cut(Exception):
    """Power failed."""


def files(path):
    return {file.name: file.read_bytes() for file in path.iterdir() if file.suffix in (".json", ".safetensors")}


@pytest.mark.parametrize("cut_at", [36, 42])  # after a save of the first seed; in the second
def test_a_cut_run_goes_on_to_the_same_bytes(tmp_path, monkeypatch, cut_at):
    monkeypatch.setattr("neuro_bpdl.control.run_dir.SAVED_EVERY", 5)
    spec = spec_for("Acrobot-v1", episodes=8, seed=3, cells=3)
    with ControlRun.creating(tmp_path / "whole", spec, 2) as whole:
        whole.train()

    def cutting(seed, episode):
        if seed * 10 + episode.number == cut_at:
            raise Cut

    with pytest.raises(Cut), ControlRun.creating(tmp_path / "cut", spec, 2) as run:
        run.train(cutting)
    assert not (tmp_path / "cut" / "result.json").exists()
    with ControlRun.open(tmp_path / "cut").locked() as run:
        run.train()
    assert files(tmp_path / "whole") == files(tmp_path / "cut")


def test_a_run_that_learned_nothing_leaves_nothing(tmp_path, corridor):
    spec = spec_for("Corridor", episodes=3)
    with pytest.raises(Exception, match="wheel"), ControlRun.creating(tmp_path / "run", spec, 1) as run:
        run.train(env=corridor(fails_at=1))
    assert list(tmp_path.iterdir()) == []


def test_a_run_in_use_is_refused_and_an_existing_name_too(tmp_path, corridor):
    spec = spec_for("Corridor", episodes=3)
    with ControlRun.creating(tmp_path / "run", spec, 1) as run:
        run.train(env=corridor())
        with pytest.raises(FolderInUse), ControlRun.open(tmp_path / "run").locked():
            pass
    with pytest.raises(InvalidInput, match="--out"), ControlRun.creating(tmp_path / "run", spec, 1):
        pass
    with ControlRun.open(tmp_path / "run").locked() as again:
        assert again.train(env=corridor())["runs"]["0"]["episodes"] == 3


def test_a_changed_config_or_anothers_agent_is_refused(tmp_path, corridor):
    for name, cells in (("a", 3), ("b", 4)):
        with ControlRun.creating(tmp_path / name, spec_for("Corridor", episodes=2, cells=cells), 1) as run:
            run.train(env=corridor())
    (tmp_path / "a" / "agent-0.safetensors").write_bytes((tmp_path / "b" / "agent-0.safetensors").read_bytes())
    with pytest.raises(BadFile, match="another run"):
        ControlRun.open(tmp_path / "a").agent(0, corridor())
    config = tmp_path / "b" / "config.json"
    config.write_text(config.read_text().replace('"episodes": 2', '"episodes": 3'))
    with pytest.raises(BadFile, match="digest"):
        ControlRun.open(tmp_path / "b")
    with pytest.raises(CheckpointError, match="control train"):
        ControlRun.open(tmp_path)


def test_the_command_line_trains_resumes_evaluates_and_watches(tmp_path, capfd):
    run, picture = str(tmp_path / "pole"), tmp_path / "pole.gif"
    assert command(["control", "train", "CartPole-v1", "--episodes", "12", "--seeds", "2", "--out", run, "--json"]) == 0
    trained = json.loads(capfd.readouterr().out)
    assert trained["runs"]["1"]["episodes"] == 12 and trained["arithmetic"] == "fixed"
    assert command(["control", "train", "--resume", run, "--json"]) == 0
    assert json.loads(capfd.readouterr().out) == trained
    assert command(["control", "evaluate", run, "--episodes", "3", "--json"]) == 0
    assert set(json.loads(capfd.readouterr().out)["returns"]) == {"0", "1"}
    assert command(["control", "map", run, "--json"]) == 0
    mapped = json.loads(capfd.readouterr().out)
    assert mapped["cores"] == 1 and mapped["time_steps"] == 8 and "not measured" in mapped["basis"]
    assert command(["control", "watch", run, "--out", str(picture), "--json"]) == 0
    watched = json.loads(capfd.readouterr().out)
    assert watched["return"] == watched["steps"] and picture.read_bytes().startswith(b"GIF8")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["train"], "ENVIRONMENT"), (["train", "CartPole-v1", "--cells", "1"], "--cells: got 1"),
        (["train", "Pendulum-v1"], "Discrete"), (["train", "CartPole-v1", "--ranges", "space"], "--ranges learned"),
        (["train", "CartPole-v1", "--ranges", "wide"], "--ranges"), (["train", "NoSuch-v0"], "NoSuch-v0"),
        (["train", "--resume", "nowhere"], "nowhere"), (["evaluate", "nowhere"], "nowhere"),
        (["train", "CartPole-v1", "--model", "composed"], "--model"),
    ],
)  # fmt: skip
def test_the_command_line_refuses_in_one_line_and_writes_nothing(arguments, said, tmp_path, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)
    assert command(["control", *arguments]) == 2
    err = capfd.readouterr().err
    assert said in err and err.count("\n") == 1
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


@pytest.mark.parametrize("moment", ["before an agent is saved", "before the result is written"])
def test_a_sleeper_writes_nothing_into_a_folder_that_was_made_anew(tmp_path, corridor, monkeypatch, moment):
    path = tmp_path / "run"

    def anew(*_):
        shutil.rmtree(path)
        path.mkdir()
        (path / "another's").touch()

    agent_saved = moment == "before the result is written"
    saved = ActorCritic.save
    monkeypatch.setattr(ActorCritic, "save", lambda *a: (saved(*a), anew()))  # the folder goes after the save
    spec = spec_for("Corridor", episodes=2)
    refused = pytest.raises(CheckpointError, match="not this training's any more")
    with refused, ControlRun.creating(path, spec, 1) as run:
        run.train(None if agent_saved else anew, env=corridor())
    assert [file.name for file in path.iterdir()] == ["another's"]


def test_ctrl_c_says_how_to_go_on(tmp_path, monkeypatch, capsys):
    def stop(*_):
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(ControlRun, "train", stop)
    out = tmp_path / "a [red] pole"
    assert command(["control", "train", "CartPole-v1", "--episodes", "2", "--out", str(out)]) == 130
    assert f"continue with: neuro-bpdl control train --resume '{out}'" in capsys.readouterr().err
    assert ControlRun.open(out).config.spec.episodes == 2
