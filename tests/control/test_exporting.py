"""An agent in a folder for a chip: rebuilt to the bit, and refused when it is not what was written."""

import json

import numpy as np
import pytest

from neuro_bpdl.cli.main import run as command
from neuro_bpdl.control.actor_critic import ActorCritic
from neuro_bpdl.control.described import described
from neuro_bpdl.control.exporting import AGENT, WEIGHTS, export_agent, load_agent_export
from neuro_bpdl.errors import BadFile, HardwareLimit, InvalidInput
from neuro_bpdl.files.json_file import signed


def equal(one, other):
    return all(np.array_equal(one.kernel.tensors[name], array) for name, array in other.kernel.tensors.items())


@pytest.mark.parametrize("settings", [{}, {"rounding": "shared"}, {"hidden": 12}], ids=str)
def test_a_rebuilt_agent_goes_on_to_the_same_bits(tmp_path, corridor, settings):
    agent = ActorCritic(corridor(), cells=4, seed=2, **settings).learn(8)
    rebuilt = export_agent(agent, tmp_path / "chip").rebuild(corridor())
    assert equal(rebuilt, agent) and rebuilt.returns == agent.returns
    assert rebuilt.learn(8).returns == agent.learn(8).returns and equal(rebuilt, agent)
    assert agent.kernel.tensors["actor"].any()


def test_the_document_says_rules_schedule_and_cost(tmp_path, corridor):
    agent = ActorCritic(corridor(), cells=4).learn(2)
    document = export_agent(agent, tmp_path / "chip", "loihi2", {"run": "here"}).document
    assert [step["phase"] for step in document["schedule"]["steps"]] == [
        "sense", "learn", "carry", "carry", "carry", "carry", "recall", "act"
    ]  # fmt: skip
    assert document["projections"][0]["rule"]["tag"].endswith("4*2^-2*x0*x1*y1-4*2^-2*x0*x1*y2")
    assert document["td_error"]["gamma_shift"] == 7 and len(document["choice"]["noise_table"]) == 128
    assert document["cost"]["basis"].startswith("modelled") and document["provenance"] == {"run": "here"}
    assert "not run on a chip" in document["note"]


def test_a_schedule_has_as_many_steps_as_it_says(corridor):
    for hidden in (0, 12):
        schedule = described(ActorCritic(corridor(), cells=4, hidden=hidden).kernel)["schedule"]
        assert len(schedule["steps"]) == schedule["time_steps"]


def test_a_target_without_what_it_needs_is_refused_and_nothing_written(tmp_path, corridor):
    agent = ActorCritic(corridor(), cells=4).learn(1)
    with pytest.raises(HardwareLimit, match="neuron_factor"):
        export_agent(agent, tmp_path / "chip", "loihi1")
    with pytest.raises(InvalidInput, match="float agent"):
        export_agent(ActorCritic(corridor(), arithmetic="float"), tmp_path / "chip")
    assert list(tmp_path.iterdir()) == []


def test_what_was_changed_is_refused(tmp_path, corridor):
    """Also weights of another agent, and rules that do not follow from the spec, under digests that fit."""
    for name, seed in (("a", 0), ("b", 1)):
        export_agent(ActorCritic(corridor(), cells=4, seed=seed).learn(3), tmp_path / name)
    file = tmp_path / "a" / AGENT
    document = json.loads(file.read_text())
    file.write_text(json.dumps({**document, "size": 5}))
    with pytest.raises(BadFile, match="digest"):
        load_agent_export(tmp_path / "a")
    changed = {**document, "td_error": {**document["td_error"], "gain": 3}}
    file.write_text(json.dumps(signed({k: v for k, v in changed.items() if k != "digest"})))
    with pytest.raises(BadFile, match="other rules"):
        load_agent_export(tmp_path / "a").rebuild(corridor())
    (tmp_path / "b" / WEIGHTS).write_bytes((tmp_path / "a" / WEIGHTS).read_bytes())
    with pytest.raises(BadFile, match="digest"):
        load_agent_export(tmp_path / "b")


def test_the_command_line_exports_and_refuses(tmp_path, capfd):
    run, out = str(tmp_path / "run"), str(tmp_path / "chip")
    few = ["--episodes", "2", "--seeds", "2", "--cells", "3"]
    given = ["control", "train", "CartPole-v1", *few, "--out", run, "--json"]
    assert command(given) == 0
    capfd.readouterr()
    assert command(["control", "export", run, "--agent", "1", "--out", out, "--json"]) == 0
    written = json.loads(capfd.readouterr().out)
    assert written["agent"] == 1 and load_agent_export(out).rebuild().spec.seed == 1
    assert command(["export", run, "--out", out + "2", "--json"]) == 0
    assert json.loads(capfd.readouterr().out)["agent"] == 0
    refusals = {("--agent", "7"): "--agent: got 7", ("--target", "loihi1"): "neuron_factor", (): "does not exist yet"}
    for more, said in refusals.items():
        assert command(["control", "export", run, "--out", out, *more]) == 2
        assert said in capfd.readouterr().err
    assert command(["export", run, "--format", "nir", "--out", out + "3"]) == 2
    assert "leave both out" in capfd.readouterr().err
