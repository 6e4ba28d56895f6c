"""Counts and costs against sums done by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.hardware.counts import Counts, presentation_counts, presentation_steps
from neuro_bpdl.hardware.energy import estimate, published_learners
from neuro_bpdl.hardware.mapping import map_network
from neuro_bpdl.spec import InferenceSpec, NetworkSpec

NET = NetworkSpec.of((784, 500, 100))
PAPER = NetworkSpec.of((784, 1000, 100))
FIFTEEN = InferenceSpec(steps=15)


def test_784_500_100_event_by_event() -> None:
    # F_1 and G_1 hold 392,000 synapses each, F_2 and G_2 50,000. LOAD 392,000; SETTLE 50,000, then
    # 50,000 up + 442,000 down; 15 x (REFLECT 442,000 + UPDATE 492,000); CORRUPT, LEARN 884,000 each.
    counts = presentation_counts(NET, FIFTEEN, learning=True, bias_unit=False)
    assert counts.synaptic_operations == 392_000 + 50_000 + 492_000 + 15 * 934_000 + 2 * 884_000 == 16_712_000
    assert counts.learning_updates == 884_000
    # Messages: LOAD 784; SETTLE 500, then 500 up + 600 down; 15 x (1,284 + 1,100); 2 x 1,884.
    assert counts.spikes == 784 + 500 + 1100 + 15 * 2384 + 2 * 1884 == 41_912
    assert counts.time_steps == 1 + 2 + 2 * 15 + 2 == 35
    assert counts.neuron_updates == 35 * 1384


def test_bias_units_send_with_their_layer() -> None:
    # One per projection: LOAD 500; SETTLE 100, then 100 + 784 + 500; 15 x (600 + 1,384); 2 x (600 + 1,284).
    with_bias = presentation_counts(NET, FIFTEEN, learning=True)
    without = presentation_counts(NET, FIFTEEN, learning=True, bias_unit=False)
    extra = with_bias.synaptic_operations - without.synaptic_operations
    assert extra == 500 + 100 + 1384 + 15 * 1984 + 2 * 1884 == 35_512
    assert with_bias.learning_updates == 884_000 + 600 + 1284 == 885_884  # every synapse of the mapping
    assert with_bias.learning_updates == map_network(NET, "loihi2", find_largest=False).synapses
    assert with_bias.spikes - without.spikes == 1 + 1 + 3 + 15 * (2 + 3) + 2 * 4


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
    # 16,712,000 x 23.6 pJ = 394.403 uJ; 884,000 x 120 pJ = 106.080 uJ; 35 x 1,384 x 3 compartments x 81 pJ =
    # 11.771 uJ; 41,912 x 1.7 pJ = 0.071 uJ: 512.325 uJ.
    counts = presentation_counts(NET, FIFTEEN, learning=True, bias_unit=False)
    cost = estimate(counts, "loihi1", cores=9)
    assert cost.dynamic_energy == pytest.approx(512.325e-6, rel=1e-5)
    # 16,712,000 x 3.5 ns = 58.492 ms; 884,000 x 6.1 ns = 5.3924 ms; 145,320 x 8.4 ns = 1.220688 ms:
    # 65.105088 ms / 9 cores + 35 x 465 ns = 7.250173 ms; x 104 mW = 754.018 uJ static.
    assert cost.time == pytest.approx(7.250173e-3, rel=1e-6)
    assert cost.static_energy == pytest.approx(754.018e-6, rel=1e-5)
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


@given(st.lists(st.integers(1, 50), min_size=2, max_size=5), st.integers(1, 20), st.booleans())
def test_schedule_length_and_senders(sizes: list[int], steps: int, learning: bool) -> None:
    network = NetworkSpec.of(tuple(sizes))
    schedule = presentation_steps(network.depth, steps, learning)
    assert len(schedule) == 1 + network.depth + 2 * steps + 2 * learning
    assert all(0 not in step.down and network.depth not in step.up for step in schedule)
    assert [step.phase for step in schedule].count("LEARN") == learning
    visible = [step.phase for step in schedule if 0 in step.up]
    assert visible == ["LOAD", *["REFLECT"] * steps, *["CORRUPT", "LEARN"] * learning]


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
