"""Pages of control and bandit runs."""

import json

import numpy as np
import pytest

from neuro_bpdl.cli.main import run as command
from neuro_bpdl.control.actor_critic import ActorCritic
from neuro_bpdl.control.landscape import landscapes, observation_of
from neuro_bpdl.control.run_dir import ControlRun
from neuro_bpdl.control.spec import spec_for
from neuro_bpdl.errors import CheckpointError
from neuro_bpdl.report.acting import write_control_report


def page_of(tmp_path, capfd, *given):
    run = str(tmp_path / "run")
    assert command([*given, "--out", run, "--json"]) == 0
    trained = json.loads(capfd.readouterr().out)
    assert command(["report", run, "--json"]) == 0
    told = json.loads(capfd.readouterr().out)
    return trained, (tmp_path / "run" / "report.html").read_text(encoding="utf-8"), told


def test_a_control_run_has_curve_policy_and_frames(tmp_path, capfd):
    given = ("control", "train", "CartPole-v1", "--episodes", "6", "--seeds", "2", "--cells", "3")
    trained, page, told = page_of(tmp_path, capfd, *given)
    last = trained["runs"]["1"]["last_100"]
    assert f"{last:.4g}" in page and "from the worst to the best of 2 seeds" in page
    assert page.count("<svg") == 1 + 6 and page.count("Step ") == 8  # a curve, six pairs of variables, eight frames
    assert "0 of 2" in page and "modelled" in page and "http" not in page.replace("http://www.w3.org", "")
    assert told["environment"] == "CartPole-v1" and told["bytes"] == len(page.encode())


def test_a_bandit_run_has_curve_and_mistakes(tmp_path, capfd):
    given = ("bandit", "train", "digits", "--limit", "200", "--hidden", "10", "--passes", "2", "--seeds", "2")
    trained, page, told = page_of(tmp_path, capfd, *given)
    assert f"{100 * trained['test_accuracy']:.2f} %" in page and "Test images with a wrong answer" in page
    assert told["data"] == "digits" and page.count("<svg") == 1


def test_landscapes_are_what_the_agent_says():
    """Acrobot: two angles of a cosine and a sine, two velocities; the grid's corner is that state."""
    agent = ActorCritic("Acrobot-v1", cells=3, seed=1).learn(2)
    found = landscapes(agent)
    assert len(found) == 6 and found[0].names == ("first angle, rad", "second angle, rad")
    state = np.array([low for low, _ in agent.spec.ranges[:2]] + [0.0, 0.0])
    seen = observation_of(agent, state)
    assert seen == pytest.approx([np.cos(state[0]), np.sin(state[0]), np.cos(state[1]), np.sin(state[1]), 0, 0])
    assert found[0].action[0, 0] == agent.predict(seen)[0]


def test_a_run_that_was_cut_and_an_environment_without_pictures(tmp_path, corridor):
    spec = spec_for("Corridor", episodes=3, cells=4)
    with ControlRun.creating(tmp_path / "run", spec, 1) as run:
        with pytest.raises(CheckpointError, match="--resume"):
            write_control_report(run, corridor())
        run.train(env=corridor())
        page = write_control_report(run, corridor(), tests=2).read_text(encoding="utf-8")
    assert "No pictures" in page and "variable 1" in page
