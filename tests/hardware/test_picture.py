"""The table and the picture show the mapping's own numbers."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.hardware.mapping import Mapping, map_network
from neuro_bpdl.hardware.options import MapOptions
from neuro_bpdl.hardware.picture import draw, save, table
from neuro_bpdl.spec import NetworkSpec


def mapped(sizes: tuple[int, ...], target: str) -> Mapping:
    return map_network(NetworkSpec.of(sizes), target, options=MapOptions(tag_bits=0), find_largest=False)


def cells(mapping: Mapping) -> list[np.ndarray]:
    """Loads of the drawn cells, one array per drawn chip."""
    arrays = [axis.images[0].get_array() for axis in draw(mapping).axes if axis.images]
    return [np.asarray(array)[np.isfinite(np.ma.filled(array, np.nan))] for array in arrays]


def test_every_core_in_use_is_one_cell_with_its_load() -> None:
    mapping = mapped((784, 1000, 100), "loihi2")
    (drawn,) = cells(mapping)
    assert len(drawn) == mapping.core_count == 15
    fullest = max(entry.share or 0 for entry in mapping.resources if entry.name.endswith("per core"))
    assert drawn.max() == pytest.approx(fullest)
    assert drawn[-1] < drawn[0] < drawn[7]  # layer 2's only core, layer 0 (112 · 1,001), layer 1 (143 · 886)


def test_several_chips_are_drawn_side_by_side() -> None:
    mapping = mapped((784, 6000, 6000), "kapoho_point")
    assert [len(chip) for chip in cells(mapping)] == [120, 120, 120, 120, 120, 40]


def test_many_chips_are_one_cell_each() -> None:
    mapping = mapped((784, 25_000, 19_500), "hala_point")
    assert [len(drawn) for drawn in cells(mapping)] == [mapping.chip_count]


def test_a_picture_file_is_written(tmp_path: Path) -> None:
    path = save(mapped((64, 20), "loihi2"), tmp_path / "chip.png")
    assert path.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("name", ["chip.txt", "nowhere/chip.png"])
def test_a_file_that_cannot_be_written_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(InvalidInput, match="picture"):
        save(mapped((64, 20), "loihi2"), tmp_path / name)


def test_no_picture_without_limits() -> None:
    with pytest.raises(InvalidInput, match="cpu"):
        draw(mapped((64, 20), "cpu"))


def test_the_table_names_the_bottleneck_and_what_is_unknown() -> None:
    console = Console(width=160, record=True, file=io.StringIO())
    console.print(table(mapped((784, 1000, 100), "loihi2")))
    text = console.export_text()
    assert "bottleneck: synaptic memory per core" in text
    assert "not checked (unknown)" in text and "not run on a chip" in text
    assert "synaptic memory per core [KiB]" in text
