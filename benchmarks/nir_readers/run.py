"""Loads an exported NIR file in other packages, each in an environment of its own, and compares rates.

    python benchmarks/nir_readers/run.py RUN [--readers snntorch,norse,sinabs] [--images 200] [--out readers.json]

Both maps of a run are exported three times: as Threshold nodes, as memoryless LIF neurons, and as integrate-and-fire
neurons. Every reader gets every file, with test images (recognition) or inferred top states (generation) as inputs, and
runs as many time steps as a form needs. What comes out is compared with the trained map, and with what the file itself
says when nir's definitions of its nodes are computed. A reader that fails is a row with its own message.

A reader is a folder with a ``read.py`` (see jobs.py) and a ``requirements.txt``, from which its environment is made on
the first run.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.data import load
from neuro_bpdl.export.cells import DT
from neuro_bpdl.export.nir_export import export_nir
from neuro_bpdl.theory.maps import f, g
from neuro_bpdl.training.run_dir import RunDir

Array = NDArray[Any]
HERE = Path(__file__).parent
READERS = tuple(sorted(path.parent.name for path in HERE.glob("*/read.py")))
STEPS = {"threshold": 1, "lif": 1, "if": 256}
CHAINS = ("recognition", "generation")
ONE_THREAD = {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}


def interpreter(reader: str, environments: Path) -> Path:
    """The Python of a reader's environment, made where it is not there yet."""
    place = environments / reader
    python = place / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(place)], check=True)
        for line in (HERE / reader / "requirements.txt").read_text().splitlines():
            if line and not line.startswith("#"):
                subprocess.run([str(python), "-m", "pip", "install", "--quiet", *line.split()], check=True)
    return python


def trained(params: Any, chain: str, inputs: Array) -> Array:
    """The rates at the end of a chain of trained maps."""
    layers = range(1, params.network.depth + 1)
    for layer in layers if chain == "recognition" else reversed(layers):
        inputs = (f if chain == "recognition" else g)(params, layer, inputs)
    return inputs


def answers(python: Path, reader: str, jobs: list[dict[str, Any]], folder: Path) -> list[Array | str]:
    """What a reader makes of every job's file, or what it says instead."""
    listed = folder / f"{reader}.json"
    listed.write_text(json.dumps(jobs))
    command, environment = [str(python), str(HERE / reader / "read.py"), str(listed)], {**os.environ, **ONE_THREAD}
    done = subprocess.run(command, check=False, capture_output=True, text=True, env=environment, timeout=3600)
    said = (done.stderr.strip().splitlines() or ["no message"])[-1]
    return [_answer(Path(job["out"]), said) for job in jobs]


def _answer(out: Path, said: str) -> Array | str:
    if not out.exists():
        return said
    found = np.load(out)
    return str(found["refused"]) if "refused" in found else np.asarray(found["rates"])


def row(found: Array | str, expected: Array) -> dict[str, Any]:
    """Distances of a reader's rates from the trained map's."""
    if isinstance(found, str):
        return {"refused": found}
    if found.shape != expected.shape:
        return {"refused": f"gives {found.shape} for {expected.shape}"}
    away = np.abs(found - expected)
    spread = expected.std() > 0 and found.std() > 0
    return {
        "mean_distance": float(away.mean()), "largest_distance": float(away.max()),
        "correlation": float(np.corrcoef(found.ravel(), expected.ravel())[0, 1]) if spread else None,
    }  # fmt: skip


def main() -> None:
    """Export, read, compare, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path)
    parser.add_argument("--readers", default=",".join(READERS))
    parser.add_argument("--images", type=int, default=200)
    parser.add_argument("--environments", type=Path, default=Path.home() / ".cache" / "neuro-bpdl" / "nir-readers")
    parser.add_argument("--out", type=Path, default=Path("nir_readers.json"))
    given = parser.parse_args()
    run = RunDir.open(given.run)
    params = run.checkpoint().params
    images = load(run.config.data.name).test[: given.images]
    inputs = {"recognition": images, "generation": trained(params, "recognition", images)}
    table = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for chain in CHAINS:
            np.savez(folder / f"{chain}.npz", x=inputs[chain])
            for neurons in STEPS:
                export_nir(params, folder / f"{neurons}-{chain}.nir", neurons=neurons, chain=chain)  # type: ignore[arg-type]
        for reader in given.readers.split(","):
            jobs = [{"file": str(folder / f"{neurons}-{chain}.nir"), "inputs": str(folder / f"{chain}.npz"),
                     "out": str(folder / f"{reader}-{neurons}-{chain}.npz"), "steps": steps, "dt": DT,
                     "neurons": neurons, "chain": chain}
                    for neurons, steps in STEPS.items() for chain in CHAINS]  # fmt: skip
            found_by_job = answers(interpreter(reader, given.environments), reader, jobs, folder)
            for job, found in zip(jobs, found_by_job, strict=True):
                expected = trained(params, job["chain"], inputs[job["chain"]])
                table.append({"reader": reader, **{key: job[key] for key in ("neurons", "chain", "steps")},
                              **row(found, expected)})  # fmt: skip
                print(json.dumps(table[-1]), flush=True)
    given.out.write_text(json.dumps(table, indent=1) + "\n")


if __name__ == "__main__":
    main()
