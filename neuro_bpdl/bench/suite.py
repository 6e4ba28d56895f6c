"""Runs the benchmark's cases, each in processes of its own, and sets them beside each other."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

from neuro_bpdl.bench.cases import Case, Timing, suite
from neuro_bpdl.bench.worker import GO, READY
from neuro_bpdl.errors import SimulationError

THREAD_VARIABLES = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
PATIENCE = 10.0  # seconds that a process gets to end by itself
COMPILE = "from neuro_bpdl.kernels.fixed.warm_up import warm_up; print(warm_up())"


def run_suite(name: str, progress: Callable[[str], None] = lambda line: None) -> dict[str, Any]:
    """Time every case of a suite.

    Returns
    -------
    dict
        ``compile_seconds``: what the first call on a machine costs;
        ``load_seconds``: what the first call of a later process costs;
        ``cases`` (a Timing each) and ``ratios``: fused over composed, in time
        steps per second, per network and arithmetic.

    Raises
    ------
    SimulationError
        A case failed, or the machine is too busy to time it.
    """
    compiled, loaded = compile_seconds()
    progress(f"numba: {compiled:.1f} s to compile, first call; {loaded:.1f} s to load that in a later process")
    timings = []
    for case in suite(name):
        timings.append(measure(case))
        progress(f"{case.name}: {timings[-1].images_per_second:.4g} images/s, {timings[-1].vs_blas:.2f} x BLAS")
    return {
        "suite": name,
        "compile_seconds": compiled,
        "load_seconds": loaded,
        "cases": [timing.to_dict() for timing in timings],
        "ratios": ratios(timings),
    }


def compile_seconds() -> tuple[float, float]:
    """Seconds that the fixed-point kernels need at their first call: with numba's cache empty, and full."""
    with tempfile.TemporaryDirectory() as folder:
        command, environment = [sys.executable, "-c", COMPILE], {**_environment(1), "NUMBA_CACHE_DIR": folder}
        first, later = (
            float(subprocess.run(command, env=environment, check=True, capture_output=True).stdout) for _ in range(2)
        )
    return first, later


def measure(case: Case) -> Timing:
    """Time one case.

    Raises
    ------
    SimulationError
    """
    workers = [_start(case) for _ in range(case.processes)]
    try:
        for worker in workers:  # all begin when the last one is ready
            if _line(worker, case).strip() != READY:
                raise SimulationError(f"{case.name}: the process that times it said something unexpected")
        for worker in workers:
            _say(worker, GO)
        found = [json.loads(_line(worker, case)) for worker in workers]
    finally:
        for worker in workers:
            _end(worker)
    return _timing(case, found)


def _timing(case: Case, found: Sequence[dict[str, float]]) -> Timing:
    one = found[0]
    images = sum(1 / each["seconds"] for each in found)
    return Timing(
        case,
        images_per_second=images,
        time_steps_per_second=one["time_steps"] * images / case.batch,
        synaptic_operations_per_second=one["operations"] * images,
        peak_memory_mib=max(each["peak_mib"] for each in found),
        blas_floor_ms=1e3 * one["blas"],
        memory_floor_ms=1e3 * one["memory"],
        vs_blas=max(each["seconds"] / each["blas"] for each in found),
        vs_in_order=max(each["seconds"] / each["in_order"] for each in found),
    )


def ratios(timings: Sequence[Timing]) -> dict[str, float]:
    """Fused over composed, in time steps per second, per network and arithmetic that has both."""
    speed = {
        (t.case.sizes, t.case.arithmetic, t.case.model): t.time_steps_per_second
        for t in timings
        if t.case.backend == "lava"
    }
    return {
        f"fused / composed, {arithmetic} {'-'.join(map(str, sizes))}": steps / speed[sizes, arithmetic, "composed"]
        for (sizes, arithmetic, model), steps in speed.items()
        if model == "fused" and (sizes, arithmetic, "composed") in speed
    }


def _start(case: Case) -> subprocess.Popen[str]:
    worker = subprocess.Popen(
        [sys.executable, "-m", "neuro_bpdl.bench.worker"],
        env=_environment(case.threads), text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    _say(worker, json.dumps(asdict(case)))
    return worker


def _environment(threads: int) -> dict[str, str]:
    return {**os.environ, **dict.fromkeys(THREAD_VARIABLES, str(threads))}


def _say(worker: subprocess.Popen[str], line: str) -> None:
    if worker.stdin is not None:  # it is a pipe
        worker.stdin.write(line + "\n")
        worker.stdin.flush()


def _line(worker: subprocess.Popen[str], case: Case) -> str:
    line = worker.stdout.readline() if worker.stdout else ""
    if not line:
        _, stderr = worker.communicate()
        last = stderr.strip().splitlines()[-1:] or ["no message"]
        raise SimulationError(f"{case.name}: the process that times it ended with {worker.returncode}: {last[0]}")
    return line


def _end(worker: subprocess.Popen[str]) -> None:
    try:
        worker.communicate(timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        worker.terminate()
        worker.communicate()
