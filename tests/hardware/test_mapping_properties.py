"""What holds for every mapping: limits kept, everything placed once, totals conserved, order irrelevant."""

from __future__ import annotations

import json
import random
import sys
import tracemalloc
from collections import Counter
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neuro_bpdl.errors import HardwareLimit
from neuro_bpdl.hardware.entry import Entry
from neuro_bpdl.hardware.mapping import Mapping, map_network, map_populations
from neuro_bpdl.hardware.options import MapOptions
from neuro_bpdl.hardware.placement import populations
from neuro_bpdl.hardware.target import Target, load_target
from neuro_bpdl.spec import NetworkSpec

UNITS = {"compartments_per_core": "compartment", "axons_in_per_core": "axon", "axons_out_per_core": "axon",
         "synaptic_memory_per_core": "bit", "memory_per_core": "bit", "cores_per_chip": "core",
         "traces_per_core": "trace", "learning_synapses_per_core": "synapse"}


@st.composite
def targets(draw: st.DrawFn) -> Target:
    base = load_target(draw(st.sampled_from(["loihi1", "loihi2"])))
    limits = {
        "compartments_per_core": draw(st.integers(12, 60)), "axons_in_per_core": draw(st.integers(12, 60)),
        "axons_out_per_core": draw(st.integers(12, 80)), "synaptic_memory_per_core": draw(st.integers(2000, 20_000)),
        "memory_per_core": draw(st.integers(20_000, 22_000)),
        "cores_per_chip": draw(st.integers(1, 9)), "traces_per_core": draw(st.integers(40, 200)),
        "learning_synapses_per_core": draw(st.integers(30, 400)),
    }
    entries = {name: Entry(value=value, unit=UNITS[name], source="this test", confidence="modelled")
               for name, value in limits.items()}
    return base.model_copy(update={"entries": base.entries | entries})


options = st.builds(MapOptions, tag_bits=st.sampled_from([0, 9]), learning=st.booleans(), bias_unit=st.booleans(),
                    compartments_per_neuron=st.integers(1, 3))
shapes = st.lists(st.integers(1, 30), min_size=2, max_size=4).map(tuple)


def mapped(sizes: tuple[int, ...], target: Target, chosen: MapOptions) -> Mapping | None:
    try:
        return map_network(NetworkSpec.of(sizes), target, options=chosen, find_largest=False)
    except HardwareLimit:
        return None


def matrices(sizes: tuple[int, ...], bias: bool) -> dict[tuple[int, int], np.ndarray]:
    """A counter for every synapse: (post layer, source layer) -> n_post × (n_source + bias)."""
    return {(post, source): np.zeros((sizes[post], sizes[source] + bias), int)
            for post in range(len(sizes)) for source in (post - 1, post + 1) if 0 <= source < len(sizes)}


@settings(max_examples=80, deadline=None)
@given(shapes, targets(), options)
def test_every_neuron_and_synapse_is_placed_exactly_once(
    sizes: tuple[int, ...], target: Target, chosen: MapOptions
) -> None:
    mapping = mapped(sizes, target, chosen)
    if mapping is None:
        return
    synapses, somas = matrices(sizes, chosen.bias_unit), [np.zeros(size, int) for size in sizes]
    for core in mapping.cores:
        for index in range(core.cores):
            rows = slice(core.post_start + index * core.posts, core.post_start + (index + 1) * core.posts)
            if core.role == "neurons":
                assert rows.stop <= sizes[core.layer]
                somas[core.layer][rows] += 1
            for block in core.blocks:
                columns = slice(block.start, block.start + block.units)
                synapses[core.layer, block.source][rows, columns] += 1
    assert all((layer == 1).all() for layer in somas)
    assert all((matrix == 1).all() for matrix in synapses.values())


@settings(max_examples=80, deadline=None)
@given(shapes, targets(), options)
def test_no_resource_is_above_its_limit(sizes: tuple[int, ...], target: Target, chosen: MapOptions) -> None:
    mapping = mapped(sizes, target, chosen)
    if mapping is None:
        return
    for core in mapping.cores:
        used = {
            "compartments_per_core": core.compartments, "axons_in_per_core": core.axons_in,
            "axons_out_per_core": core.axons_out, "traces_per_core": core.traces,
            "synaptic_memory_per_core": core.memory + core.tag_memory,
            "learning_synapses_per_core": core.learning_synapses,
        }
        if target.has("flexible_memory"):
            used["memory_per_core"] = core.memory + core.tag_memory + core.state_memory
        for name, amount in used.items():
            assert amount <= (target.limit(name) or 0), name
    shares = {entry.name: entry.share for entry in mapping.resources if entry.name != "cores in all"}
    assert all(share is None or share <= 1 for share in shares.values())


@settings(max_examples=80, deadline=None)
@given(shapes, targets(), options)
def test_totals_are_conserved(sizes: tuple[int, ...], target: Target, chosen: MapOptions) -> None:
    mapping = mapped(sizes, target, chosen)
    if mapping is None:
        return
    bias = chosen.bias_unit
    pairs = list(pairwise(sizes))
    assert mapping.synapses == sum(a * (b + bias) + b * (a + bias) for a, b in pairs)
    somas = sum(core.cores * core.compartments for core in mapping.cores if core.role == "neurons")
    assert somas == sum(sizes) * chosen.compartments_per_neuron + 2 * len(pairs) * bias
    runs = Counter[int]()
    for chip in mapping.chips:
        assert 1 <= sum(run.cores for run in chip) <= (target.limit("cores_per_chip") or 0)
        for run in chip:
            runs[run.core] += run.cores
    assert runs == Counter({kind: core.cores for kind, core in enumerate(mapping.cores)})


@settings(max_examples=60, deadline=None)
@given(shapes, targets(), options, st.randoms(use_true_random=False))
def test_order_and_names_do_not_matter(
    sizes: tuple[int, ...], target: Target, chosen: MapOptions, shuffle: random.Random
) -> None:
    mapping = mapped(sizes, target, chosen)
    if mapping is None:
        return
    renamed = [replace(layer, name=f"process {shuffle.random()}") for layer in
               populations(NetworkSpec.of(sizes), chosen.bias_unit)]
    shuffle.shuffle(renamed)
    again = map_populations(renamed, target, options=chosen)
    assert again == mapping
    assert json.dumps(again.to_dict()) == json.dumps(mapping.to_dict())


@settings(max_examples=60, deadline=None)
@given(shapes, targets(), options)
def test_a_chain_read_from_its_other_end_takes_the_same_cores(
    sizes: tuple[int, ...], target: Target, chosen: MapOptions
) -> None:
    there, back = mapped(sizes, target, chosen), mapped(sizes[::-1], target, chosen)
    assert (there is None) == (back is None)
    if there is None or back is None:
        return

    def loads(mapping: Mapping) -> Counter[tuple[object, ...]]:
        total: Counter[tuple[object, ...]] = Counter()
        for core in mapping.cores:
            total[core.role, core.posts, core.memory, core.axons_in, core.axons_out, core.synapses] += core.cores
        return total

    assert loads(there) == loads(back)


@pytest.mark.parametrize("name", ["loihi1", "loihi2", "kapoho_point", "hala_point"])
@pytest.mark.parametrize("sizes", [(784, 1000, 100), (64, 30), (784, 500, 500, 50)])
def test_the_largest_network_fits_and_the_next_does_not(sizes: tuple[int, ...], name: str) -> None:
    target = load_target(name)
    largest = map_network(NetworkSpec.of(sizes), target).largest
    assert largest is not None and largest[0] == sizes[0]
    assert map_network(NetworkSpec.of(largest), target, find_largest=False).fits
    widest = max(largest[1:])
    if widest == 1_000_000:  # the largest layer a spec may have
        return
    wider = (sizes[0], *(max(1, size * (widest + 1) // max(sizes[1:])) for size in sizes[1:]))
    assert not map_network(NetworkSpec.of(wider), target, find_largest=False).fits


def test_no_hidden_layer_fits_is_none() -> None:
    assert map_network(NetworkSpec.of((1_000_000, 10)), "loihi1").largest is None


def calls_of(sizes: tuple[int, ...], target: Target) -> int:
    """Python functions called to map a network: its work, on any machine."""
    calls = 0

    def count(frame: object, event: str, argument: object) -> None:
        nonlocal calls
        calls += event == "call"

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        map_network(NetworkSpec.of(sizes), target)
    finally:
        sys.setprofile(before)
    return calls


@pytest.mark.parametrize("name", ["loihi1", "loihi2", "hala_point"])
def test_a_billion_synapses_are_mapped_with_little_more_work_than_a_million(name: str) -> None:
    target, small, large = load_target(name), (784, 1000, 100), (784, 25_000, 19_500)
    assert map_network(NetworkSpec.of(large), target).synapses > 1e9
    assert calls_of(large, target) < 4 * calls_of(small, target) < 4e6
    tracemalloc.start()
    map_network(NetworkSpec.of(large), target)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 100e6


def test_unknown_limits_are_reported_as_not_checked() -> None:
    resources = {entry.name: entry for entry in map_network(NetworkSpec.of((784, 500, 100)), "loihi2").resources}
    for name in ("axons in per core", "axons out per core", "traces per core", "learning synapses per core"):
        assert resources[name].status == "not checked (unknown)"
        assert resources[name].limit is None and resources[name].share is None and resources[name].peak > 0


def test_one_neuron_beyond_a_core_is_refused_by_name() -> None:
    target = load_target("loihi1")
    small = Entry(value=2, unit="compartment", source="this test", confidence="modelled")
    target = target.model_copy(update={"entries": target.entries | {"compartments_per_core": small}})
    with pytest.raises(HardwareLimit, match="layer 0: one neuron"):
        map_network(NetworkSpec.of((2, 2)), target, find_largest=False)
