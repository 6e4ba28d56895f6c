from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import load_file, save_file

from neuro_bpdl.errors import CheckpointError
from neuro_bpdl.files.arrays import HEADER
from neuro_bpdl.parameters import initial_parameters
from neuro_bpdl.spec import NetworkSpec
from neuro_bpdl.training.checkpoint import Checkpoint, Progress, load_checkpoint, save_checkpoint


def make(sizes: tuple[int, ...] = (6, 4, 3), seed: int = 1) -> Checkpoint:
    params = initial_parameters(NetworkSpec.of(sizes), seed)
    return Checkpoint(params, np.linspace(0, 1, sizes[0]), Progress(2, 40, 4), seed)


def header(checkpoint: Checkpoint, **changes: object) -> dict[str, str]:
    fields = {
        "format": 1, "network": checkpoint.params.network.model_dump(mode="json"),
        "progress": {"epoch": 2, "images": 40, "presentations": 4}, "rng": {"seed": 1, "presentation": 4},
    }  # fmt: skip
    return {HEADER: json.dumps({**fields, **changes})}


@settings(max_examples=20, deadline=None)
@given(sizes=st.lists(st.integers(1, 9), min_size=2, max_size=5), seed=st.integers(0, 2**31 - 1), prior=st.booleans())
def test_what_is_saved_is_loaded(tmp_path_factory, sizes: list[int], seed: int, prior: bool) -> None:
    path = tmp_path_factory.mktemp("c") / "checkpoint.safetensors"
    saved = make(tuple(sizes), seed)
    if prior:
        saved.params.prior_mean, saved.params.prior_variance = np.ones(sizes[-1]), np.full(sizes[-1], 2.0)
        saved.params.recognition_variance = np.linspace(0.1, 0.2, len(sizes) - 1)
    save_checkpoint(path, saved)
    loaded = load_checkpoint(path)
    assert (loaded.progress, loaded.seed, loaded.params.network) == (saved.progress, seed, saved.params.network)
    for name in "FbGc":
        for a, b in zip(getattr(loaded.params, name), getattr(saved.params, name), strict=True):
            assert a.dtype == b.dtype and np.array_equal(a, b)
    assert np.array_equal(loaded.mean_image, saved.mean_image)
    assert (loaded.params.prior_mean is not None) == prior
    if prior:
        np.testing.assert_array_equal(loaded.params.recognition_variance, saved.params.recognition_variance)
    else:
        assert loaded.params.recognition_variance is None


def test_same_state_gives_same_bytes_and_nothing_else_stays(tmp_path: Path) -> None:
    for name in ("a", "b"):
        save_checkpoint(tmp_path / name, make())
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a", "b"]


def test_weights_are_two_dimensional_arrays_by_the_papers_names(tmp_path: Path) -> None:
    save_checkpoint(tmp_path / "c", make())
    tensors = load_file(tmp_path / "c")
    assert tensors["F_1"].shape == (4, 6) and tensors["G_1"].shape == (6, 4)
    assert tensors["F_2"].shape == (3, 4) and tensors["G_2"].shape == (4, 3)


@settings(max_examples=30, deadline=None)
@given(keep=st.floats(0, 0.999))
def test_a_file_cut_short_is_refused(tmp_path_factory, keep: float) -> None:
    path = tmp_path_factory.mktemp("c") / "checkpoint.safetensors"
    save_checkpoint(path, make())
    whole = path.read_bytes()
    path.write_bytes(whole[: int(keep * len(whole))])
    with pytest.raises(CheckpointError, match=r"^[^\n]*cut short[^\n]*$"):
        load_checkpoint(path)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"format": 3}, "format 3"),
        ({"network": {"sizes": [6, 4]}}, "header"),
        ({"progress": {"epochs": 1}}, "header"),
    ],
)
def test_another_version_or_header_is_refused(tmp_path: Path, change: dict[str, object], said: str) -> None:
    path, checkpoint = tmp_path / "c.safetensors", make()
    save_checkpoint(path, checkpoint)
    save_file(load_file(path), path, metadata=header(checkpoint, **change))
    with pytest.raises(CheckpointError, match=said) as refused:
        load_checkpoint(path)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("name", ["F_1", "b_2", "G_2", "c_1", "variance", "mean_image"])
def test_missing_tensors_and_wrong_shapes_are_refused_by_name(tmp_path: Path, name: str) -> None:
    path, checkpoint = tmp_path / "c.safetensors", make()
    save_checkpoint(path, checkpoint)
    tensors = load_file(path)
    wrong = tensors.pop(name)
    save_file(tensors, path, metadata=header(checkpoint))
    with pytest.raises(CheckpointError, match=f"{name} is missing"):
        load_checkpoint(path)
    save_file({**tensors, name: wrong[:-1].copy()}, path, metadata=header(checkpoint))
    with pytest.raises(CheckpointError, match=f"{name} has shape"):
        load_checkpoint(path)


def test_a_failed_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "c.safetensors"
    save_checkpoint(path, make(seed=1))
    before = path.read_bytes()

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("neuro_bpdl.files.writing.os.replace", full)
    with pytest.raises(CheckpointError, match="No space left"):
        save_checkpoint(path, make(seed=2))
    assert path.read_bytes() == before and [p.name for p in tmp_path.iterdir()] == [path.name]
