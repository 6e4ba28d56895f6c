"""Peers beside this package: each in an environment of its own, the same .npz, split, seed and one BLAS thread.

    python benchmarks/peers/run.py [PEER ...] [--data mnist-mini] [--seed 0] [--out peers.json]

A peer is a folder with a ``peer.py`` and, unless it runs in this environment, a ``requirements.txt`` with pinned
versions, from which its environment is made on the first run. ``peer.py DATA.npz OUT.npz SEED`` reads x_train,
y_train, x_validation, x_test, y_test and missing (True where a test image's pixel is hidden), and writes any of
samples, reconstruction (of x_test), filled (x_test with its missing pixels inferred), predicted, and seconds and
about. Everything is judged here, by the same code. A peer that cannot be installed or fails is a row that says so.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from neuro_bpdl.data import load, missing_mask
from neuro_bpdl.generation.quality import Judge

HERE = Path(__file__).parent
PEERS = tuple(sorted(path.parent.name for path in HERE.glob("*/peer.py")))
VALIDATION = {"mnist-mini": 500, "mnist": 10_000}
ONE_THREAD = {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")}
TIMEOUT = 3600


class Unavailable(Exception):
    """A peer that cannot be installed or run; the message is what was said."""


def write_data(name: str, path: Path) -> dict[str, Any]:
    """The common file; returns its arrays."""
    dataset, kept = load(name), VALIDATION[name]
    arrays = {
        "x_train": dataset.x_train[:-kept], "y_train": dataset.labels("train")[:-kept],
        "x_validation": dataset.x_train[-kept:], "y_validation": dataset.labels("train")[-kept:],
        "x_test": dataset.test, "y_test": dataset.labels("test"),
        "missing": missing_mask("left", 0.5, dataset.image_shape, len(dataset.test), 0),
    }  # fmt: skip
    np.savez(path, **arrays)
    return arrays


def interpreter(peer: str, environments: Path) -> Path:
    """The Python of the peer's environment, made where it is not there yet."""
    requirements = HERE / peer / "requirements.txt"
    if not requirements.exists():
        return Path(sys.executable)
    place = environments / peer
    python = place / "bin" / "python"
    if not (place / "ready").exists():
        uv = shutil.which("uv")
        if uv is None:
            raise Unavailable("uv is not on the path (make setup brings it into .venv-uv/bin)")
        said(["uv", "venv", "--quiet", "--clear", "--python", "3.12", str(place)])
        said(["uv", "pip", "install", "--quiet", "--python", str(python), "-r", str(requirements)])
        (place / "ready").touch()
    return python


def said(command: list[str], **named: Any) -> str:
    """A command's output; raises Unavailable with its last line."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=TIMEOUT, **named)
    if done.returncode:
        lines = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()]
        raise Unavailable(" ".join((lines or ["no message"])[-1].split())[:200])
    return done.stdout


def run(peer: str, data: Path, seed: int, environments: Path, scratch: Path) -> dict[str, Any]:
    """What a peer wrote."""
    out = scratch / f"{peer}.npz"
    python = interpreter(peer, environments)
    said([str(python), str(HERE / peer / "peer.py"), str(data), str(out), str(seed)], env={**os.environ, **ONE_THREAD})
    with np.load(out) as arrays:
        return {name: arrays[name] for name in arrays.files}


def measure(found: dict[str, Any], arrays: dict[str, Any], seed: int) -> dict[str, Any]:
    """The peer's row: errors relative to the mean image's, Parzen by our protocol, accuracy."""
    x, missing, mean = arrays["x_test"], arrays["missing"], arrays["x_train"].mean(axis=0)
    row: dict[str, Any] = {"about": str(found["about"]), "seconds": round(float(found["seconds"]), 1)}
    if "reconstruction" in found:
        row["reconstruction"] = ratio(found["reconstruction"], x, mean, np.ones_like(missing))
    if "filled" in found:
        row["missing left half"] = ratio(found["filled"], x, mean, missing)
    if "samples" in found:
        judge = Judge(arrays["x_train"], arrays["y_train"], arrays["x_validation"], x, seed)
        row["parzen"] = judge.score(found["samples"].astype(np.float32))
    if "predicted" in found:
        row["accuracy"] = float((found["predicted"] == arrays["y_test"]).mean())
    return row


def ratio(image: Any, x: Any, mean: Any, where: Any) -> float:
    """Squared error at some pixels, the mean image's = 1."""
    return float(((image - x)[where] ** 2).mean() / ((mean - x)[where] ** 2).mean())


def main() -> None:
    """Run the peers and print their rows as JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("peers", nargs="*", default=list(PEERS), metavar="PEER", help=", ".join(PEERS))
    parser.add_argument("--data", choices=tuple(VALIDATION), default="mnist-mini")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--environments", type=Path, default=Path("build/peers"))
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    rows: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder, "data.npz")
        arrays = write_data(given.data, data)
        for peer in given.peers:
            try:
                found = run(peer, data, given.seed, given.environments.absolute(), Path(folder))
                rows[peer] = measure(found, arrays, given.seed)
            except (Unavailable, subprocess.TimeoutExpired) as error:
                rows[peer] = {"not measured": str(error)}
            print(peer, rows[peer], file=sys.stderr, flush=True)
    about = {"data": given.data, "seed": given.seed, "python": platform.python_version(), "cores": os.cpu_count()}
    text = json.dumps({**about, "rows": rows}, indent=1)
    print(text)
    if given.out:
        given.out.write_text(text + "\n")


if __name__ == "__main__":
    main()
