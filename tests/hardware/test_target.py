"""Target files: what they hold, and every way they can be wrong."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import pytest

from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.hardware.entry import Entry
from neuro_bpdl.hardware.fields import SECTIONS
from neuro_bpdl.hardware.target import list_targets, load_target

NAMES = ("alia_point", "cpu", "hala_point", "kapoho_point", "loihi1", "loihi1_nahuku", "loihi2", "loihi2_vpx",
         "oheo_gulch")
HARDWARE = tuple(name for name in NAMES if name != "cpu")
HOW_READ = ("[read]", "[quoted]", "[derived]", "[assumed]")
LOIHI1 = resources.files("neuro_bpdl.hardware_configs").joinpath("loihi1.toml").read_text(encoding="utf-8")
BOARD = """
name = "mine"
title = "My board"
kind = "board"
chip = "loihi2"
[limits]
chips = { value = 4, unit = "chip", source = "my lab", confidence = "measured" }
"""


def test_the_list_is_these_targets() -> None:
    assert list_targets() == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_every_number_has_a_source_and_unknown_has_no_value(name: str) -> None:
    for field, entry in load_target(name).entries.items():
        assert len(entry.source) > 10, field
        assert (entry.value is None) == (entry.confidence == "unknown"), field


@pytest.mark.parametrize("name", HARDWARE)
def test_published_numbers_were_read_and_every_number_says_how_it_is_known(name: str) -> None:
    for field, entry in load_target(name).entries.items():
        if entry.value is not None:
            assert any(how in entry.source for how in HOW_READ), field
        if entry.confidence in ("measured", "published", "fitted"):
            assert "[read]" in entry.source or "[derived]" in entry.source, field
        if entry.confidence in ("measured", "published"):
            assert "[read]" in entry.source, field


def test_a_band_is_around_its_value_and_a_scaled_number_has_one() -> None:
    entry = load_target("loihi2").entries["synaptic_operation_time"]
    assert entry.confidence == "scaled" and entry.band == pytest.approx((0.7e-9, 3.5e-9))
    assert load_target("loihi1").entries["synaptic_operation_time"].band == pytest.approx((3.5e-9, 3.5e-9))
    with pytest.raises(InvalidInput, match=r"Entry.low"):
        Entry(value=3, unit="ns", source="this test", confidence="scaled")
    with pytest.raises(InvalidInput, match=r"band around"):
        Entry(value=3, unit="ns", source="this test", confidence="modelled", low=4, high=5)


@pytest.mark.parametrize(("name", "tiles", "seconds"), [
    ("loihi1", 1, 113e-9), ("loihi1", 32, 465e-9), ("loihi1", 4, (113 + 3 / 31 * 352) * 1e-9), ("loihi1", 99, 465e-9),
    ("loihi1_nahuku", 3, 1.2e-6), ("loihi2", 1, 200e-9), ("loihi2", 32, 200e-9),
])
def test_the_barrier_goes_by_tiles_in_use(name: str, tiles: int, seconds: float) -> None:
    barrier = load_target(name).barrier(tiles)
    assert barrier is not None and barrier.amount == pytest.approx(seconds)


def test_a_core_has_192_kib_on_loihi2_of_which_synapses_take_128() -> None:
    loihi2 = load_target("loihi2")
    assert (loihi2.limit("memory_per_core"), loihi2.limit("synaptic_memory_per_core")) == (192 * 8192, 128 * 8192)
    assert (loihi2.limit("cores_per_chip"), loihi2.limit("cores_on_die")) == (120, 128)
    assert loihi2.limit("state_per_neuron") == 4096 * 8


@pytest.mark.parametrize("name", HARDWARE)
def test_chips_and_boards_say_something_about_every_field(name: str) -> None:
    named = {field for fields in SECTIONS.values() for field in fields}
    assert named <= set(load_target(name).entries)


def test_units_become_base_units() -> None:
    loihi1 = load_target("loihi1")
    assert loihi1.limit("synaptic_memory_per_core") == 16_384 * 64  # 128 KiB = 16,384 words of 64 bit
    assert loihi1.limit("synaptic_operation_energy") == pytest.approx(23.6e-12)
    assert loihi1.limit("barrier_32") == pytest.approx(465e-9)


def test_boards_take_their_chip_and_may_override_it() -> None:
    hala, loihi2 = load_target("hala_point"), load_target("loihi2")
    assert hala.chips * (hala.limit("cores_per_chip") or 0) == 140_544
    assert hala.limit("synaptic_memory_per_core") == loihi2.limit("synaptic_memory_per_core")
    assert hala.costs_from == "loihi1"


def test_unknown_is_not_no_limit() -> None:
    assert load_target("loihi2").status("axons_in_per_core") == "not checked (unknown)"
    assert load_target("cpu").status("axons_in_per_core") == "no limit"
    assert load_target("loihi2").limit("axons_in_per_core") is None


def test_a_users_own_file_works_the_same(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(BOARD)
    assert load_target(path).chips == 4
    assert load_target(str(path)).has("three_factor") is True


def _edit(old: str, new: str) -> str:
    assert old in LOIHI1
    return LOIHI1.replace(old, new, 1)


COMPARTMENTS = ('compartments_per_core = { value = 1024, unit = "compartment", '
                'source = "p89", confidence = "published" }')


@pytest.mark.parametrize(("text", "field"), [
    (_edit(COMPARTMENTS, ""), "limits.compartments_per_core"),
    (_edit(COMPARTMENTS, COMPARTMENTS.replace('unit = "compartment", ', "")), "limits.compartments_per_core.unit"),
    (_edit(COMPARTMENTS, COMPARTMENTS.replace('source = "p89", ', "")), "limits.compartments_per_core.source"),
    (_edit(COMPARTMENTS, COMPARTMENTS.replace('"p89"', '" "')), "limits.compartments_per_core.source"),
    (_edit(COMPARTMENTS, COMPARTMENTS.replace('"published"', '"unknown"')), "limits.compartments_per_core.value"),
    (_edit(COMPARTMENTS, COMPARTMENTS.replace("value = 1024, ", "")), "limits.compartments_per_core.value"),
    (_edit(COMPARTMENTS, COMPARTMENTS.replace('"published"', '"rumour"')), "limits.compartments_per_core.confidence"),
    (_edit(COMPARTMENTS, COMPARTMENTS.replace('"compartment"', '"bit"')), "limits.compartments_per_core.unit"),
    (_edit(COMPARTMENTS, COMPARTMENTS.replace('"compartment"', '"furlong"')), "limits.compartments_per_core.unit"),
    (_edit(COMPARTMENTS, COMPARTMENTS.replace("1024", "-3")), "limits.compartments_per_core.value"),
    (_edit(COMPARTMENTS, COMPARTMENTS.replace("1024", "nan")), "limits.compartments_per_core.value"),
    (_edit(COMPARTMENTS, COMPARTMENTS.replace("1024", "true")), "limits.compartments_per_core.value"),
    (_edit(COMPARTMENTS, "compartments_per_core = 1024"), "limits.compartments_per_core"),
    (_edit("two_factor = { value = true", "two_factor = { value = 1"), "features.two_factor.value"),
    (_edit(COMPARTMENTS, COMPARTMENTS + "\nneurons_of_steel = 3"), "limits.neurons_of_steel"),
    (_edit("[limits]", "[fantasy]\n[limits]"), "fantasy"),
    (_edit("mantissa_min = { value = -8", "mantissa_min = { value = 9"), "mantissa_min"),
    (_edit('kind = "chip"', 'kind = "chip"\nchip = "loihi2"'), "chip"),
    (_edit('kind = "chip"', 'kind = "chip"\ncosts_from = "loihi2"'), "costs_from"),
    (_edit('kind = "chip"', 'kind = "simulator"'), "cores_per_chip"),
    (_edit('kind = "chip"', 'kind = "toaster"'), "kind"),
    (_edit('kind = "chip"\n', ""), "kind"),
    (BOARD.replace('chip = "loihi2"', ""), "chip"),
    (BOARD.replace('chip = "loihi2"', 'chip = "hala_point"'), "chip"),
    (BOARD.replace('chip = "loihi2"', 'chip = "loihi9"'), "target"),
    (BOARD.split("[limits]", maxsplit=1)[0], "limits.chips"),
    (BOARD + 'cores = { value = 7, unit = "core", source = "my lab", confidence = "measured" }', "limits.cores"),
    ("name = ", "mine.toml"),
])
def test_a_wrong_file_is_refused_with_the_fields_name(tmp_path: Path, text: str, field: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(text)
    with pytest.raises(InvalidInput) as error:
        load_target(path)
    assert error.value.argument.endswith(field)
    assert "\n" not in str(error.value)


def test_an_unknown_name_lists_the_targets() -> None:
    with pytest.raises(InvalidInput, match=r"loihi3.*alia_point, cpu, hala_point, kapoho_point, loihi1, "
                       r"loihi1_nahuku, loihi2, loihi2_vpx, oheo_gulch"):
        load_target("loihi3")


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="target"):
        load_target(tmp_path / "nothing.toml")
