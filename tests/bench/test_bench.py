"""The benchmark counts the products that the kernels really make, and reports every case."""

from collections import Counter
from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest

from neuro_bpdl.bench import floors, worker
from neuro_bpdl.bench import suite as bench
from neuro_bpdl.bench.cases import Case, Timing, suite
from neuro_bpdl.bench.floors import blas_seconds, in_order_seconds, memory_seconds, products, update_seconds, updates
from neuro_bpdl.bench.suite import measure, ratios
from neuro_bpdl.errors import SimulationError
from neuro_bpdl.kernels.factory import learning_program, make_network
from neuro_bpdl.parameters import initial_parameters
from neuro_bpdl.spec import EngineSpec, InferenceSpec, LabelSpec, NetworkSpec, PlasticitySpec


@pytest.mark.parametrize("sizes", [(9, 5), (9, 6, 4), (9, 7, 5, 3)])
def test_the_floor_has_exactly_the_products_of_a_presentation(sizes, monkeypatch):
    engine, inference = EngineSpec(arithmetic="fixed"), InferenceSpec(steps=3)
    program = learning_program(engine, NetworkSpec.of(sizes), 3)
    params = initial_parameters(NetworkSpec.of(sizes), 0)
    kernel = make_network(engine, params, inference, PlasticitySpec(), program, batch=1, seed=0)
    seen = {}

    def counted(projection, payload, project=kernel.project):
        _, pre, post = kernel.weights[projection].shape
        seen[post, pre] = seen.get((post, pre), 0) + 1
        return project(projection, payload)

    monkeypatch.setattr(kernel, "project", counted)
    feed = kernel.to_feed(np.ones((1, sizes[0])))
    for position in range(len(program)):  # `present` would take the compiled short cut
        kernel.step(position, 0, feed)
    assert products(program) == seen


def test_floors_grow_with_the_network(monkeypatch):
    """By a clock on which every call takes a second: the floors' own arithmetic, whatever the machine does."""
    monkeypatch.setattr(floors, "best", lambda call, *_: (call(), 1.0)[1])
    small, large = (learning_program(EngineSpec(), NetworkSpec.of((n, n)), 5) for n in (64, 512))
    assert memory_seconds(large, 2) / memory_seconds(small, 2) == pytest.approx(512 * 513 / (64 * 65))
    for floor in (blas_seconds, in_order_seconds, update_seconds):
        assert floor(small) == 1
        assert floor(small, window=4) == 1 / 4


def test_the_floor_in_order_makes_the_products_of_the_other(monkeypatch):
    """Every product that each of them makes, by the shape of its matrix."""
    program, made = learning_program(EngineSpec(), NetworkSpec.of((9, 7, 5, 3)), 3), []

    class Matrix(np.ndarray):
        def __matmul__(self, payload):
            made.append(self.shape)
            return np.asarray(self) @ payload

    draws = SimpleNamespace(random=lambda shape, dtype: np.ones(shape, dtype).view(Matrix))
    monkeypatch.setattr(floors.np.random, "default_rng", lambda seed: draws)
    monkeypatch.setattr(floors, "best", lambda call, *_: (call(), 1.0)[1])
    blas_seconds(program)
    repeated, made[:] = Counter(made), []
    in_order_seconds(program)
    assert Counter(made) == repeated == products(program)
    assert sum(a != b for a, b in pairwise(made)) > len(repeated)  # a matrix comes back after others


def test_a_label_changes_g_twice():
    """Once for the positive half of the swing above, once for the negative one; G_1 does not learn."""
    labelled = learning_program(EngineSpec(), NetworkSpec.of((9, 5, 3), labels=LabelSpec()), 1)
    assert updates(labelled) == {(5, 10): 1, (3, 6): 1, (5, 4): 2}


@pytest.mark.parametrize(("arithmetic", "batch", "processes"), [("float", 1, 1), ("fixed", 1, 2), ("fixed", 3, 1)])
def test_a_case_reports_its_speed(arithmetic, batch, processes):
    timing = measure(Case((16, 9, 4), "eager", arithmetic, batch=batch, processes=processes, images=12))
    steps = 39 if arithmetic == "fixed" else 35
    assert timing.time_steps_per_second == pytest.approx(steps / batch * timing.images_per_second)
    assert timing.synaptic_operations_per_second > 0
    assert timing.vs_blas > 0 and timing.vs_in_order > 0
    assert timing.peak_memory_mib > 10


def test_the_clock_of_a_case_starts_when_it_is_ready(monkeypatch):
    """Read once before the first image and once after each: with a clock that ticks at every look, 1 s an image."""
    calls = []

    def look():
        calls.append("look")
        return float(len(calls))

    monkeypatch.setattr(worker, "time", SimpleNamespace(perf_counter=look))
    found = worker.measure(Case((16, 9, 4), "eager", "fixed", images=12), lambda: calls.append("ready"))
    assert calls == ["ready"] + 13 * ["look"]
    assert found["seconds"] == 1.0 and found["blas"] > 0


def test_a_case_that_fails_says_which_and_why():
    with pytest.raises(SimulationError, match=r"^eager fixed 0-4: .* ended with 1: .*sizes.0"):
        measure(Case((0, 4), "eager", "fixed"))


def test_threads_and_processes_are_cases_of_their_own():
    cases = suite("threads")
    assert {case.threads for case in cases} == {case.processes for case in cases} == {1, 2}
    assert set(cases) <= set(suite("all"))


def test_the_suites_have_what_the_ratios_need():
    for name in ("fused", "all"):
        timings = [Timing(case, 1, 5.0 if case.model == "fused" else 0.5, *[1] * 6) for case in suite(name)]
        assert ratios(timings) == {
            "fused / composed, float 64-100-20": 10.0,
            "fused / composed, float 784-200-64": 10.0,
            "fused / composed, fixed 784-500-100": 10.0,
        }
    assert ratios([]) == {}


def test_the_command_prints_a_table_and_refuses_what_it_does_not_know(monkeypatch, capsys):
    from neuro_bpdl.cli.main import run

    monkeypatch.setattr(bench, "suite", lambda name: [Case((9, 4), "eager", "fixed", images=12)])
    monkeypatch.setattr(bench, "compile_seconds", lambda: (12.34, 0.5))
    assert run(["bench", "eager"]) == 0
    out = capsys.readouterr().out
    assert "9-4" in out and "compile seconds, first call: 12.3; later: 0.5" in out
    assert run(["bench", "nothing"]) == 2
    assert "suite: got 'nothing', allowed: fused, eager, threads, all" in capsys.readouterr().err
