"""Counts and costs against sums done by hand."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neuro_bpdl.engines.eager import EagerSimulator
from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.hardware.counts import Step, every_synapse_evaluated, presentation_counts, presentation_steps
from neuro_bpdl.hardware.energy import Estimate, estimate, published_learners
from neuro_bpdl.hardware.loads import loads
from neuro_bpdl.hardware.mapping import Mapping, map_network
from neuro_bpdl.hardware.options import MapOptions, kept_bits, options_of
from neuro_bpdl.hardware.traffic import Grid, routes
from neuro_bpdl.kernels.events import Counts
from neuro_bpdl.numbers.widths import CARRY_STEPS
from neuro_bpdl.parameters import initial_parameters
from neuro_bpdl.spec import GRADED, Code, EngineSpec, InferenceSpec, NetworkSpec, PlasticitySpec

NET = NetworkSpec.of((784, 500, 100))
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


def placed(sizes: tuple[int, ...], target: str = "loihi1", **options: object) -> Mapping:
    chosen = MapOptions(**{"tag_bits": 0, "bias_unit": False} | options)
    return map_network(NetworkSpec.of(sizes), target, options=chosen, find_largest=False)


def total(cost: Estimate, name: str) -> float | None:
    return next(term.total for term in (*cost.energy_terms, *cost.time_terms) if term.name == name)


# Two steps of 4-2: up; then up and down, learning. Operations 4·2, then 4·2 + 2·4; updates 16; packets 4, then 6.
TWO = (Step((4, 0), (0, 0), False), Step((4, 0), (0, 2), True))


def test_two_steps_on_two_cores_by_hand() -> None:
    cost = estimate(TWO, placed((4, 2)))
    # 24 · 23.6 + 16 · 120 + 2 · 6 neurons · 3 compartments · 81 + 10 · 1.7 pJ; both cores on one tile: no hop.
    assert cost.dynamic_energy == pytest.approx((566.4 + 1920 + 2916 + 17) * 1e-12)
    # Core 0 updates 12 compartments in 100.8 ns while it hears 8 operations (28 ns), then learns 8 synapses (48.8).
    assert cost.time == pytest.approx((100.8 + 100.8 + 48.8 + 2 * 113) * 1e-9)
    assert cost.static_energy == pytest.approx(0.104 * cost.time)
    assert cost.energy == pytest.approx(cost.dynamic_energy + cost.static_energy)
    assert cost.packets == 10 and cost.time_band == pytest.approx((cost.time, cost.time))


def test_messages_are_counted_for_every_destination_core_and_hop() -> None:
    # One neuron a core: layer 0 fills tile (0, 0), layer 1 half of (0, 1). 4 · 2, then 4 · 2 + 2 · 4 packets.
    cost = estimate(TWO, placed((4, 2), neurons_per_core=1))
    assert cost.packets == 24
    assert total(cost, "packet_energy") == pytest.approx(24 * 1.7e-12)
    assert total(cost, "hop_north_south_energy") == pytest.approx(24 * 4.0e-12)
    assert total(cost, "hop_east_west_energy") == 0
    assert cost.barrier.total == pytest.approx(2 * (113 + 352 / 31) * 1e-9)


def test_hops_are_the_sum_over_pairs_of_cores() -> None:
    mapping = placed((30, 25, 9), neurons_per_core=1)
    grid = Grid.of(mapping.target)
    assert grid is not None
    place = np.arange(64) // grid.cores
    across, along = place // grid.along, place % grid.along
    found = routes(mapping, grid)
    for (source, post), (a, b) in {(0, 1): ((0, 30), (30, 55)), (2, 1): ((55, 64), (30, 55))}.items():
        path = found[source, post]
        pairs = [(i, j) for i in range(*a) for j in range(*b)]
        assert path.packets == 25
        assert path.east_west == pytest.approx(sum(abs(across[i] - across[j]) for i, j in pairs) / (a[1] - a[0]))
        assert path.north_south == pytest.approx(sum(abs(along[i] - along[j]) for i, j in pairs) / (a[1] - a[0]))


def test_packets_between_chips_are_not_hops() -> None:
    mapping = placed((300, 10), neurons_per_core=1)  # 128 cores a chip: 310 cores on 3 chips
    path = routes(mapping, Grid.of(mapping.target))[1, 0]
    assert path.packets == 300 and path.between_chips == pytest.approx(300 - 44)  # layer 1 ends the third chip


@given(st.integers(1, 60), st.integers(1, 60), st.integers(1, 9))
def test_loads_of_cores_add_up_to_the_counts(below: int, above: int, each: int) -> None:
    network, inference = NetworkSpec.of((below, above)), InferenceSpec(steps=2)
    steps = presentation_steps(network, inference, learning=True)
    work = loads(steps, placed((below, above), bias_unit=True, neurons_per_core=each))
    counts = presentation_counts(network, inference, learning=True)
    assert work.total("operations") == pytest.approx(counts.synaptic_operations)
    assert work.total("updates") == pytest.approx(counts.learning_updates)
    assert work.total("messages") == pytest.approx(counts.spikes)
    assert work.total("neurons") == pytest.approx(3 * counts.neuron_updates)
    assert work.total("packets_in") == pytest.approx(work.total("packets_out"))


def test_784_500_100_energy_by_hand() -> None:
    # 16,220,000 x 23.6 pJ = 382.792 uJ; 884,000 x 120 pJ = 106.080 uJ; 35 x 1,384 x 3 compartments x 81 pJ = 11.771 uJ.
    steps = presentation_steps(NET, FIFTEEN, learning=True, bias_unit=False, arithmetic="float")
    cost = estimate(steps, placed(NET.sizes))
    assert total(cost, "synaptic_operation_energy") == pytest.approx(382.792e-6)
    assert total(cost, "learning_update_energy") == pytest.approx(106.080e-6)
    assert total(cost, "neuron_update_energy") == pytest.approx(11.771e-6, rel=1e-4)
    # The slowest core of the UPDATE that sends both ways: a layer of four cores, 196 posts with 500 axons or
    # 125 with 884: 110,500 operations, 386.75 us. 35 steps cannot take longer than that plus learning and barriers.
    assert cost.time < 35 * 386.75e-6 + 110_500 * 6.1e-9 + 35 * 465e-9


def test_counted_events_scale_every_cores_share() -> None:
    steps = presentation_steps(NET, FIFTEEN, learning=True)
    full, mapping = presentation_counts(NET, FIFTEEN, learning=True), placed(NET.sizes, bias_unit=True)
    half = replace(full, synaptic_operations=full.synaptic_operations / 2, spikes=full.spikes / 2)
    whole, part = estimate(steps, mapping, counts=full), estimate(steps, mapping, counts=half)
    assert estimate(steps, mapping).energy == pytest.approx(whole.energy)
    assert part.packets == pytest.approx(whole.packets / 2)
    operations = [total(cost, "synaptic_operation_energy") or 0 for cost in (part, whole)]
    assert operations[0] == pytest.approx(operations[1] / 2)
    assert total(part, "learning_update_energy") == pytest.approx(total(whole, "learning_update_energy"))


def test_every_synapse_at_every_step() -> None:
    mapping = placed(NET.sizes, bias_unit=True)
    steps = presentation_steps(NET, FIFTEEN, learning=True)
    counts = every_synapse_evaluated(NET, presentation_counts(NET, FIFTEEN, learning=True))
    cost = estimate(steps, mapping, every_synapse=True)
    assert total(cost, "learning_update_energy") == pytest.approx(120e-12 * counts.learning_updates)


def test_once_a_presentation_every_synapse_is_visited_once() -> None:
    mapping, three = placed(NET.sizes, bias_unit=True), InferenceSpec(steps=3)
    steps = presentation_steps(NET, three, learning=True, activity=0.2, learning_epoch="presentation")
    assert len(steps) == 1 + 2 + 2 * 3 + 2  # no rests
    counts = sum((step.counts(NET.sizes) for step in steps), Counts())
    every = every_synapse_evaluated(NET, counts, visits=1)
    assert counts.learning_updates == every.learning_updates == 885_884  # silent units clear their traces
    cost = estimate(steps, mapping, every_synapse=True)
    assert total(cost, "learning_update_energy") == pytest.approx(120e-12 * every.learning_updates)


def test_changes_are_bound_by_whole_payloads_of_which_the_always_on_unit_never_changes() -> None:
    code, three = Code(changes=True), InferenceSpec(steps=3)
    whole, changes = (
        sum((step.counts(NET.sizes) for step in presentation_steps(NET, three, learning=True, code=code)), Counts())
        for code in (GRADED, code)
    )
    # LOAD 1; SETTLE 1, then 3; 3 x REFLECT 2; 2 x UPDATE 3; CORRUPT, LEARN 4 each. Of them once only: F_1, twice, for
    # tags are carried between; F_2, G_1, G_2 of h; F_1, F_2 of r; and LEARN.
    assert whole.spikes - changes.spikes == (1 + 1 + 3 + 3 * 2 + 2 * 3 + 2 * 4) - (2 + 3 + 2 + 4)
    assert changes.learning_updates == whole.learning_updates


@pytest.mark.parametrize("learns", [True, False])
def test_a_counted_run_of_changes_costs_what_it_sends(learns: bool) -> None:
    network, engine = NetworkSpec.of((60, 30, 10)), EngineSpec(arithmetic="fixed", sends="changes")
    images, found = np.random.default_rng(0).random((3, 60)), {}
    for one in (engine.changed(sends="whole"), engine):
        simulator = EagerSimulator(initial_parameters(network, 0), FIFTEEN, PlasticitySpec(learning_rate=0.01), one)
        if learns:
            simulator.learn(images, np.arange(3), 0)
        else:
            simulator.infer(images)
        mapping = map_network(network, "loihi2", options=options_of(network, one), find_largest=False)
        steps = presentation_steps(network, FIFTEEN, learns, code=one.messages)
        found[one.sends] = simulator.counts, estimate(steps, mapping, counts=simulator.counts), mapping
    (more, dear, plain), (fewer, cheap, wide) = found["whole"], found["changes"]
    assert fewer.synaptic_operations < 0.9 * more.synaptic_operations
    assert total(cheap, "synaptic_operation_energy") == pytest.approx(23.6e-12 * fewer.synaptic_operations)
    assert cheap.energy < dear.energy and cheap.packets < dear.packets and cheap.time < dear.time
    bits = [sum(core.cores * core.state_memory for core in one.cores) for one in (plain, wide)]
    assert bits[1] - bits[0] == 100 * kept_bits(network)


def test_a_cost_without_a_source_is_unknown_and_the_rest_stands() -> None:
    cost = estimate(TWO, placed((4, 2), "loihi1_nahuku"))
    assert {"learning_update_energy", "learning_update_time", "static_power"} <= set(cost.unknown)
    assert total(cost, "learning_update_energy") is None and cost.static_energy == 0
    assert total(cost, "synaptic_operation_energy") == pytest.approx(24 * 35.5e-12)
    assert json.loads(json.dumps(cost.to_dict()))["unknown"] == list(cost.unknown)
    hops = estimate(TWO, placed((4, 2), "loihi2"))
    assert "hop_east_west_energy" in hops.unknown and hops.energy > 0


def test_loihi2_times_are_scaled_with_a_band() -> None:
    cost = estimate(presentation_steps(NET, FIFTEEN, learning=True), placed(NET.sizes, "loihi2", bias_unit=True))
    low, high = cost.time_band
    assert low == cost.time < high
    assert cost.energy_band[0] == pytest.approx(cost.energy) and cost.energy_band[1] > cost.energy
    grades = {term.name: term.confidence for term in cost.time_terms}
    assert grades["synaptic_operation_time"] == "scaled" and grades["learning_update_time"] == "modelled"


def test_the_label_says_whose_constants() -> None:
    assert estimate(TWO, placed((4, 2))).label == "Loihi 1, pre-silicon simulation, Davies 2018"
    borrowed = estimate(TWO, placed((4, 2), "hala_point"))
    assert "official costs unknown" in borrowed.label and "Davies 2018" in borrowed.label
    known = [term for term in borrowed.energy_terms if term.total is not None]
    assert {term.confidence for term in known} == {"modelled"} and all("Davies" in term.source for term in known)
    assert borrowed.to_dict()["basis"].endswith("not measured on a chip")


def test_no_estimate_for_a_target_without_costs() -> None:
    with pytest.raises(InvalidInput, match=r"cpu.*costs"):
        estimate(TWO, placed((4, 2)), costs="cpu")


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
