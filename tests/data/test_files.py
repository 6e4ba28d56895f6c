"""FILE.npz: what is valid comes back as it went in, what is not is refused in one line."""

from __future__ import annotations

import hashlib
import pickle
from pathlib import Path
from typing import Any

import hypothesis.extra.numpy as hnp
import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from neuro_bpdl.data import Dataset, load, raw_sha256
from neuro_bpdl.errors import InvalidInput

RNG = np.random.default_rng(0)
IMAGES = RNG.integers(0, 256, (6, 4, 3), dtype=np.uint8)
UNIT = RNG.random((6, 12))

shapes = st.one_of(
    st.tuples(st.integers(2, 6), st.integers(1, 5)),
    st.tuples(st.integers(2, 6), st.integers(1, 5), st.integers(1, 5)),
)
bytes_images = shapes.flatmap(lambda shape: hnp.arrays(np.uint8, shape))
unit_images = st.tuples(st.sampled_from([np.float32, np.float64]), shapes).flatmap(
    lambda pair: hnp.arrays(pair[0], pair[1], elements=st.floats(0, 1, width=32))
)
valid_images = st.one_of(bytes_images, unit_images).filter(lambda x: bool(np.any(x != x[0])))
reuse_folder = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def save(folder: Path, **arrays: Any) -> str:
    path = folder / "images.npz"
    np.savez(path, **arrays)
    return str(path)


def refusal(name: str) -> str:
    """The message with which `load` refuses; it must be one line."""
    with pytest.raises(InvalidInput) as caught:
        load(name)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@reuse_folder
@given(images=valid_images, data=st.data())
def test_any_valid_file_round_trips(tmp_path: Path, images: np.ndarray, data: st.DataObject) -> None:
    labels = data.draw(hnp.arrays(st.sampled_from([np.uint8, np.int32, np.int64]), len(images)))
    dataset = load(save(tmp_path, x_train=images, x_test=images[:1], y_train=labels, y_test=labels[:1]))
    scaled = images / np.float32(255) if images.dtype == np.uint8 else images
    assert dataset.x_train.dtype == np.float32 and dataset.x_train.shape == (len(images), dataset.pixels)
    assert dataset.image_shape == images.shape[1:]
    np.testing.assert_array_equal(dataset.x_train.reshape(images.shape), scaled.astype(np.float32))
    np.testing.assert_array_equal(dataset.test, dataset.x_train[:1])
    assert dataset.labels("train").dtype == np.int64
    np.testing.assert_array_equal(dataset.labels("train"), labels)
    np.testing.assert_array_equal(dataset.labels("test"), labels[:1])


@reuse_folder
@given(images=unit_images, bad=st.sampled_from([np.nan, np.inf, -np.inf, -1e-3, 1.001, 255.0]), data=st.data())
def test_one_bad_value_anywhere_refuses(tmp_path: Path, images: np.ndarray, bad: float, data: st.DataObject) -> None:
    images = images.copy()
    images.flat[data.draw(st.integers(0, images.size - 1))] = bad
    message = refusal(save(tmp_path, x_train=images))
    assert message.startswith("data.x_train") and "[0, 1]" in message


@reuse_folder
@given(images=valid_images, cut=st.floats(0, 0.999))
def test_cut_anywhere_refuses(tmp_path: Path, images: np.ndarray, cut: float) -> None:
    path = Path(save(tmp_path, x_train=images))
    whole = path.read_bytes()
    path.write_bytes(whole[: int(cut * len(whole))])
    assert refusal(str(path)).startswith("data: ")


@reuse_folder
@given(images=valid_images, data=st.data())
def test_a_changed_byte_never_raises_anything_else(tmp_path: Path, images: np.ndarray, data: st.DataObject) -> None:
    path = Path(save(tmp_path, x_train=images))
    content = bytearray(path.read_bytes())
    content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
    path.write_bytes(bytes(content))
    try:
        dataset = load(str(path))
    except InvalidInput as error:
        assert "\n" not in str(error)
    else:  # a byte that zip and numpy do not read: the checksum vouches for the pixels
        assert dataset.sha256 == raw_sha256({"x_train": images})


@pytest.mark.parametrize(
    ("arrays", "field", "says"),
    [
        ({"images": IMAGES}, "data.x_train", "images"),
        ({"x_train": IMAGES[0, 0]}, "data.x_train", "(N, H, W) or (N, D)"),
        ({"x_train": IMAGES[..., None]}, "data.x_train", "(6, 4, 3, 1)"),
        ({"x_train": np.float64(0.5)}, "data.x_train", "()"),
        ({"x_train": IMAGES.astype(np.int64)}, "data.x_train", "int64"),
        ({"x_train": IMAGES > 9}, "data.x_train", "bool"),
        ({"x_train": UNIT + 0j}, "data.x_train", "complex128"),
        ({"x_train": UNIT.astype(str)}, "data.x_train", "float32"),
        ({"x_train": IMAGES.astype(np.float32)}, "data.x_train", "[0, 1]"),
        ({"x_train": np.full((5, 4), np.uint8(7))}, "data.x_train", "constant"),
        ({"x_train": np.tile(UNIT[:1], (5, 1))}, "data.x_train", "differ"),
        ({"x_train": IMAGES[:0]}, "data.x_train", "at least one image"),
        ({"x_train": IMAGES[:, :0]}, "data.x_train", "at least one pixel"),
        ({"x_train": IMAGES[:1]}, "data.x_train", "at least 2"),
        ({"x_train": IMAGES, "x_test": IMAGES[:, 1:]}, "data.x_test", "(4, 3)"),
        ({"x_train": IMAGES, "x_test": IMAGES.reshape(6, 12)}, "data.x_test", "(4, 3)"),
        ({"x_train": IMAGES, "x_test": IMAGES[:0]}, "data.x_test", "at least one image"),
        ({"x_train": UNIT, "x_test": UNIT - 1}, "data.x_test", "[0, 1]"),
        ({"x_train": IMAGES, "y_train": np.arange(5)}, "data.y_train", "(6,)"),
        ({"x_train": IMAGES, "y_train": np.zeros((6, 1), int)}, "data.y_train", "(6,)"),
        ({"x_train": IMAGES, "y_train": np.arange(6.0)}, "data.y_train", "integers"),
        ({"x_train": IMAGES, "y_train": np.full(6, 2**63, np.uint64)}, "data.y_train", "2**63"),
        ({"x_train": IMAGES, "y_test": np.arange(6)}, "data.y_test", "x_test"),
        ({"x_train": IMAGES, "x_test": IMAGES, "y_test": np.arange(7)}, "data.y_test", "(6,)"),
    ],
)
def test_unusable_arrays(tmp_path: Path, arrays: dict[str, Any], field: str, says: str) -> None:
    message = refusal(save(tmp_path, **arrays))
    assert message.startswith(f"{field}: got ") and says in message


class Trap:
    """Unpickling this would touch a file."""

    def __init__(self, victim: Path) -> None:
        self.victim = victim

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.victim,)


def test_python_objects_are_never_unpickled(tmp_path: Path) -> None:
    victim = tmp_path / "touched"
    objects = np.array([Trap(victim), None], dtype=object)
    assert "never unpickled" in refusal(save(tmp_path, x_train=objects))
    pickled = tmp_path / "pickled.npz"
    pickled.write_bytes(pickle.dumps(Trap(victim)))
    assert "no .npz archive" in refusal(str(pickled))
    assert not victim.exists()


@pytest.mark.parametrize("content", [b"", b"x_train", b"\x93NUMPY\x01\x00", b"PK\x05\x06" + bytes(18)])
def test_not_an_archive_of_arrays(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "images.npz"
    path.write_bytes(content)
    assert refusal(str(path)).startswith("data")


@pytest.mark.parametrize("name", ["absent.npz", "no/such/folder/a.npz", "a" * 5000 + ".npz", "nul\0byte.npz", "."])
def test_paths_that_lead_nowhere(tmp_path: Path, name: str) -> None:
    assert refusal(f"{tmp_path}/{name}").startswith("data: ")
    (tmp_path / "folder.npz").mkdir()
    assert refusal(str(tmp_path / "folder.npz")).startswith("data: ")


@pytest.mark.parametrize(
    ("name", "guess"),
    [("mnist_mini", "mnist-mini"), ("MNIST", "mnist"), ("digit", "digits"), ("imagenet", None), ("", None)],
)
def test_unknown_names_list_the_known_ones(name: str, guess: str | None) -> None:
    message = refusal(name)
    assert "mnist-mini, digits, mnist, fashion, faces, events or FILE.npz" in message
    assert (f"did you mean {guess}?" in message) if guess else ("did you mean" not in message)


def test_what_is_missing_is_said_when_asked_for(tmp_path: Path) -> None:
    dataset = load(save(tmp_path, x_train=IMAGES, note=np.zeros(3)))
    assert (dataset.name, dataset.source) == ("images.npz", "file images.npz")
    with pytest.raises(InvalidInput, match=r"^data.x_test: "):
        _ = dataset.test
    for split in ("train", "test"):
        with pytest.raises(InvalidInput, match=rf"^data.y_{split}: "):
            dataset.labels(split)  # type: ignore[arg-type]
    with pytest.raises(InvalidInput, match=r"^split: "):
        dataset.labels("valid")  # type: ignore[arg-type]


def test_limit_takes_the_first(tmp_path: Path) -> None:
    dataset = load(save(tmp_path, x_train=IMAGES, y_train=np.arange(6), x_test=IMAGES[:2]))
    part = dataset.limit(4)
    np.testing.assert_array_equal(part.x_train, dataset.x_train[:4])
    np.testing.assert_array_equal(part.labels("train"), range(4))
    assert len(part.test) == 2 and part.sha256 == dataset.sha256 and len(dataset.x_train) == 6


@pytest.mark.parametrize("n", [0, -1, 1, 7, 2.0, True, None])
def test_limit_refuses(tmp_path: Path, n: Any) -> None:
    dataset = load(save(tmp_path, x_train=IMAGES))
    with pytest.raises(InvalidInput, match=r"^limit: .* 2 to 6"):
        dataset.limit(n)


def test_limit_refuses_equal_images(tmp_path: Path) -> None:
    dataset = load(save(tmp_path, x_train=np.concatenate([UNIT[:1], UNIT[:1], UNIT])))
    with pytest.raises(InvalidInput, match="the first 2 are the same"):
        dataset.limit(2)
    assert len(dataset.limit(4).x_train) == 4


def test_hash_is_computed_as_documented_and_does_not_depend_on_storage(tmp_path: Path) -> None:
    expected = hashlib.sha256(b"x_train |u1 6,4,3\n" + IMAGES.tobytes() + b"y_train <i8 6\n" + np.arange(6).tobytes())
    plain = load(save(tmp_path, x_train=IMAGES, y_train=np.arange(6))).sha256
    other = load(save(tmp_path, y_train=np.arange(6).astype(">i8"), x_train=np.asfortranarray(IMAGES))).sha256
    assert plain == other == expected.hexdigest()
    changed = IMAGES.copy()
    changed[0, 0, 0] ^= 1
    assert load(save(tmp_path, x_train=changed, y_train=np.arange(6))).sha256 != plain


def test_big_endian_floats_load(tmp_path: Path) -> None:
    little, big = (load(save(tmp_path, x_train=UNIT.astype(kind))) for kind in ("<f8", ">f8"))
    np.testing.assert_array_equal(little.x_train, big.x_train)


def test_a_dataset_is_frozen(tmp_path: Path) -> None:
    dataset = load(save(tmp_path, x_train=IMAGES))
    assert isinstance(dataset, Dataset)
    with pytest.raises(AttributeError):
        dataset.name = "other"  # type: ignore[misc]


def test_a_damaged_directory_hides_no_array(tmp_path: Path) -> None:
    name = save(tmp_path, x_train=IMAGES, y_train=np.arange(len(IMAGES)))
    content = bytearray(Path(name).read_bytes())
    first = content.index(b"PK\1\2")
    length = content.index(b"PK\1\2", first + 4) - first
    content[first + 32] = length  # of a comment: the second entry
    Path(name).write_bytes(content)
    assert "1 arrays where its end tells of 2" in refusal(name)
