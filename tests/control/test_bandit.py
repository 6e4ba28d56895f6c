"""The bandit: what a choice writes, what is learned from reward alone, and its run folder."""

import json

import numpy as np
import pytest

from neuro_bpdl.cli.main import run as command
from neuro_bpdl.control.bandit import Bandit, BanditSpec
from neuro_bpdl.control.bandit_run import BanditRun
from neuro_bpdl.data import load
from neuro_bpdl.errors import BadFile, InvalidInput
from neuro_bpdl.kernels.fixed import bandit as fixed
from neuro_bpdl.theory import reward


@pytest.fixture(scope="module")
def digits():
    return load("digits")


def test_what_the_top_writes_is_the_theorys_gated_swing():
    rng, swing = np.random.default_rng(0), np.zeros(5, np.int32)
    for _ in range(50):
        output = rng.integers(0, 128, 5).astype(np.int32)
        action, label = rng.integers(0, 5, 2)
        fixed.teach(output, action, label, fixed.GATED, swing)
        np.testing.assert_allclose(swing / 127, reward.gated_swing(action, action == label, output / 127), atol=1e-12)
        fixed.teach(output, action, label, fixed.SUPERVISED, swing)
        np.testing.assert_allclose(swing / 127, np.eye(5)[label] - output / 127, atol=1e-12)


def test_rounding_is_unbiased_and_keeps_to_its_multiples():
    rng = np.random.default_rng(1)
    for value, shift, bits in ((37, 0, 2), (-1234, 5, 1), (5, 8, 1)):
        drawn = [fixed.rounded(value, shift, bits, np.uint32(draw)) for draw in rng.integers(0, 2**32, 40_000)]
        assert set(np.abs(drawn) % (1 << bits)) == {0}
        assert np.mean(drawn) == pytest.approx(value / 2**shift, abs=0.03)
    assert fixed.rounded(10_000, 0, 2, np.uint32(0)) == 124


def test_digits_are_learned_from_reward_nearly_as_well_as_from_labels(digits):
    """Chance is 10 %; the hidden layer's feedback G is learned too."""
    rewarded, told = (Bandit(BanditSpec(data="digits", hidden=64, passes=4, teacher=t), digits)
                      for t in ("reward", "label"))  # fmt: skip
    for agent in (rewarded, told):
        for _ in range(4):
            agent.learn()
    assert told.passes[-1]["test_accuracy"] > 0.85
    assert rewarded.passes[-1]["test_accuracy"] > 0.8
    assert rewarded.passes[0]["rewarded"] < rewarded.passes[-1]["rewarded"]
    np.testing.assert_array_equal(rewarded.predict(digits.x_test[:5]).shape, (5,))


def test_the_feedback_turns_towards_the_transpose_of_the_feedforward_weights(digits):
    agent = Bandit(BanditSpec(data="digits", hidden=64, passes=3), digits)

    def cosine():
        up, down = agent.tensors["second"][0, :-1].astype(float), agent.tensors["down"][0].T.astype(float)
        return (up * down).sum() / np.linalg.norm(up) / np.linalg.norm(down)

    before = cosine()
    for _ in range(3):
        agent.learn()
    assert abs(before) < 0.2 and cosine() > 0.5


def test_a_cut_run_goes_on_to_the_same_bytes(tmp_path):
    spec = BanditSpec(data="digits", hidden=16, passes=3, limit=300)
    with BanditRun.creating(tmp_path / "whole", spec, 2) as run:
        run.train()

    def cutting(seed, line):
        if (seed, line["pass"]) == (1, 2):
            raise RuntimeError("power")

    with pytest.raises(RuntimeError, match="power"), BanditRun.creating(tmp_path / "cut", spec, 2) as run:
        run.train(cutting)
    with BanditRun.open(tmp_path / "cut").locked() as run:
        run.train()
    for name in ("agent-0.safetensors", "agent-1.safetensors", "result.json"):
        assert (tmp_path / "whole" / name).read_bytes() == (tmp_path / "cut" / name).read_bytes()


def test_data_without_labels_and_other_data_are_refused(tmp_path, digits):
    import dataclasses

    with pytest.raises(InvalidInput, match="labels"):
        Bandit(BanditSpec(data="digits"), dataclasses.replace(digits, y_train=None))
    with BanditRun.creating(tmp_path / "run", BanditSpec(data="digits", hidden=8, passes=1, limit=100), 1) as run:
        run.train()
    with pytest.raises(Exception, match="data of the run"):
        BanditRun.open(tmp_path / "run").agent(0, dataclasses.replace(digits, sha256="0" * 64))
    path = tmp_path / "run" / "agent-0.safetensors"
    path.write_bytes(path.read_bytes()[:-5])
    with pytest.raises(BadFile):
        BanditRun.open(tmp_path / "run").agent(0, digits)


def test_the_command_line(tmp_path, capfd):
    run = str(tmp_path / "run")
    arguments = ["bandit", "train", "digits", "--hidden", "16", "--passes", "1", "--limit", "200", "--out", run]
    assert command([*arguments, "--json"]) == 0
    trained = json.loads(capfd.readouterr().out)
    assert len(trained["runs"]["0"]) == 1 and trained["arithmetic"] == "fixed"
    assert command(["bandit", "train", "--resume", run, "--json"]) == 0
    assert json.loads(capfd.readouterr().out) == trained
    for refused, said in ((["digits", "--hidden", "0"], "--hidden"), ([], "DATA"), (["--resume", "nowhere"], "nowhere"),
                          (["no-such-data"], "no-such-data")):  # fmt: skip
        assert command(["bandit", "train", *refused]) == 2
        err = capfd.readouterr().err
        assert said in err and err.count("\n") == 1
