"""Sweeps on real Dask clusters: what they give, and that nothing is lost with a worker or a scheduler."""

from __future__ import annotations

import csv
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest

from neuro_bpdl.cli.main import run
from neuro_bpdl.data import load
from neuro_bpdl.errors import SimulationError
from neuro_bpdl.training.trainer import Silent, train
from neuro_bpdl.workflows.sweep.cluster import connected
from neuro_bpdl.workflows.sweep.folder import run_sweep
from neuro_bpdl.workflows.sweep.job import Order, Outcome, run_job
from neuro_bpdl.workflows.sweep.spec import SweepSpec

pytestmark = pytest.mark.timeout(240)


def checkpoints(out: Path) -> dict[str, bytes]:
    return {path.parent.name: path.read_bytes() for path in (out / "runs").glob("*/checkpoint.safetensors")}


@contextmanager
def lent(client: Any) -> Iterator[Any]:
    """A client that is closed by its fixture."""
    yield client


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory, small_sweep: SweepSpec) -> dict[str, bytes]:
    """The same runs, trained one after the other without Dask."""
    out = tmp_path_factory.mktemp("alone")
    for job in small_sweep.jobs:
        train(job.spec, load("digits"), out / "runs" / job.name)
    return checkpoints(out)


def dying(marker: Path, pid: int | None = None) -> Any:
    """`run_job` that, once, kills a process (its own unless given) when the second epoch is on the disk."""

    def work(order: Order) -> Outcome:
        class Killer(Silent):
            def epoch_done(self, metrics: dict[str, Any]) -> None:
                if metrics["epoch"] == 2 and not marker.exists():
                    marker.touch()
                    os.kill(pid or os.getpid(), signal.SIGKILL)

        return run_job(order, Killer())

    return work


def test_a_sweep_gives_the_runs_that_train_gives(
    tmp_path: Path, small_sweep: SweepSpec, client: Any, alone: dict[str, bytes]
) -> None:
    out = tmp_path / "sweep"
    outcomes = run_sweep(small_sweep, out, lambda: lent(client))
    assert [outcome.status for outcome in outcomes.values()] == ["finished"] * 4
    assert checkpoints(out) == alone
    rows = list(csv.DictReader((out / "results.csv").open()))
    assert len(rows) == 4 * 4 and {row["plasticity.learning_rate"] for row in rows} == {"0.05", "0.1"}
    assert all(float(row["from_top"]) > 0 and row["split"] for row in rows)
    assert "Learning curves" in (out / "report.html").read_text()
    assert {path.name for path in out.iterdir()} == {"runs", "results.csv", "report.html"}


def test_the_same_command_finds_what_is_done(tmp_path: Path, small_sweep: SweepSpec, client: Any) -> None:
    out = tmp_path / "sweep"
    run_sweep(small_sweep, out, lambda: lent(client))
    before = {path: path.stat().st_mtime_ns for path in (out / "runs").rglob("*.*")}
    larger = small_sweep.model_copy(update={"seeds": (0, 1, 2)})
    assert len(run_sweep(larger, out, lambda: lent(client))) == 6
    assert all(path.stat().st_mtime_ns == time for path, time in before.items())


def test_a_killed_worker_loses_nothing(
    tmp_path: Path, small_sweep: SweepSpec, client: Any, alone: dict[str, bytes]
) -> None:
    out = tmp_path / "sweep"
    outcomes = run_sweep(small_sweep, out, lambda: lent(client), work=dying(tmp_path / "killed"))
    assert (tmp_path / "killed").exists()
    assert [outcome.status for outcome in outcomes.values()] == ["finished"] * 4
    assert checkpoints(out) == alone


def test_a_killed_scheduler_loses_nothing(
    tmp_path: Path, small_sweep: SweepSpec, client: Any, alone: dict[str, bytes]
) -> None:
    out, address = tmp_path / "sweep", tmp_path / "address"
    with cluster_by_address(address) as (where, scheduler), pytest.raises(SimulationError, match="same command"):
        run_sweep(small_sweep, out, lambda: connected(where), work=dying(tmp_path / "killed", scheduler))
    assert (tmp_path / "killed").exists() and (out / "results.csv").exists()
    run_sweep(small_sweep, out, lambda: lent(client))
    assert checkpoints(out) == alone


@contextmanager
def cluster_by_address(file: Path) -> Iterator[tuple[str, int]]:
    """A scheduler and a worker as processes of their own: address and the scheduler's process number."""
    from distributed import Client

    command = [sys.executable, "-m", "distributed.cli.dask_scheduler", "--no-dashboard", "--no-show", "--port", "0",
               "--host", "127.0.0.1", "--scheduler-file", str(file)]  # fmt: skip
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    scheduler = subprocess.Popen(command, **quiet)  # type: ignore[call-overload]
    worker = subprocess.Popen(
        [sys.executable, "-m", "distributed.cli.dask_worker", "--no-dashboard", "--no-nanny", "--nthreads", "1",
         "--scheduler-file", str(file), "--local-directory", str(file.parent / "scratch"), "--death-timeout", "5"],
        **quiet,  # type: ignore[call-overload]
    )  # fmt: skip
    try:
        with Client(scheduler_file=str(file), timeout=60) as client:
            client.wait_for_workers(1, timeout=60)
            address = client.scheduler.address
        yield address, scheduler.pid
    finally:
        for process in (worker, scheduler):
            process.kill()
            process.wait()


def test_what_fails_or_diverges_is_a_row_and_the_others_stand(tmp_path: Path, client: Any) -> None:
    sweep = SweepSpec(
        base={"data": "digits", "layers": [8], "training": {"epochs": 2, "limit": 60}},
        grid={"training.batch": [20, 61]},
    )  # fmt: skip
    statuses = [outcome.status for outcome in run_sweep(sweep, tmp_path / "sweep", lambda: lent(client)).values()]
    assert statuses == ["finished", "failed"]
    rows = list(csv.DictReader((tmp_path / "sweep" / "results.csv").open()))
    assert next(row["said"] for row in rows if row["status"] == "failed").startswith("--batch: got 61")
    assert "--batch: got 61" in (tmp_path / "sweep" / "report.html").read_text()


def test_a_local_cluster_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    with connected(workers=1) as client:
        workers = [psutil.Process(pid) for pid in client.run(os.getpid).values()]
    assert len(workers) == 1
    assert psutil.wait_procs(workers, timeout=30)[1] == []
    assert list(tmp_path.iterdir()) == []


def test_on_the_command_line(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    text = '[base]\ndata = "digits"\nlayers = [8]\n[base.training]\nepochs = 1\nlimit = 60\n'
    (tmp_path / "one.toml").write_text(text)
    assert run(["sweep", "one.toml", "--workers", "1", "--json"]) == 0, capfd.readouterr().err
    out, err = capfd.readouterr()
    assert '"finished": 1' in out and "1/1" in err
    assert (tmp_path / "sweeps" / "one" / "results.csv").exists()


@pytest.mark.parametrize(
    ("options", "named"),
    [
        (["--scheduler", "tcp://127.0.0.1:9"], "--scheduler"),
        (["--scheduler", "nonsense://x"], "--scheduler"),
        (["--workers", "0"], "--workers"),
        (["--workers", "1", "--scheduler", "tcp://127.0.0.1:9"], "--workers"),
        (["--out", "one.toml"], "--out"),
    ],
)
def test_bad_options(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, options: list[str], named: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("neuro_bpdl.workflows.sweep.cluster.CONNECTING_SECONDS", 1)
    (tmp_path / "one.toml").write_text("")
    assert run(["sweep", "one.toml", *options]) == 2
    out, err = capfd.readouterr()
    assert out == "" and err.count("\n") == 1 and named in err, err
    assert [path.name for path in tmp_path.iterdir()] == ["one.toml"]


class Interrupted:
    """A client whose workers are killed in the middle of what they write, by Ctrl-C."""

    status = "running"

    def __init__(self, runs: Path) -> None:
        self._runs = runs

    def map(self, *_: Any, **__: Any) -> Any:
        (self._runs / ".fcd25a6b7b-s0.8f07c444").mkdir()
        (self._runs / ".fcd25a6b7b-s0.8f07c444" / ".lock").touch()
        (self._runs / "published").mkdir()
        for name in (".lock", ".metrics.jsonl.0a1b2c3d", "metrics.jsonl"):
            (self._runs / "published" / name).touch()
        raise KeyboardInterrupt

    def cancel(self, _: Any) -> None:
        pass


def test_what_killed_workers_leave_is_taken_away(small_sweep: SweepSpec, tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        run_sweep(small_sweep, tmp_path / "s", lambda: lent(Interrupted(tmp_path / "s" / "runs")))
    left = {path.relative_to(tmp_path / "s").as_posix() for path in (tmp_path / "s").rglob("*") if path.is_file()}
    assert left == {"results.csv", "report.html", "runs/published/metrics.jsonl"}
