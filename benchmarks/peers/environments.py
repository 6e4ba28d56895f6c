"""An environment for each peer, made from its requirements.txt, and processes that run in it with one thread."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS", "NPROC")
ONE_THREAD = {
    **dict.fromkeys(THREADS, "1"),  # NPROC: XLA's pool
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false",
    "CUDA_VISIBLE_DEVICES": "",
    "MPLBACKEND": "agg",
}
TIMEOUT = 3600


class Unavailable(Exception):
    """A peer that cannot be installed or run; the message is what was said."""


def interpreter(folder: Path, environments: Path) -> Path:
    """The Python of a peer's environment, made where it is not there yet; peers with equal requirements share one.

    It is of the Python that runs this: no other is fetched.

    Raises
    ------
    Unavailable
    """
    requirements = folder / "requirements.txt"
    if not requirements.exists():
        return Path(sys.executable)
    place = environments / hashlib.sha256(requirements.read_bytes()).hexdigest()[:12]
    python = place / "bin" / "python"
    if not (place / "ready").exists():
        uv = _uv()
        said([uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(place)])
        said([uv, "pip", "install", "--quiet", "--python", str(python), "-r", str(requirements)])
        (place / "ready").touch()
    return python


def _uv() -> str:
    beside = HERE.parents[1] / ".venv-uv" / "bin" / "uv"
    found = shutil.which("uv") or (str(beside) if beside.exists() else None)
    if found is None:
        raise Unavailable("uv is not on the path (make setup brings it into .venv-uv/bin)")
    return found


def said(command: list[str], **named: Any) -> str:
    """A command's output; raises Unavailable with its last line."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=TIMEOUT, **named)
    except subprocess.TimeoutExpired as error:
        raise Unavailable(f"not done after {TIMEOUT} s") from error
    if done.returncode:
        lines = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()]
        raise Unavailable(" ".join((lines or ["no message"])[-1].split())[:200])
    return done.stdout


def run(task: str, peer: str, arguments: list[str], environments: Path) -> str:
    """Run ``TASK/PEER/peer.py`` in its environment; ``PEER:VARIANT`` appends the variant to the arguments.

    Raises
    ------
    Unavailable
        It cannot be installed, or it failed.
    """
    name, _, variant = peer.partition(":")
    folder = HERE / task / name
    command = [str(interpreter(folder, environments)), str(folder / "peer.py"), *arguments, *filter(None, [variant])]
    return said(command, env={**os.environ, **ONE_THREAD})
