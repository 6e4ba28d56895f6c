"""The benchmark counts the products that the kernels really make, and reports every case."""

import numpy as np
import pytest

from neuro_bpdl.bench import suite as bench
from neuro_bpdl.bench.floors import blas_seconds, memory_seconds, products
from neuro_bpdl.bench.suite import Case, Timing, measure, ratios, suite
from neuro_bpdl.kernels.factory import learning_program, make_network
from neuro_bpdl.parameters import initial_parameters
from neuro_bpdl.spec import EngineSpec, InferenceSpec, NetworkSpec, PlasticitySpec


@pytest.mark.parametrize("sizes", [(9, 5), (9, 6, 4), (9, 7, 5, 3)])
def test_the_floor_has_exactly_the_products_of_a_presentation(sizes, monkeypatch):
    engine, inference = EngineSpec(arithmetic="fixed"), InferenceSpec(steps=3)
    program = learning_program(engine, len(sizes) - 1, 3)
    params = initial_parameters(NetworkSpec.of(sizes), 0)
    kernel = make_network(engine, params, inference, PlasticitySpec(), program, batch=1, seed=0)
    seen = {}

    def counted(weights, payload, project=kernel.project):
        shape = (weights.shape[2], weights.shape[1])
        seen[shape] = seen.get(shape, 0) + 1
        return project(weights, payload)

    monkeypatch.setattr(kernel, "project", counted)
    feed = kernel.to_feed(np.ones((1, sizes[0])))
    for position in range(len(program)):  # `present` would take the compiled short cut
        kernel.step(position, 0, feed)
    assert products(sizes, program) == seen


def test_floors_grow_with_the_network():
    small, large = ((n, n) for n in (64, 512))
    program = learning_program(EngineSpec(), 1, 5)
    assert 0 < blas_seconds(small, program, 5) < blas_seconds(large, program, 5)
    assert memory_seconds(large, program, 2) > 30 * memory_seconds(small, program, 2) > 0


@pytest.mark.parametrize("arithmetic", ["float", "fixed"])
def test_a_case_reports_its_speed(arithmetic):
    timing = measure(Case((16, 9, 4), "eager", arithmetic, images=3))
    steps = 39 if arithmetic == "fixed" else 35
    assert timing.time_steps_per_second == pytest.approx(steps * timing.images_per_second)
    assert timing.synaptic_operations_per_second > 0
    assert timing.vs_blas > 1
    assert timing.peak_memory_mib > 10


def test_the_suites_have_what_the_ratios_need():
    for name in ("fused", "all"):
        timings = [Timing(case, 1, 5.0 if case.model == "fused" else 0.5, 1, 1, 1, 1, 1) for case in suite(name)]
        assert ratios(timings) == {
            "fused / composed, float 784-200-64": 10.0,
            "fused / composed, fixed 784-500-100": 10.0,
        }
    assert ratios([]) == {}


def test_the_command_prints_a_table_and_refuses_what_it_does_not_know(monkeypatch, capsys):
    from neuro_bpdl.cli.main import run

    monkeypatch.setattr(bench, "suite", lambda name: [Case((9, 4), "eager", "fixed", images=2)])
    assert run(["bench", "eager"]) == 0
    assert "9-4" in capsys.readouterr().out
    assert run(["bench", "nothing"]) == 2
    assert "suite: got 'nothing', allowed: fused, eager, all" in capsys.readouterr().err
