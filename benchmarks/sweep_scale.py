"""What a sweep costs beside its runs: the speed-up of a second worker, workers killed, and 10,000 empty jobs.

    python benchmarks/sweep_scale.py speed-up|killing|scheduler [--out FOLDER] [--seconds 20]
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import psutil

from neuro_bpdl.workflows.sweep.cluster import connected
from neuro_bpdl.workflows.sweep.folder import run_sweep
from neuro_bpdl.workflows.sweep.job import Order, Outcome
from neuro_bpdl.workflows.sweep.run import run_jobs
from neuro_bpdl.workflows.sweep.spec import SweepSpec

JOBS = 10_000


def small() -> SweepSpec:
    """32 runs of a few seconds: 784-100-32, 400 images, four epochs, online, float."""
    base = {"data": "mnist-mini", "layers": (100, 32), "training": {"epochs": 4, "limit": 400, "batch": 1}}
    return SweepSpec(base=base, grid={"plasticity.learning_rate": (0.01, 0.02, 0.03, 0.04)},
                     seeds=tuple(range(8)))  # fmt: skip


def speed_up(out: Path, _: float) -> dict[str, Any]:
    """Seconds of the 32 runs on one worker and on two, the clusters' start apart; checkpoints compared."""
    seconds = {}
    for workers in (1, 2):
        with connected(workers=workers) as client:
            client.wait_for_workers(workers)
            client.run(warm)
            began = time.perf_counter()
            run_jobs(small().jobs, out / str(workers), client)
            seconds[workers] = time.perf_counter() - began
    equal = contents(out / "1") == contents(out / "2")
    return {"seconds": seconds, "speed_up": seconds[1] / seconds[2], "equal": equal, "runs": len(contents(out / "1"))}


def warm() -> None:
    """Load and compile what every run needs, once in each worker."""
    from neuro_bpdl.training import trainer  # noqa: F401
    from neuro_bpdl.workflows.sweep.job import _loaded

    _loaded("mnist-mini")


def killing(out: Path, every: float) -> dict[str, Any]:
    """The same 32 runs while a worker is killed every so many seconds, compared with undisturbed ones."""
    run_sweep(small(), out / "quiet", lambda: connected(workers=2))
    done, killed = threading.Event(), []

    def kill() -> None:
        while not done.wait(every):
            workers = [p for p in psutil.Process().children(recursive=True) if is_worker(p)]
            if workers:
                victim = workers[len(killed) % len(workers)]
                victim.send_signal(signal.SIGKILL)
                killed.append(victim.pid)

    thread = threading.Thread(target=kill)
    thread.start()
    try:
        outcomes = run_sweep(small(), out / "killed", lambda: connected(workers=2))
    finally:
        done.set()
        thread.join()
    return {
        "killed": len(killed), "every": every, "finished": sum(o.status == "finished" for o in outcomes.values()),
        "equal": contents(out / "quiet") == contents(out / "killed"),
    }  # fmt: skip


def is_worker(process: psutil.Process) -> bool:
    """Whether a child is a worker: the multiprocessing child that has a nanny above it."""
    try:
        return "multiprocessing.spawn" in " ".join(process.cmdline())
    except psutil.Error:
        return False


def scheduler(out: Path, _: float) -> dict[str, Any]:
    """10,000 jobs that return at once, with outcomes as large as those of ten epochs."""
    sweep = SweepSpec(grid={"inference.steps": tuple(range(1, 1001))}, seeds=tuple(range(JOBS // 1000)))
    began = time.perf_counter()
    jobs = sweep.jobs
    described = time.perf_counter() - began
    with connected(workers=2) as client:
        client.wait_for_workers(2)
        process = psutil.Process()  # the local scheduler lives in this process
        before, cpu = process.memory_info().rss, sum(process.cpu_times()[:2])
        began = time.perf_counter()
        outcomes = run_jobs(jobs, out, client, work=empty)
        seconds = time.perf_counter() - began
        memory, cpu = process.memory_info().rss - before, sum(process.cpu_times()[:2]) - cpu
    order = Order("0" * 13, jobs[0].spec.model_dump(mode="json"), str(out), "0")
    return {
        "jobs": len(outcomes), "describing_seconds": described, "seconds": seconds, "jobs_per_second": JOBS / seconds,
        "scheduler_and_client_cpu_ms_per_job": 1000 * cpu / JOBS, "memory_mb": memory / 1e6,
        "bytes_out": len(json.dumps(vars(order))), "bytes_back": len(json.dumps(vars(empty(order)))),
    }  # fmt: skip


LINE = {"epoch": 3, "images": 1000, "seconds": 1.234, "reconstruction_mse": 0.0123, "mean_image_mse": 0.0671,
        "deep_reconstruction_mse": 0.023, "objective_start": {"total": 1.0, "reconstruction": 1.0, "latent": 1.0},
        "objective_end": {"total": 1.0, "reconstruction": 1.0, "latent": 1.0}, "variance": [0.1, 0.2], "dead": [0, 0],
        "saturated": [0, 0], "backend": "eager", "model": "fused", "arithmetic": "float", "rounding": "", "seed": 0,
        "data": "mnist", "split": "test",
        "measured_images": 100, "presentations": 1000, "saturations": None}  # fmt: skip


def empty(order: Order) -> Outcome:
    """A job without work."""
    return Outcome(order.name, "finished", "", [dict(LINE) for _ in range(11)])


def contents(out: Path) -> dict[str, bytes]:
    """Checkpoints by run."""
    return {path.parent.name: path.read_bytes() for path in out.rglob("checkpoint.safetensors")}


def main() -> None:
    """Run one of the measurements and print it as JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("speed-up", "killing", "scheduler"))
    parser.add_argument("--out", type=Path)
    parser.add_argument("--seconds", type=float, default=20)
    given = parser.parse_args()
    measurement = {"speed-up": speed_up, "killing": killing, "scheduler": scheduler}[given.what]
    with tempfile.TemporaryDirectory() as scratch:
        result = measurement(given.out or Path(scratch), given.seconds)
    json.dump({"what": given.what, "cores": os.cpu_count(), **result}, sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
