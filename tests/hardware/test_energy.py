"""Counts and costs against sums done by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neuro_bpdl.backends.eager import EagerSimulator
from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.hardware.counts import presentation_counts
from neuro_bpdl.hardware.energy import estimate, published_learners
from neuro_bpdl.hardware.mapping import map_network
from neuro_bpdl.kernels.events import Counts
from neuro_bpdl.kernels.widths import CARRY_STEPS
from neuro_bpdl.parameters import initial_parameters
from neuro_bpdl.spec import EngineSpec, InferenceSpec, NetworkSpec, PlasticitySpec

NET = NetworkSpec.of((784, 500, 100))
PAPER = NetworkSpec.of((784, 1000, 100))
FIFTEEN = InferenceSpec(steps=15)


def test_784_500_100_event_by_event() -> None:
    # F_1 and G_1 hold 392,000 synapses each, F_2 and G_2 50,000. LOAD 392,000; SETTLE 50,000, then 50,000 up and
    # 442,000 down; 15 x REFLECT 442,000; 14 x UPDATE 492,000 (the last sends nothing); CORRUPT, LEARN 884,000 each.
    counts = presentation_counts(NET, FIFTEEN, learning=True, bias_unit=False, arithmetic="float")
    assert counts.synaptic_operations == 392_000 + 50_000 + 492_000 + 15 * 442_000 + 14 * 492_000 + 2 * 884_000
    assert counts.synaptic_operations == 16_220_000
    assert counts.learning_updates == 884_000
    # Messages: LOAD 784; SETTLE 500, then 500 up and 600 down; 15 x 1,284; 14 x 1,100; 2 x 1,884.
    assert counts.spikes == 784 + 500 + 1100 + 15 * 1284 + 14 * 1100 + 2 * 1884 == 40_812
    assert counts.time_steps == 1 + 2 + 2 * 15 + 2 == 35
    assert counts.neuron_updates == 35 * 1384


def test_fixed_point_rests_after_learning() -> None:
    counts = presentation_counts(NET, FIFTEEN, learning=True)
    assert counts.time_steps == 35 + CARRY_STEPS
    assert counts.neuron_updates == 1384 * counts.time_steps
    resting = presentation_counts(NET, FIFTEEN, learning=True, arithmetic="float")
    assert (counts.synaptic_operations, counts.spikes) == (resting.synaptic_operations, resting.spikes)


def test_inference_ends_with_the_image_that_h1_predicts() -> None:
    # As above up to the last UPDATE, which sends h_1 down through G_1 for DESCEND.
    counts = presentation_counts(NET, FIFTEEN, learning=False, bias_unit=False)
    assert counts.synaptic_operations == 392_000 + 50_000 + 492_000 + 15 * 442_000 + 14 * 492_000 + 392_000
    assert counts.learning_updates == 0
    assert counts.time_steps == 1 + 2 + 2 * 15 + 1


def test_bias_units_send_with_their_layer() -> None:
    # One per projection: LOAD 500; SETTLE 100, then 100 + 784 + 500; 15 x 600; 14 x 1,384; 2 x (600 + 1,284).
    with_bias = presentation_counts(NET, FIFTEEN, learning=True)
    without = presentation_counts(NET, FIFTEEN, learning=True, bias_unit=False)
    extra = with_bias.synaptic_operations - without.synaptic_operations
    assert extra == 500 + 100 + 1384 + 15 * 600 + 14 * 1384 + 2 * 1884 == 34_128
    assert with_bias.learning_updates == 884_000 + 600 + 1284 == 885_884  # every synapse of the mapping
    assert with_bias.learning_updates == map_network(NET, "loihi2", find_largest=False).synapses
    assert with_bias.spikes - without.spikes == 1 + 1 + 3 + 15 * 2 + 14 * 3 + 2 * 4


@pytest.mark.parametrize("arithmetic", ["float", "fixed"])
@pytest.mark.parametrize("sizes", [(6, 4, 3), (5, 4), (7, 5, 4, 3)])
@pytest.mark.parametrize("steps", [1, 4])
def test_with_every_unit_sending_an_engine_counts_the_same(arithmetic: str, sizes: tuple[int, ...], steps: int) -> None:
    name = {"float": "sigmoid", "fixed": "hard-sigmoid"}[arithmetic]  # from 1/2 and small weights: never silent
    network, inference = NetworkSpec.of(sizes, name), InferenceSpec(steps=steps)
    params, plasticity = initial_parameters(network, 0), PlasticitySpec(noise=0, learning_rate=0.01)
    simulator = EagerSimulator(params, inference, plasticity, EngineSpec(arithmetic=arithmetic))
    images = np.full((3, sizes[0]), 0.5)
    simulator.learn(images, np.arange(3), 0)
    assert simulator.counts == presentation_counts(network, inference, learning=True, arithmetic=arithmetic)
    simulator.infer(images)
    assert simulator.counts == presentation_counts(network, inference, learning=False, arithmetic=arithmetic)


def test_worked_example_of_the_notes_energy_of_the_papers_net() -> None:
    # notes: 1.768 M weights; inference 15 x 1.868 M = 28.0 M operations, 0.66 mJ at 23.6 pJ; one update of
    # every synapse 0.21 mJ at 120 pJ.
    steps = [presentation_counts(PAPER, InferenceSpec(steps=n), learning=False, bias_unit=False) for n in (15, 30)]
    fifteen_steps = steps[1].synaptic_operations - steps[0].synaptic_operations
    assert fifteen_steps == 15 * 1_868_000
    energy = estimate(Counts(synaptic_operations=fifteen_steps), "loihi1").dynamic_energy
    assert energy == pytest.approx(0.6613e-3, rel=1e-3)
    learn = presentation_counts(PAPER, FIFTEEN, learning=True, bias_unit=False).learning_updates
    assert learn == 1_768_000
    assert estimate(Counts(learning_updates=learn), "loihi1").dynamic_energy == pytest.approx(0.21216e-3)


def test_784_500_100_energy_and_time_by_hand() -> None:
    # 16,220,000 x 23.6 pJ = 382.792 uJ; 884,000 x 120 pJ = 106.080 uJ; 35 x 1,384 x 3 compartments x 81 pJ =
    # 11.771 uJ; 40,812 x 1.7 pJ = 0.069 uJ: 500.712 uJ.
    counts = presentation_counts(NET, FIFTEEN, learning=True, bias_unit=False, arithmetic="float")
    cost = estimate(counts, "loihi1", cores=9)
    assert cost.dynamic_energy == pytest.approx(500.712e-6, rel=1e-5)
    # 16,220,000 x 3.5 ns = 56.770 ms; 884,000 x 6.1 ns = 5.3924 ms; 145,320 x 8.4 ns = 1.220688 ms:
    # 63.383088 ms / 9 cores + 35 x 465 ns = 7.058840 ms; x 104 mW = 734.119 uJ static.
    assert cost.time == pytest.approx(7.058840e-3, rel=1e-6)
    assert cost.static_energy == pytest.approx(734.119e-6, rel=1e-5)
    assert cost.energy == pytest.approx(cost.dynamic_energy + cost.static_energy)
    assert estimate(counts, "loihi1", cores=9, chips=2).static_energy == pytest.approx(2 * cost.static_energy)


def test_the_label_says_whose_constants() -> None:
    assert estimate(Counts(), "loihi1").label == "Loihi 1, pre-silicon simulation, Davies 2018"
    borrowed = estimate(Counts(1, 1, 1, 1, 1), "hala_point")
    assert "official costs unknown" in borrowed.label and "Davies 2018" in borrowed.label
    assert {term.confidence for term in borrowed.energy_terms} == {"modelled"}
    assert all("Davies" in term.source for term in borrowed.energy_terms)
    assert borrowed.to_dict()["basis"].endswith("not measured on a chip")


def test_no_estimate_for_a_target_without_costs() -> None:
    with pytest.raises(InvalidInput, match=r"cpu.*costs"):
        estimate(Counts(), "cpu")


@pytest.mark.parametrize("argument", ["cores", "chips", "compartments"])
def test_counts_of_hardware_start_at_one(argument: str) -> None:
    with pytest.raises(InvalidInput, match=argument):
        estimate(Counts(), "loihi1", **{argument: 0})


@pytest.mark.parametrize("activity", [-0.1, 1.5, (0.5, 0.5), (0.5, 0.5, float("nan"))])
def test_activity_is_a_fraction_per_layer(activity: object) -> None:
    with pytest.raises(InvalidInput, match="activity"):
        presentation_counts(NET, FIFTEEN, learning=True, activity=activity)  # type: ignore[arg-type]


@given(st.lists(st.integers(1, 50), min_size=2, max_size=4), st.floats(0, 1))
def test_silent_units_cost_no_message(sizes: list[int], activity: float) -> None:
    network = NetworkSpec.of(tuple(sizes))
    some = presentation_counts(network, FIFTEEN, learning=True, activity=activity, bias_unit=False)
    full = presentation_counts(network, FIFTEEN, learning=True, bias_unit=False)
    assert some.synaptic_operations == pytest.approx(activity * full.synaptic_operations)
    assert some.learning_updates == pytest.approx(activity * full.learning_updates)
    assert some.spikes == pytest.approx(activity * full.spikes)
    assert some.neuron_updates == full.neuron_updates


def test_counts_add_and_scale() -> None:
    assert Counts(1, 2, 3, 4, 5) + 2 * Counts(1, 1, 1, 1, 1) == Counts(3, 4, 5, 6, 7)


def test_published_learners_are_kept_apart() -> None:
    rows = {row.work: row for row in published_learners()}
    renner = rows["Renner 2024"]
    assert (renner.energy_mj, renner.time_ms, renner.accuracy) == (0.59, 1.5, 96.3)
    assert rows["EqSpike"].basis == "projected"
    assert all(row.source for row in rows.values())
