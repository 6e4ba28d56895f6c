"""A run's costs on a chip come from events counted in its own training."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from neuro_bpdl.data import load
from neuro_bpdl.hardware.counts import every_synapse_evaluated, presentation_counts, presentation_steps
from neuro_bpdl.hardware.energy import estimate
from neuro_bpdl.report.costs import run_costs
from neuro_bpdl.report.hardware import mapping_section
from neuro_bpdl.spec import RunSpec
from neuro_bpdl.training.run_dir import RunDir
from neuro_bpdl.training.trainer import train


@pytest.fixture(scope="module", params=["float", "fixed"])
def run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> RunDir:
    spec = RunSpec(
        data="digits", layers=(12, 6), plasticity={"learning_rate": 0.02}, engine={"arithmetic": request.param},
        training={"epochs": 1, "limit": 50, "batch": 1},
    )  # fmt: skip
    return train(spec, load("digits"), tmp_path_factory.mktemp("costs") / "run")


def test_counted_events_are_below_those_of_units_that_all_send(run: RunDir) -> None:
    costs, spec = run_costs(run, images=10), run.config.spec
    for counts, learns in ((costs.learning, True), (costs.inference, False)):
        full = presentation_counts(run.config.network, spec.inference, learns, arithmetic=spec.engine.arithmetic)
        assert 0.3 * full.synaptic_operations < counts.synaptic_operations < full.synaptic_operations
        assert counts.learning_updates < full.learning_updates or not learns
        assert (counts.time_steps, counts.neuron_updates) == (full.time_steps, full.neuron_updates)
    assert costs.images == 10 and spec.engine.arithmetic in costs.label


def test_costs_are_the_counts_times_the_targets_constants(run: RunDir) -> None:
    costs = run_costs(run, images=5)
    spec, network = run.config.spec, run.config.network
    steps = presentation_steps(network, spec.inference, learning=True, arithmetic=spec.engine.arithmetic)
    assert costs.learn.energy == estimate(steps, costs.mapping, counts=costs.learning).energy
    operations = next(term for term in costs.learn.energy_terms if term.name == "synaptic_operation_energy")
    assert operations.total == pytest.approx(23.6e-12 * costs.learning.synaptic_operations)
    bound = every_synapse_evaluated(network, costs.learning)
    synapses = 65 * 12 + 13 * 64 + 13 * 6 + 7 * 12
    assert bound == replace(costs.learning, learning_updates=synapses * costs.learning.time_steps)
    assert costs.learn_bound.energy > costs.learn.energy


def test_counting_leaves_the_run_alone(run: RunDir) -> None:
    before = (run.path / "checkpoint.safetensors").read_bytes()
    first, second = run_costs(run, images=5), run_costs(run, images=5)
    assert first.learning == second.learning
    assert (run.path / "checkpoint.safetensors").read_bytes() == before


def test_the_section_says_what_was_counted_and_what_was_modelled(run: RunDir) -> None:
    costs = run_costs(run)
    html = mapping_section(run, costs=costs).html
    for said in ("not run on a chip", "Davies 2018", "modelled", "Renner 2024", "0.59", costs.label,
                 f"{costs.learning.synaptic_operations:,.0f}"):
        assert said in html
    summary = json.loads(json.dumps(costs.to_dict()))
    assert summary["note"] == "not run on a chip" and summary["counts"]["learning"]["time_steps"] > 0
    assert set(summary) >= {"modelled", "published"}
