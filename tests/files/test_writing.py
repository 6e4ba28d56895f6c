"""What is written is there whole, or not at all, in the folder that was meant."""

from __future__ import annotations

import shutil
from contextlib import suppress
from pathlib import Path

import hypothesis.extra.numpy as hnp
import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given
from numpy.typing import NDArray

from neuro_bpdl.errors import BadFile, CheckpointError, InvalidInput, NotWritten
from neuro_bpdl.files.arrays import KINDS, read_arrays, write_arrays
from neuro_bpdl.files.npz_file import read_npz, write_npz
from neuro_bpdl.files.writing import write_bytes

ORDERS = ("<", ">")


@st.composite
def any_array(draw: st.DrawFn) -> NDArray:
    """Every dtype in both byte orders, any NaN; strided, reversed, transposed, repeated, empty."""
    kind = np.dtype(draw(st.sampled_from(KINDS))).newbyteorder(draw(st.sampled_from(ORDERS)))
    shape = draw(hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=5))
    size = int(np.prod(shape)) * kind.itemsize
    content = draw(st.binary(min_size=size, max_size=size))
    array = np.frombuffer(content if kind.kind != "b" else bytes(b & 1 for b in content), kind).reshape(shape)
    for axis in range(array.ndim):
        step = draw(st.sampled_from((None, 1, 2, -1, -2)))
        array = array[(slice(None),) * axis + (slice(None, None, step),)]
    layout = draw(st.sampled_from(("as it is", "transposed", "Fortran", "repeated", "unaligned")))
    if layout == "repeated":
        return np.broadcast_to(array, (2, *array.shape))
    if layout == "unaligned":
        room = np.zeros(array.nbytes + 1, np.uint8)[1:].view(array.dtype).reshape(array.shape)
        room[...] = array
        return room
    return {"transposed": array.T, "Fortran": np.asfortranarray(array)}.get(layout, array)


def same(found: NDArray, meant: NDArray) -> bool:
    """Shape, type and every bit."""
    kind = meant.dtype.newbyteorder("=")
    return found.dtype == kind and found.shape == meant.shape and found.tobytes() == meant.astype(kind).tobytes()


@given(arrays=st.dictionaries(st.sampled_from(("F_1", "b", "ü")), any_array(), min_size=1))
def test_every_layout_and_type_comes_back_from_safetensors(
    tmp_path_factory: pytest.TempPathFactory, arrays: dict[str, NDArray]
) -> None:
    path = tmp_path_factory.mktemp("a") / "x.safetensors"
    write_arrays(path, arrays, {"is": "ours"})
    found, header = read_arrays(path, "")
    assert header["is"] == "ours" and found.keys() == arrays.keys()
    assert all(same(found[name], array) for name, array in arrays.items())


@given(arrays=st.dictionaries(st.sampled_from(("x_train", "y")), any_array(), min_size=1))
def test_every_layout_and_type_comes_back_from_npz(
    tmp_path_factory: pytest.TempPathFactory, arrays: dict[str, NDArray]
) -> None:
    path = tmp_path_factory.mktemp("a") / "x.npz"
    write_npz(path, arrays)
    found = read_npz(path, "an archive", tuple(arrays))
    for name, array in arrays.items():
        assert found[name].shape == array.shape and found[name].astype(array.dtype).tobytes() == array.tobytes()


@pytest.mark.parametrize("array", (np.array([1 + 1j]), np.array(["a"]), np.array([None]), np.array(["2020"], "M8[D]")))
def test_what_is_no_number_of_ours_is_refused(tmp_path: Path, array: NDArray) -> None:
    with pytest.raises(InvalidInput, match="F_1"):
        write_arrays(tmp_path / "x", {"F_1": array}, {})
    assert not any(tmp_path.iterdir())


@given(at=st.integers(0), bit=st.integers(0, 7))
def test_a_flipped_bit_changes_no_number(tmp_path_factory: pytest.TempPathFactory, at: int, bit: int) -> None:
    path = tmp_path_factory.mktemp("a") / "x.safetensors"
    write_arrays(path, {"F_1": np.arange(6.0).reshape(2, 3)}, {"network": [3, 2]})
    content = bytearray(path.read_bytes())
    content[at % len(content)] ^= 1 << bit
    path.write_bytes(content)
    with suppress(BadFile):  # or the digest's own name was hit: whoever needs one looks for it, as checkpoints do
        found, header = read_arrays(path, "")
        assert found["F_1"].tolist() == [[0, 1, 2], [3, 4, 5]] and "digest" not in header


def test_a_folder_that_was_made_anew_meanwhile_is_not_touched(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir()

    def another_goes_on() -> None:
        shutil.rmtree(folder)
        folder.mkdir()
        (folder / "file").write_text("theirs")

    with pytest.raises(NotWritten):
        write_bytes(folder / "file", b"ours", another_goes_on)
    assert {path.name: path.read_text() for path in folder.iterdir()} == {"file": "theirs"}


def test_what_is_no_longer_owned_stays_as_it_was(tmp_path: Path) -> None:
    def not_ours() -> None:
        raise CheckpointError("another one's")

    (tmp_path / "file").write_text("theirs")
    with pytest.raises(CheckpointError, match="another"):
        write_bytes(tmp_path / "file", b"ours", not_ours)
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"file": "theirs"}
