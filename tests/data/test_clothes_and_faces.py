"""The chains of sources of "fashion" and "faces": clients are faked, archives and readers are real."""

from __future__ import annotations

import gzip
import io
import os
import shutil
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from neuro_bpdl.data import chain, downloads, load, pins
from neuro_bpdl.data.dataset import array_sha256
from neuro_bpdl.errors import DataUnavailable

RNG = np.random.default_rng(4)
TRAIN, TEST = RNG.integers(0, 256, (7, 28, 28), np.uint8), RNG.integers(0, 256, (3, 28, 28), np.uint8)
CLOTHES = {"x_train": TRAIN, "y_train": np.arange(7, dtype=np.uint8), "x_test": TEST, "y_test": TEST[:, 0, 0]}
PICTURES = RNG.random((downloads.FACES + 5, 25, 25))


def pinned(arrays: dict[str, np.ndarray]) -> dict[str, pins.Pin]:
    return {key: pins.Pin(array.shape, array_sha256(array)) for key, array in arrays.items()}


def write_idx(folder: Path) -> None:
    folder.mkdir(parents=True)
    for key, name in downloads.DEBIAN_FILES.items():
        array = CLOTHES[key]
        sizes = b"".join(size.to_bytes(4, "big") for size in array.shape)
        (folder / name).write_bytes(gzip.compress(bytes([0, 0, 8, array.ndim]) + sizes + array.tobytes()))


@pytest.fixture
def clothes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A stand-in Fashion-MNIST is pinned; nothing is installed, cached or reachable."""
    monkeypatch.setattr(pins, "FASHION", pinned(CLOTHES))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv(chain.DATA_DIR_VARIABLE, raising=False)
    monkeypatch.setattr(downloads, "DEBIAN_FOLDER", tmp_path / "usr" / "share" / "clothes")
    monkeypatch.setattr(downloads.shutil, "which", lambda name: None)

    def unreachable(*_: Any, **__: Any) -> Any:
        raise OSError("OpenML cannot be reached")

    monkeypatch.setattr("sklearn.datasets.fetch_openml", unreachable)
    return tmp_path


def same(found: Any) -> bool:
    return bool(np.array_equal(np.rint(found.x_train * 255).reshape(-1, 28, 28), TRAIN))


def test_the_installed_package_comes_first_then_the_cache(clothes: Path) -> None:
    write_idx(downloads.DEBIAN_FOLDER)
    first, second = load("fashion"), load("fashion")
    assert same(first) and same(second) and first.sha256 == second.sha256
    assert (first.source, second.source) == ("dataset-fashion-mnist (installed)", "cache")
    assert first.image_shape == (28, 28) and first.labels("test").tolist() == TEST[:, 0, 0].tolist()


@pytest.mark.skipif(shutil.which("dpkg-deb") is None, reason="needs dpkg-deb")
def test_a_downloaded_package_is_read_and_not_installed(clothes: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real, which = subprocess.run, "/usr/bin/"
    monkeypatch.setattr(downloads.shutil, "which", lambda name: which + name)
    asked: list[list[str]] = []

    def run(command: list[str], **named: Any) -> Any:
        asked.append(command)
        if not command[0].endswith("apt-get"):
            return real(command, **named)
        tree = Path(named["cwd"], "tree")
        write_idx(tree.joinpath(*downloads.DEBIAN_FOLDER.parts[1:]))
        (tree / "DEBIAN").mkdir()
        (tree / "DEBIAN" / "control").write_text(
            "Package: x\nVersion: 1\nArchitecture: all\nMaintainer: x <x@x>\nDescription: x\n"
        )
        real(["dpkg-deb", "--build", str(tree), str(Path(named["cwd"], "x.deb"))], check=True, capture_output=True)
        return subprocess.CompletedProcess(command, 0, stdout="", stderr="")

    monkeypatch.setattr(downloads.subprocess, "run", run)
    found = load("fashion")
    assert same(found) and found.source == "dataset-fashion-mnist (apt-get)"
    assert asked[0][1:] == ["-qq", "download", "dataset-fashion-mnist"] and not downloads.DEBIAN_FOLDER.exists()


def test_clothes_that_nobody_has(clothes: Path) -> None:
    with pytest.raises(DataUnavailable) as refused:
        load("fashion")
    said = str(refused.value)
    assert all(name in said for name in ("fashion.npz", "apt-get", "OpenML cannot be reached", "mnist-mini"))


def test_other_clothes_are_refused(clothes: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_idx(downloads.DEBIAN_FOLDER)
    monkeypatch.setattr(pins, "FASHION", pinned({**CLOTHES, "x_test": TEST[::-1]}))
    with pytest.raises(DataUnavailable, match="x_test has sha256"):
        load("fashion")
    assert not (clothes / "cache").exists()


def test_faces_out_of_a_wheel(clothes: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    faces = np.rint(PICTURES[: downloads.FACES] * 255).astype(np.uint8)
    monkeypatch.setattr(pins, "FACES", pinned({"x_train": faces[:80], "x_test": faces[80:]}))
    monkeypatch.setattr(downloads.importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(downloads, "_pip", lambda: ["pip"])

    def run(command: list[str], cwd: str, **_: Any) -> Any:
        content = io.BytesIO()
        np.save(content, PICTURES)
        with zipfile.ZipFile(Path(cwd, "scikit_image-1-py3-none-any.whl"), "w") as archive:
            archive.writestr(downloads.FACES_MEMBER, content.getvalue())
        return subprocess.CompletedProcess(command, 0, stdout="", stderr="")

    monkeypatch.setattr(downloads.subprocess, "run", run)
    found = load("faces")
    assert found.x_train.shape == (80, 625) and found.test.shape == (20, 625)
    assert (found.source, load("faces").source) == ("scikit-image (wheel)", "cache")
    np.testing.assert_array_equal(found.test, faces[80:].reshape(20, -1).astype(np.float32) / np.float32(255))


REQUIRED = os.environ.get("NEURO_BPDL_REQUIRE_FASHION") == "1"
HERE = REQUIRED or any(path.exists() for _, path in chain.local_files("fashion.npz"))


@pytest.mark.skipif(not HERE, reason="no fashion.npz here; NEURO_BPDL_REQUIRE_FASHION=1 fetches it")
def test_the_real_clothes() -> None:
    dataset = load("fashion")
    assert dataset.x_train.shape == (60000, 784) and dataset.test.shape == (10000, 784)
    assert np.bincount(dataset.labels("train")).tolist() == [6000] * 10
