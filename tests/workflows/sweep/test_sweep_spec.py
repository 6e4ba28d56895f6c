"""What a sweep's file says: its jobs, and every way to say it wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from neuro_bpdl.cli.main import run
from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.recipes.composing import compose
from neuro_bpdl.workflows.sweep.spec import MAX_JOBS, SweepSpec

RATE, NOISE = "plasticity.learning_rate", "plasticity.noise"


def test_a_grid_has_every_combination_with_every_seed() -> None:
    sweep = SweepSpec(grid={RATE: [0.05, 0.1], "layers": [[8], [8, 4]]}, seeds=[0, 3])
    jobs = sweep.jobs
    assert sweep.count == len(jobs) == 8 and len({job.point for job in jobs}) == 4
    assert {(job.spec.plasticity.learning_rate, job.spec.layers, job.seed) for job in jobs} == {
        (rate, layers, seed) for rate in (0.05, 0.1) for layers in ((8,), (8, 4)) for seed in (0, 3)
    }


def test_random_draws_lie_in_their_intervals_and_depend_on_the_seed_alone() -> None:
    fields = {
        RATE: {"low": 0.001, "high": 1.0, "scale": "log"}, "training.batch": {"low": 1, "high": 30, "whole": True},
        "activation": ["tanh", "sigmoid"],
    }  # fmt: skip

    def points(seed: int) -> list[dict[str, Any]]:
        return [job.values for job in SweepSpec(random={"draws": 200, "seed": seed, "fields": fields}).jobs]

    drawn = points(0)
    assert drawn == points(0) != points(1)
    assert all(0.001 <= point[RATE] <= 1 and 1 <= point["training.batch"] <= 30 for point in drawn)
    # a logarithmic scale has its median at the geometric mean: 100 ± 4 standard deviations of a coin thrown 200 times
    assert 72 <= sum(point[RATE] < 0.0316 for point in drawn) <= 128
    assert {point["activation"] for point in drawn} == {"tanh", "sigmoid"}


def test_a_run_has_one_name_in_whatever_sweep_it_is() -> None:
    one = SweepSpec(grid={RATE: [0.05]}).jobs[0].name
    assert one in {job.name for job in SweepSpec(grid={RATE: [0.2, 0.05], NOISE: [0.1]}, seeds=[1, 0]).jobs}
    assert len(SweepSpec(grid={RATE: [0.05, 0.05]}).jobs) == 1


def test_recipes_are_swept_and_what_nobody_chose_follows_the_engine() -> None:
    sweep = SweepSpec(
        recipe="digits-quick", base={"training": {"epochs": 2}},
        grid={"recipe": ["digits-quick", "digits-chip"], NOISE: [0.1, 0.2]},
    )  # fmt: skip
    jobs = {(job.values["recipe"], job.values[NOISE]): job.spec for job in sweep.jobs}
    assert len(jobs) == 4 and {spec.training.epochs for spec in jobs.values()} == {2}
    assert jobs["digits-chip", 0.2].plasticity.noise == 0.2
    assert jobs["digits-chip", 0.2].engine.arithmetic != jobs["digits-quick", 0.2].engine.arithmetic
    engines = SweepSpec(grid={"engine.arithmetic": ["float", "fixed"]}).jobs
    for job, arithmetic in zip(engines, ("float", "fixed"), strict=True):
        assert job.spec == compose({}, {("engine", "arithmetic"): arithmetic, ("training", "seed"): 0})
    labelled = SweepSpec(base={"labels": {}, "layers": [16, 10]}, grid={"labels.nudge": [7, 9]})
    assert [job.spec.labels.nudge for job in labelled.jobs if job.spec.labels] == [7, 9]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ('[grid]\n"plasticity.learning_rte" = [0.1]', "plasticity.learning_rate"),
        ('[grid]\n"plasticity" = [0.1]', "a field of a run"),
        ('[grid]\n"training.seed" = [1, 2]', "seeds ="),
        ('[grid]\n"plasticity.noise" = []', "grid.plasticity.noise"),
        ('[grid]\n"plasticity.noise" = [-1.0]', "PlasticitySpec.noise"),
        ("[base.training]\nseed = 3", "seeds ="),
        ('recipe = "soup"', "generative"),
        ("seeds = []", "seeds"),
        ("seeds = [1, 1]", "each seed once"),
        ('[random]\ndraws = 0\n[random.fields]\n"plasticity.noise" = [0.1]', "draws"),
        ('[random]\ndraws = 1000000000\n[random.fields]\n"plasticity.noise" = [0.1]', f"1 to {MAX_JOBS}"),
        ('[random]\ndraws = 2\n[random.fields]\n"plasticity.noise" = {low = 1.0, high = 0.5}', "low below high"),
        ('[random]\ndraws = 2\n[random.fields]\n"plasticity.noise" = {low = 0.0, high = 1.0, scale = "log"}', "log"),
        ('[random]\ndraws = 2\n[random.fields]\n"layers" = [[8]]\n[grid]\n"layers" = [[9]]', "in one of them"),
        ('best = "luck"', "best"),
        ("[base]\ncolour = 3", "colour"),
        ("[[", "TOML"),
    ],
)
def test_bad_files(tmp_path: Path, capfd: pytest.CaptureFixture[str], text: str, named: str) -> None:
    (tmp_path / "s.toml").write_text(text)
    assert run(["sweep", str(tmp_path / "s.toml"), "--out", str(tmp_path / "out")]) == 2
    out, err = capfd.readouterr()
    assert out == "" and err.count("\n") == 1 and named in err
    assert [path.name for path in tmp_path.iterdir()] == ["s.toml"]


def test_as_many_jobs_as_a_billion_are_refused_before_they_are_made() -> None:
    with pytest.raises(InvalidInput, match="1000000000 jobs"):
        SweepSpec(grid={f"training.{name}": list(range(1, 1001)) for name in ("limit", "epochs", "batch")})
