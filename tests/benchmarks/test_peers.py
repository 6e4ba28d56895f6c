"""How peers are judged, and what becomes of one that cannot be installed; nothing is installed or trained here."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

FOLDER = Path(__file__).parents[2] / "benchmarks" / "peers"
MODULES = ("environments", "image_task", "layer_task", "reward_task", "run", "layer")


@pytest.fixture
def peers(monkeypatch):
    monkeypatch.syspath_prepend(str(FOLDER / "layer" / "ours"))
    monkeypatch.syspath_prepend(str(FOLDER))
    yield SimpleNamespace(**{name: __import__(name) for name in MODULES})
    for name in MODULES:
        sys.modules.pop(name, None)


def test_every_named_peer_has_a_program_and_every_program_a_pin(peers):
    for task, names in peers.run.PEERS.items():
        for name in names:
            assert (FOLDER / task / name.partition(":")[0] / "peer.py").exists()
    for requirements in FOLDER.glob("*/*/requirements.txt"):
        for line in requirements.read_text().split():
            assert line.count("==") == 1 and "/" not in line


def test_a_peer_that_cannot_be_installed_is_a_row_that_says_so(peers, monkeypatch, tmp_path):
    def refused(command, **named):
        return subprocess.CompletedProcess(command, 1, "", "resolving\n  no such version of brian2\n")

    monkeypatch.setattr(peers.environments.shutil, "which", lambda name: "uv")
    monkeypatch.setattr(peers.environments.subprocess, "run", refused)
    rows = {}
    with peers.run.Row(rows, "brian2"):
        peers.environments.run("layer", "brian2", [], tmp_path)
    assert rows == {"brian2": {"not measured": "no such version of brian2"}}
    with pytest.raises(ZeroDivisionError), peers.run.Row(rows, "ours"):
        raise ZeroDivisionError  # a fault of the benchmark is not a peer's


def test_environments_are_of_the_python_that_runs_this_and_shared_by_equal_requirements(peers, monkeypatch, tmp_path):
    said = []
    monkeypatch.setattr(peers.environments.shutil, "which", lambda name: "uv")
    monkeypatch.setattr(peers.environments, "said", lambda command, **named: said.append(command) or _made(command))
    first, second = (peers.environments.interpreter(FOLDER / where, tmp_path)
                     for where in ("layer/ngclearn", "supervised/pcn"))  # fmt: skip
    assert first == second and len(said) == 2
    assert said[0][said[0].index("--python") + 1] == sys.executable
    assert peers.environments.interpreter(FOLDER / "layer/ours", tmp_path) == Path(sys.executable)


def _made(command):
    if command[1] == "venv":
        Path(command[-1]).mkdir(parents=True)


def test_an_accuracy_is_reached_at_the_end_of_its_epoch(peers):
    arrays = {"y_validation": np.arange(10), "x_train": np.zeros((50, 1)), "goals": (0.8, 0.9, 1.0)}
    validated = np.tile(np.arange(10), (3, 1))
    validated[0, :3] = -1  # 70 %, 90 %, 90 %
    validated[1:, 0] = -1
    row = peers.image_task.progress({"validated": validated, "times": np.array([2.0, 4.0, 6.0])}, arrays)
    assert (row["CPU s to 80 %"], row["CPU s to 90 %"], row["CPU s to 100 %"]) == (4.0, 4.0, None)
    assert (row["images/s"], row["best validation"], row["epochs"]) == (25, 0.9, 3)


def test_solved_is_the_mean_of_a_window_of_returns(peers):
    returns = np.r_[np.zeros(10), np.full(200, 500.0)]
    assert peers.reward_task.solved(returns) == 105  # 95 of 100 are 500
    assert peers.reward_task.solved(returns[:104]) is None
    assert peers.reward_task.solved(np.full(99, 500.0)) is None
    found = [{"about": "a", "returns": r, "times": np.arange(1, len(r) + 1) / 10, "tested": np.full(3, 9.0)}
             for r in (returns, returns[:50])]  # fmt: skip
    row = peers.reward_task.row(found)
    assert row["solved at episode"] == [105, None] and row["CPU s"] == [10.5, None]
    assert row["interactions"] == [47_500, None] and row["median CPU s"] is None


def test_a_ratio_is_taken_round_by_round_and_a_far_mean_is_named(peers):
    def wrote(seconds):
        return {"about": "b", "seconds": seconds, "cpu": seconds / 2, "build": 1.0, "weights": np.full((2, 2), 3.0),
                "fired": 5000}  # fmt: skip

    row = peers.layer_task.row([wrote(2.0), wrote(9.0), wrote(4.0)], [wrote(1.0), wrote(3.0), wrote(2.0)], 1000)
    assert (row["ours is faster, seconds"], row["steps/s"], row["rate Hz"]) == (2.0, 250.0, 10.0)
    means = {"ours:shared": 3.0, "lava:fixed": 3.0, "c": 4.0}
    rows = {name: {**row, "mean weight": mean} for name, mean in means.items()}
    gates = peers.layer_task.gates(rows, {name: np.zeros(2) for name in rows})
    assert gates["beyond the gate"] == {"mean weight": ["c"], "rate Hz": []}
    assert gates["equal to the bit"] == ["ours:shared", "lava:fixed"]


def test_the_layer_learns_as_the_rule_written_out(peers):
    """Event by event against every synapse at every step, own draws and shared ones."""
    layer, steps, rng = peers.layer, 60, np.random.default_rng(3)
    data = {"spikes": rng.random((steps, 12)) < 0.2, "weights": rng.integers(0, 256, (12, 7)), "tau": 20.0,
            "threshold": 1500}  # fmt: skip
    drawn = layer.draws(steps)
    learned, fired = layer.run(data, drawn, shared=True)
    wanted, spikes = _written_out(layer, data, drawn)
    np.testing.assert_array_equal(learned, wanted)
    assert fired == spikes > 20
    own, _ = layer.run(data, drawn, shared=False, seed=1)
    assert not np.array_equal(own, wanted) and np.abs(own.astype(int) - wanted).mean() < 3


def _written_out(layer, data, drawn):
    weights, spikes = data["weights"].astype(np.int64), 0
    x, y, v, current = (np.zeros(n, np.int64) for n in (12, 7, 7, 7))
    survives, leak = np.exp(-1 / 20), 4096 - round(4096 * (1 - np.exp(-1 / 20)))
    for sent, (draw, draw_x, draw_y) in zip(data["spikes"], drawn, strict=True):
        v = (v * leak >> 12) + (current << 6)
        fires = v > data["threshold"] << 6
        v[fires], current = 0, sent @ weights
        x, y = (np.floor(survives * t).astype(np.int64) + (d < survives * t % 1) for t, d in ((x, draw_x), (y, draw_y)))
        x, y = np.minimum(x + 16 * sent, 127), np.minimum(y + 20 * fires, 127)
        total = np.minimum((weights << 7) + 8 * np.outer(x, fires), 2**15 - 1) - 8 * np.outer(sent, y)
        total = np.maximum(total, 0) / 128
        weights = np.minimum(np.floor(total).astype(np.int64) + (draw < total % 1), 255)
        spikes += int(fires.sum())
    return weights, spikes
