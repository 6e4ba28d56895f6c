"""Every experiment in a tiny form: numbers that could be wrong, a figure, and no second run."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest

from neuro_bpdl.errors import InvalidInput, MissingDependency
from neuro_bpdl.experiments.registry import EXPERIMENTS, Bench, run_experiment
from neuro_bpdl.experiments.settings import Settings


@pytest.fixture(scope="module")
def bench(tiny: Settings, tmp_path_factory: pytest.TempPathFactory) -> Bench:
    return Bench(tiny, tmp_path_factory.mktemp("reproduced"), lambda _: None)


def run(name: str, bench: Bench) -> dict:
    result = run_experiment(name, bench.settings, bench.out, say=bench.say, bench=bench)
    assert json.loads((bench.out / name / "result.json").read_text()) == json.loads(json.dumps(result))
    assert (bench.out / name / "figure.png").read_bytes().startswith(b"\x89PNG")
    assert result["commit"] is None or len(result["commit"]) >= 12
    return result["result"]


def test_fig1(bench):
    windows = run("fig1", bench)["windows"]
    rule, control = windows["S_pre·V̇ (Eq 1)"], windows["control: S_pre·V"]
    assert rule["mean_change_pre_3_to_20_ms_before_post"] > 0 > rule["mean_change_pre_3_to_20_ms_after_post"]
    assert rule["oddness"] > 0.3
    assert control["oddness"] < 0


def test_fig1_has_rows_from_lava(bench):
    pytest.importorskip("lava.magma", reason="Lava is not installed")
    lava = run("fig1", bench)["lava"]
    assert lava["ran"] and lava["time_steps"] == 200
    assert len(lava["windows"]) == 6
    for row in lava["windows"].values():
        assert row["saturated_weights"] == 0 and row["rules"] and row["pairs"] > 0


def test_fig1_without_lava_says_so(bench, tmp_path, monkeypatch):
    from neuro_bpdl.engines.lava import availability
    from neuro_bpdl.experiments import fig1

    def missing():
        raise MissingDependency("lava: not installed, but a Lava run needs it; install it")

    monkeypatch.setattr(availability, "require_lava", missing)
    said = []
    result = fig1.run(Bench(bench.settings, bench.out, said.append), tmp_path)
    assert result["lava"] == {"ran": False, "why": "lava: not installed, but a Lava run needs it; install it"}
    assert "Lava rows were not run" in said[0] and (tmp_path / "figure.png").exists()


def test_fig2(bench):
    for stages in run("fig2", bench).values():
        assert list(stages) == ["0", "1", "2"]
        for stage in stages.values():
            for row in stage["feedforward"]:
                assert 0 <= row["eq12_angle_degrees"] <= 180
                assert abs(row["random_angle_degrees"] - 90) < 25


def test_fig3(bench):
    assert set(run("fig3", bench)) == {plan.name for plan in bench.settings.plans}


def test_fig4(bench):
    result = run("fig4", bench)
    for plan in bench.settings.plans:
        remedies = result[plan.name]
        exact = remedies.get("exact gradient (control)")
        assert (exact is None) == (plan.run.engine.backend != "theory")
        if exact is not None:
            assert exact["rising_steps"] == exact["steps"] == bench.settings.fig4_steps
        fitted, unit = remedies["fitted variances"], remedies["unit variances (a plain reading of Algorithm 2)"]
        assert fitted["mean_total"] != unit["mean_total"]
        for remedy in remedies.values():
            total = np.add(remedy["mean_reconstruction"], remedy["mean_latent"])
            np.testing.assert_allclose(remedy["mean_total"], total, rtol=1e-6)
            assert np.all(np.array(remedy["quantile_5"]) <= remedy["quantile_95"])


def test_fig4_on_lava_is_the_fixed_engine_to_the_bit(bench):
    lava = run("fig4", bench)["lava"]
    assert set(lava) == {plan.name for plan in bench.settings.plans if plan.run.engine.backend != "theory"}
    for row in lava.values():
        if not row["ran"]:
            pytest.skip(row["why"])
        assert row["largest_difference_from_eager_nats"] == 0
        assert row["images"] > 0


def test_only_some_networks(tiny):
    assert [plan.name for plan in tiny.only("fixed", "smooth").plans] == ["smooth", "fixed"]
    with pytest.raises(InvalidInput, match=r"--networks.*rough.*smooth, hardware, fixed"):
        tiny.only("rough")


def test_fig5(bench):
    result = run("fig5", bench)
    for kind in ("random", "left", "top"):
        rows = result[kind]["relative_error"]
        assert rows["mean image"] == 1
        assert rows["5 nearest neighbours"] < 1
        assert len(rows["smooth"]["over_steps"]) == result["steps"] + 2


def test_parzen(bench):
    rows = {(row["network"], row["sampler"]): row for row in run("parzen", bench)["rows"]}
    real = rows["control", "real training images"]
    gaussian = next(row for (_, name), row in rows.items() if name.startswith("Gaussian"))
    assert real["parzen_nats"] > gaussian["parzen_nats"]
    assert real["classes_covered"] == 10
    assert real["nearest_train"] < 0.05 < real["nearest_train_of_test"]  # real images are copies, and it shows
    chosen = rows["smooth", "GENERATE, chosen on validation"]
    nats = [choice["validation_nats"] for choice in chosen["choices"]]
    assert nats == sorted(nats, reverse=True)
    assert len(nats) == len(bench.settings.candidates) * bench.settings.max_rounds
    assert chosen["rounds"] == chosen["choices"][0]["rounds"]
    assert rows["smooth", "GENERATE as printed"]["rounds"] == 3
    assert rows["fixed", "extension: GENERATE, mixture prior"]["arithmetic"] == "fixed"
    nats = {name: row["parzen_nats"] for (network, name), row in rows.items() if network == "smooth"}
    assert nats["extension: directed, mixture prior"] != nats["directed"]


def test_samplers(bench):
    result = run("samplers", bench)
    rows = result["smooth"]
    assert rows["Langevin, true gradient"]["acceptance"] == 1
    assert 0 <= rows["Langevin + MH"]["acceptance"] <= 1
    by_step = rows["Langevin + MH"]["acceptance_by_epsilon"]
    assert by_step["0.05"] < by_step["0.001"]
    assert str(rows["Langevin + MH"]["epsilon"]) in by_step
    assert rows["directed (independent draws)"]["autocorrelation"][1] < rows["Langevin + MH"]["autocorrelation"][1]


def test_labels(bench):
    result = run("labels", bench)
    rules = result["rules"]["epochs"]
    assert set(rules) == {"same-event", "regression", "fixed"}
    ends = {name: rows[-1] for name, rows in rules.items()}
    assert ends["same-event"]["alignment"] > 0.5 > abs(ends["fixed"]["alignment"])
    assert ends["same-event"]["angle_degrees"] < min(ends[name]["angle_degrees"] for name in ("regression", "fixed"))
    (recipe,) = result["recipes"]["labels-quick"]
    assert recipe["accuracy"] > 0.85 and np.sum(recipe["confusion"]) == 1000
    assert recipe["arithmetic"] == "fixed" and recipe["alignment"][0] > 0.5
    assert result["summary"]["labels-quick"] == {"seeds": 1, "mean": recipe["accuracy"], "spread": 0}


def test_a_finished_experiment_is_not_run_again(bench):
    run("fig1", bench)
    figure = bench.out / "fig1" / "figure.png"
    os.utime(figure, ns=(0, 0))  # what is written again gets a time of today
    said: list[str] = []
    run_experiment("fig1", bench.settings, bench.out, say=said.append, bench=bench)
    assert figure.stat().st_mtime_ns == 0
    assert "done before" in said[0]
    other = bench.settings.model_copy(update={"spike_ms": 50_000})
    run_experiment("fig1", other, bench.out, say=said.append)
    assert figure.stat().st_mtime_ns > 0


def test_an_unknown_experiment_is_refused(bench, tmp_path: Path):
    with pytest.raises(InvalidInput, match="fig9"):
        run_experiment("fig9", bench.settings, tmp_path)
    assert "fig1" in EXPERIMENTS
