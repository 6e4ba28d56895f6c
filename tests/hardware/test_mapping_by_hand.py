"""Mappings worked out by hand, from one neuron to Hala Point.

Loihi 1 memory: an input axon keeps lists of at most 64 synapses, each list
with 10 bits of header, in words of 64 bit; a core has 1,048,576 bit. Loihi 2's
format is unknown: payload only, 1,048,576 bit a core, and 1,572,864 together
with the state (24 bit a compartment). Fan-ins include one bias column per matrix.
"""

from __future__ import annotations

import pytest

from neuro_bpdl.hardware.cores import Capacity, Core
from neuro_bpdl.hardware.entry import Entry
from neuro_bpdl.hardware.mapping import Mapping, map_network
from neuro_bpdl.hardware.options import MapOptions
from neuro_bpdl.hardware.target import Target, load_target
from neuro_bpdl.spec import NetworkSpec

UNIT = {"compartments_per_core": "compartment", "axons_in_per_core": "axon", "axons_out_per_core": "axon",
        "synapses_per_chip": "synapse", "cores_per_chip": "core", "synaptic_memory_per_core": "bit"}


def with_limits(name: str, **limits: float) -> Target:
    target = load_target(name)
    changed = {field: Entry(value=value, unit=UNIT[field], source="this test", confidence="modelled")
               for field, value in limits.items()}
    return target.model_copy(update={"entries": target.entries | changed})


def mapped(sizes: tuple[int, ...], target: Target | str, **options: object) -> Mapping:
    """Without tags unless a test asks for them: sums by hand stay short."""
    return map_network(NetworkSpec.of(sizes), target, options=MapOptions(**{"tag_bits": 0} | options),
                       find_largest=False)


def cores_per_layer(mapping: Mapping, role: str = "neurons") -> list[int]:
    return [sum(core.cores for core in mapping.cores if core.layer == layer and core.role == role)
            for layer in range(len(mapping.sizes))]


def kinds(mapping: Mapping, layer: int, role: str = "neurons") -> list[Core]:
    return [core for core in mapping.cores if core.layer == layer and core.role == role]


def test_one_neuron_and_one_neuron_on_loihi1() -> None:
    # Each core: 3 compartments and 1 bias unit; 2 axons in (neuron, bias), each one list of
    # 8 + 10 = 18 bit in one 64-bit word; 2 axons out (neuron, bias, one core each).
    mapping = mapped((1, 1), "loihi1")
    assert cores_per_layer(mapping) == [1, 1]
    for core in mapping.cores:
        assert (core.compartments, core.synapses, core.memory, core.axons_in, core.axons_out) == (4, 2, 128, 2, 2)
        assert (core.state_memory, core.learning_synapses, core.tag_memory) == (96, 2, 0)
        assert core.traces == 2 + 2  # x1 of two axons, y1 and y2 of one compartment that learns


def test_an_axons_memory() -> None:
    loihi1, loihi2 = Capacity.of(load_target("loihi1")), Capacity.of(load_target("loihi2"))
    # 100 synapses: 64 · 8 + 10 = 522 -> 576 and 36 · 8 + 10 = 298 -> 320.
    assert loihi1.axon_bits(100, 8) == 896
    assert loihi1.axon_bits(64, 8) == 576
    assert loihi2.axon_bits(100, 8) == 800


def test_worked_example_of_the_notes_core_equivalents() -> None:
    # Dense 784 -> 500 and 500 -> 100 at 8 bit: 3.0 + 0.4 Loihi 1 cores of payload, 6.4 + 0.8 with a
    # 9-bit tag. We hold both directions, so twice that; no bias units, no list headers.
    core = 1_048_576
    plain = mapped((784, 500, 100), "loihi2", bias_unit=False)
    tagged = mapped((784, 500, 100), "loihi2", bias_unit=False, tag_bits=9)
    memory = sum(kind.cores * kind.memory for kind in plain.cores) / core
    tags = sum(kind.cores * (kind.memory + kind.tag_memory) for kind in tagged.cores) / core
    assert memory == pytest.approx(2 * (2.9907 + 0.3815), rel=1e-4)
    assert tags == pytest.approx(2 * (6.3553 + 0.8106), rel=1e-4)


def test_784_500_100_on_loihi1() -> None:
    # Layer 0 reads 501 axons: 1,048,576 / 501 = 2,093 bit each = 32 words = 2,048 bit: three full lists
    # (1,728 bit) and 320 bit for 38 more: 230 posts, 784 / 230 -> 4 cores of 196.
    # Layer 1 reads 785 + 101 = 886: 18 words = two full lists: 128 posts -> 4 cores of 125. Layer 2: 1 core.
    mapping = mapped((784, 500, 100), "loihi1")
    assert cores_per_layer(mapping) == [4, 4, 1]
    assert {core.posts for core in kinds(mapping, 0)} == {196}
    assert {core.posts for core in kinds(mapping, 1)} == {125}
    assert mapping.synapses == 784 * 501 + 500 * 886 + 100 * 501


def test_784_500_100_on_loihi1_with_tags() -> None:
    # 17 bit: a full list is 64 · 17 + 10 = 1,098 -> 1,152 bit. Layer 0: 2,048 = 1,152 + 896, and 896 holds
    # 52: 116 posts -> 7 cores. Layer 1: 1,152 bit = 64 posts -> 8 cores. Layer 2: 100 of 116 -> 1 core.
    mapping = mapped((784, 500, 100), "loihi1", tag_bits=9)
    assert cores_per_layer(mapping) == [7, 8, 1]
    first = kinds(mapping, 1)[0]  # 500 = 4 · 63 + 4 · 62
    assert first.posts == 63
    assert first.memory == 886 * 576  # 63 · 8 + 10 = 514 -> 576
    assert first.memory + first.tag_memory == 886 * 1088  # 63 · 17 + 10 = 1,081 -> 1,088


def test_784_1000_100_on_loihi1() -> None:
    # Layer 0 reads 1,001: 16 words = 576 + 448, 64 + 54 = 118 posts -> 7 cores of 112.
    # Layer 1 reads 886: 128 posts -> 8 cores of 125. Layer 2 reads 1,001: 100 of 118 -> 1 core.
    mapping = mapped((784, 1000, 100), "loihi1")
    assert cores_per_layer(mapping) == [7, 8, 1]
    # Layer 1 sends to 7 + 1 cores; its first core also carries two bias units, 8 axons together.
    assert [core.axons_out for core in kinds(mapping, 1)] == [125 * 8 + 8, 125 * 8]
    assert kinds(mapping, 1)[0].compartments == 3 * 125 + 2
    assert kinds(mapping, 1)[0].axons_in == 886


def test_784_500_100_on_loihi2() -> None:
    # Layer 0: 501 · 8 = 4,008 bit a neuron, 1,048,576 / 4,008 = 261.6 -> 4 cores of 196.
    # Layer 1: 886 · 8 = 7,088, 1,048,576 / 7,088 = 147.9 -> 4 cores of 125. Layer 2: 1.
    mapping = mapped((784, 500, 100), "loihi2")
    assert cores_per_layer(mapping) == [4, 4, 1]
    assert [(core.cores, core.posts, core.post_start) for core in kinds(mapping, 0)] == [(1, 196, 0), (3, 196, 196)]
    assert [(core.cores, core.posts, core.post_start) for core in kinds(mapping, 1)] == [(1, 125, 0), (3, 125, 125)]
    # The fullest core holds 125 · 886 synapses of 8 bit and the state of 3 · 125 + 2 compartments of 24 bit.
    memory = {entry.name: entry for entry in mapping.resources}
    assert memory["synaptic memory per core"].peak == 125 * 886 * 8
    assert memory["synapses and state per core"].peak == 125 * 886 * 8 + 377 * 24
    assert memory["synapses and state per core"].limit == 1_572_864
    assert memory["synaptic memory per core"].status == "modelled"
    assert mapping.bottleneck == "synaptic memory per core"


def test_with_tags_the_map_needs_16_and_30_loihi2_cores() -> None:
    # 17 bit. Layer 0: 1,048,576 / (501 · 17) = 123.1 -> 7 cores; layer 1: 69.6 -> 8; layer 2: 1.
    # With 1,000 hidden units: 61.6 -> 13; 69.6 -> 15; 61.6 -> 2.
    assert cores_per_layer(mapped((784, 500, 100), "loihi2", tag_bits=9)) == [7, 8, 1]
    assert cores_per_layer(mapped((784, 1000, 100), "loihi2", tag_bits=9)) == [13, 15, 2]


def test_the_state_can_fill_what_synapses_leave() -> None:
    # 4 columns of 8 bit and 64 compartments of 24 bit: 1,568 bit a neuron, (1,572,864 - 24) / 1,568 = 1,003.1.
    target = with_limits("loihi2", compartments_per_core=10**6)
    full = mapped((3, 1003), target, compartments_per_neuron=64)
    assert cores_per_layer(full) == [1, 1] and full.bottleneck == "synapses and state per core"
    assert cores_per_layer(mapped((3, 1004), target, compartments_per_neuron=64)) == [1, 2]


def test_neurons_can_be_spread() -> None:
    mapping = mapped((784, 500, 100), "loihi2", neurons_per_core=12)
    assert cores_per_layer(mapping) == [66, 42, 9]
    assert max(core.posts for core in mapping.cores) == 12


def test_compartments_can_be_the_limit() -> None:
    # Layer 1 reads 2 axons only; (1,024 - 1 bias unit) // 3 = 341 neurons -> 1,000 on 3 cores (334, 333, 333).
    mapping = mapped((1, 1000), "loihi1")
    assert cores_per_layer(mapping) == [1, 3]
    assert [core.compartments for core in kinds(mapping, 1)] == [1003, 999]
    assert kinds(mapping, 0)[0].axons_out == 3 + 3
    assert mapping.bottleneck == "compartments per core"
    # With one compartment a neuron, 1,000 + 1 fit one core.
    assert cores_per_layer(mapped((1, 1000), "loihi1", compartments_per_neuron=1)) == [1, 1]


def test_6000_6000_needs_six_loihi2() -> None:
    # Layer 0: 6,001 · 8 = 48,008: 21 a core -> 38. Layer 1: 6,786 · 8 = 54,288: 19 -> 316.
    # Layer 2: 21 a core -> 286. 640 cores / 120 -> 6 chips: no single Loihi 2, most of a Kapoho Point.
    mapping = mapped((784, 6000, 6000), "loihi2")
    assert cores_per_layer(mapping) == [38, 316, 286]
    assert (mapping.chip_count, mapping.fits, mapping.board_count) == (6, False, 6)
    assert mapping.bottleneck == "cores in all"
    board = mapped((784, 6000, 6000), "kapoho_point")
    assert (board.chip_count, board.fits, board.board_count) == (6, True, 1)


def test_a_fan_in_beyond_the_input_axons_is_cut() -> None:
    # 21 columns, 10 axons a core: one post needs p + 1 (its V̇) <= 10, so p = 9, 3 blocks of 7; two posts
    # then take 7 + 2 = 9 axons: one row. Somas: 2 · 3 partial sums. Layer 0 reads 3 axons: one core.
    mapping = mapped((20, 2), with_limits("loihi1", axons_in_per_core=10))
    assert cores_per_layer(mapping) == [1, 1]
    dendrites = kinds(mapping, 1, "dendrites")
    assert [(core.cores, core.posts, core.blocks[0].start, core.blocks[0].units) for core in dendrites] == [
        (1, 2, 0, 7), (1, 2, 7, 7), (1, 2, 14, 7)]
    assert [core.axons_in for core in dendrites] == [9, 9, 9]
    soma = kinds(mapping, 1)[0]
    assert (soma.axons_in, soma.synapses, soma.forwarding_synapses) == (6, 0, 6)
    assert soma.axons_out == 2 * 1 + 1 + 2 * 3  # two neurons and a bias to layer 0; V̇ to three blocks
    assert mapping.synapses == 2 * 21 + 20 * 3
    assert not mapping.fits  # Loihi 1 cannot send partial sums


def test_a_fan_in_beyond_the_memory_is_cut_on_loihi2() -> None:
    # 300,001 columns of 8 bit exceed a core; p · 8 + 8 (V̇) <= 1,048,576: p = 131,071, so three blocks.
    # Layer 1: (8,192 - 1) // 3 = 2,730 a core -> 110 cores.
    mapping = mapped((1, 300_000), "loihi2")
    assert cores_per_layer(mapping) == [1, 110]
    assert [core.blocks[0].units for core in kinds(mapping, 0, "dendrites")] == [
        100_001, 100_000, 100_000]
    assert mapping.fits


@pytest.mark.parametrize(("limit", "layer0", "relays", "total"), [
    # Layer 1: (10 - 1) // 3 = 3 a core -> 10 cores, so a neuron of layer 0 has 10 destinations.
    (40, 1, 0, 11),  # 3 · 10 + 10 axons just fit
    (24, 3, 0, 13),  # one neuron a core: 10 + 10; relays would also take 1 + 2 + 10 cores
    (12, 1, 4, 15),  # even one neuron with the bias exceeds 12: 3 + 1 units repeated, one a relay core
])
def test_output_axons_spread_neurons_or_take_relays(limit: int, layer0: int, relays: int, total: int) -> None:
    target = with_limits("loihi1", compartments_per_core=10, axons_out_per_core=limit)
    mapping = mapped((3, 30), target)
    assert cores_per_layer(mapping) == [layer0, 10]
    assert cores_per_layer(mapping, "relay") == [relays, 0]
    assert mapping.core_count == total


def test_synapses_per_chip_can_fill_a_chip() -> None:
    # (3, 30) with 3 neurons a core: a core of layer 1 holds 3 · 4 = 12 synapses, the core of layer 0
    # 3 · 31 = 93. At most 100 a chip: layer 0 alone (105 is too much), then 8 + 2 cores.
    mapping = mapped((3, 30), with_limits("loihi1", compartments_per_core=10, synapses_per_chip=100))
    assert [sum(run.cores for run in chip) for chip in mapping.chips] == [1, 8, 2]


def test_60000_60000_on_hala_point() -> None:
    # 60,001 · 8 = 480,008 bit a neuron: 2 a core -> 30,000 cores a layer; 60,000 / 122 -> 492 chips.
    mapping = mapped((60_000, 60_000), "hala_point")
    assert cores_per_layer(mapping) == [30_000, 30_000]
    assert (mapping.chip_count, mapping.fits, mapping.synapses) == (492, True, 2 * 60_000 * 60_001)


def test_120000_120000_needs_two_hala_points() -> None:
    # 960,008 bit a neuron: one a core -> 240,000 cores / 122 -> 1,968 chips of 1,152.
    mapping = mapped((120_000, 120_000), "hala_point")
    assert (mapping.core_count, mapping.chip_count, mapping.fits, mapping.board_count) == (240_000, 1968, False, 2)


def test_the_simulator_has_no_limits() -> None:
    mapping = map_network(NetworkSpec.of((784, 500, 100)), "cpu")
    assert cores_per_layer(mapping) == [1, 1, 1]
    assert mapping.fits and mapping.largest is None
    assert mapping.bottleneck == "none (no limits)"
    assert {entry.status for entry in mapping.resources} == {"no limit", "for information"}


def test_largest_network_by_hand() -> None:
    # Two chips' worth of nothing but compartments: 2 cores a chip, layer 0 (1 neuron) takes one, so
    # layer 1 may take one core: (1,024 - 1) // 3 = 341 neurons.
    mapping = map_network(NetworkSpec.of((1, 5)), with_limits("loihi1", cores_per_chip=2))
    assert mapping.largest == (1, 341)
