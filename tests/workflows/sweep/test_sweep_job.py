"""A sweep's job and its cluster, without starting one."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from neuro_bpdl.errors import SimulationError
from neuro_bpdl.training.config import anchored
from neuro_bpdl.training.provenance import versions
from neuro_bpdl.workflows.sweep.cluster import connected
from neuro_bpdl.workflows.sweep.job import PACKAGE, Order, run_job
from neuro_bpdl.workflows.sweep.spec import SweepSpec

distributed = pytest.importorskip("distributed")


def orders(sweep: SweepSpec, folder: Path) -> list[Order]:
    return [
        Order(job.name, anchored(job.spec).model_dump(mode="json"), str(folder), versions()[PACKAGE])
        for job in sweep.jobs
    ]


def test_another_run_under_the_jobs_name_is_no_outcome(small_sweep: SweepSpec, tmp_path: Path) -> None:
    one, other = orders(small_sweep, tmp_path)[:2]
    first = run_job(one)
    assert first.status == "finished"
    assert run_job(one) == first
    shutil.move(tmp_path / one.name, tmp_path / other.name)
    found = run_job(other)
    assert (found.status, found.lines) == ("failed", []) and "holds another run than this job" in found.said


def test_workers_that_do_not_start_are_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_: object) -> None:
        raise RuntimeError("Nanny failed to start.")

    monkeypatch.setattr(distributed, "LocalCluster", refuse)
    with pytest.raises(SimulationError, match=r"did not start \(Nanny failed to start\.\)"), connected(workers=1):
        pass
