"""Peers beside this package: each in an environment of its own, the same .npz, split, seed and one thread.

    python benchmarks/peers/run.py TASK [PEER ...] [--data mnist-mini] [--seed 0] [--rounds 3] [--out peers.json]

TASK is generative, supervised, layer or reward. A peer is a folder TASK/PEER with a ``peer.py`` and, unless it runs in
this environment, a ``requirements.txt`` with pinned versions, from which its environment is made on the first run.
PEER:VARIANT runs one of the ways that a peer has. ``peer.py IN.npz OUT.npz SEED [VARIANT]`` reads the common file of
the task (image_task.py, layer_task.py, reward_task.py) and writes what is judged here, by the same code for all. A
peer that cannot be installed or fails is a row that says so. Rows are printed as JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
from pathlib import Path
from typing import Any

import environments
import image_task
import layer_task
import numpy as np
import reward_task
from environments import Unavailable

PEERS = {
    "generative": image_task.GENERATIVE, "supervised": image_task.SUPERVISED,
    "layer": layer_task.PEERS, "reward": reward_task.PEERS,
}  # fmt: skip
Rows = dict[str, dict[str, Any]]


def found(given: argparse.Namespace, peer: str, data: Path, seed: int) -> dict[str, Any]:
    """What a peer wrote."""
    out = data.parent / f"{peer.replace(':', '-')}.npz"
    environments.run(given.task, peer, [str(data), str(out), str(seed)], given.environments.absolute())
    with np.load(out) as arrays:
        return {name: arrays[name] for name in arrays.files}


def images(given: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Rows of the generative or the supervised task."""
    rows, data = {}, folder / "data.npz"
    arrays = image_task.write(given.data, data)
    for peer in given.peers:
        with Row(rows, peer) as row:
            row.update(image_task.measure(found(given, peer, data, given.seed), arrays, given.seed))
    return {"data": given.data, "seed": given.seed, "rows": rows}


def layer(given: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Rows of the layer, every peer beside ours in turn, some rounds."""
    data, rows = folder / "data.npz", {}
    layer_task.write(data, given.steps, given.seed)
    runs: dict[str, list[dict[str, Any]]] = {peer: [] for peer in given.peers}
    beside: dict[str, list[dict[str, Any]]] = {peer: [] for peer in given.peers}
    for _ in range(given.rounds):
        for peer in given.peers:
            with Row(rows, peer):
                ours = found(given, layer_task.OURS, data, given.seed)
                runs[peer].append(found(given, peer, data, given.seed))
                beside[peer].append(ours)
    for peer, each in runs.items():
        if len(each) == given.rounds:
            rows[peer] = layer_task.row(each, beside[peer], given.steps)
    done = {peer: row for peer, row in rows.items() if "mean weight" in row}
    gates = layer_task.gates(done, {peer: runs[peer][-1]["weights"] for peer in done}) if done else {}
    return {"steps": given.steps, "rounds": given.rounds, "seed": given.seed, "rows": rows, **gates}


def reward(given: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Rows of the agents, every peer in turn, a seed at a time."""
    data, rows = folder / "data.npz", {}
    reward_task.write(data, given.interactions)
    runs: dict[str, list[dict[str, Any]]] = {peer: [] for peer in given.peers}
    seeds = [given.seed + k for k in range(given.rounds)]
    for seed in seeds:
        for peer in given.peers:
            with Row(rows, peer):
                runs[peer].append(found(given, peer, data, seed))
    rows.update({peer: reward_task.row(each) for peer, each in runs.items() if len(each) == len(seeds)})
    return {"seeds": seeds, "rows": rows}


class Row:
    """A peer's row: what is put into it, or why there is none."""

    def __init__(self, rows: Rows, peer: str) -> None:
        self._rows, self._peer = rows, peer

    def __enter__(self) -> dict[str, Any]:
        self._row: dict[str, Any] = {}
        return self._row

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        failed = isinstance(error, Unavailable)
        if failed or self._row:
            self._rows[self._peer] = {"not measured": str(error)} if failed else self._row
        print(self._peer, self._rows.get(self._peer, "done"), file=sys.stderr, flush=True)
        return failed


def main() -> None:
    """Run a task's peers and print their rows."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("task", choices=tuple(PEERS))
    parser.add_argument("peers", nargs="*", metavar="PEER")
    parser.add_argument("--data", choices=tuple(image_task.VALIDATION), default="mnist-mini")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--rounds", type=int, default=3, help="of the layer; seeds of the agents")
    parser.add_argument("--steps", type=int, default=3000, help="time steps of the layer")
    parser.add_argument("--interactions", type=int, default=500_000, help="of an agent, at most")
    parser.add_argument("--environments", type=Path, default=Path("build/peers"))
    parser.add_argument("--out", type=Path)
    given = parser.parse_intermixed_args()
    given.peers = given.peers or PEERS[given.task]
    with tempfile.TemporaryDirectory() as folder:
        result = {"layer": layer, "reward": reward}.get(given.task, images)(given, Path(folder))
    machine = {"python": platform.python_version(), "cores": os.cpu_count(), "load": os.getloadavg()[1]}
    text = json.dumps({"task": given.task, **machine, **result}, indent=1)
    print(text)
    if given.out:
        given.out.write_text(text + "\n")


if __name__ == "__main__":
    main()
