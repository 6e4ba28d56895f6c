"""mnist-mini and digits: the real thing, and refused when it is not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import neuro_bpdl.data
from neuro_bpdl.data import load, packaged, pins, raw_sha256
from neuro_bpdl.errors import DataUnavailable, InvalidInput

SHIPPED = Path(neuro_bpdl.data.__file__).parent / "mnist_mini.npz"


def test_mnist_mini() -> None:
    dataset = load("mnist-mini")
    assert dataset.x_train.shape == (4000, 784) and dataset.test.shape == (1000, 784)
    assert dataset.image_shape == (28, 28) and dataset.pixels == 784 and dataset.source == "package"
    assert np.bincount(dataset.labels("train")).tolist() == [400] * 10
    assert np.bincount(dataset.labels("test")).tolist() == [100] * 10
    assert dataset.x_train.min() == 0 and dataset.x_train.max() == 1
    assert dataset.sha256 == "8a69e2c545bb55778a8b43763dceea0c0c0f1c91ed16269a06052df3e94f1db9"
    assert "LeCun" in dataset.attribution and "subset" in dataset.attribution.lower()
    with np.load(SHIPPED) as raw:
        np.testing.assert_array_equal(np.rint(dataset.x_train * 255).reshape(-1, 28, 28), raw["x_train"])


def test_attribution_is_shipped_and_lists_the_pinned_hashes() -> None:
    text = (SHIPPED.parent / "ATTRIBUTION.md").read_text(encoding="utf-8")
    assert all(pin.sha256 in text for pin in pins.MNIST_MINI.values())
    assert all(word in text for word in ("LeCun", "Cortes", "Burges", "CC BY-SA 3.0", "MIT", "subset"))


def test_digits() -> None:
    from sklearn.datasets import load_digits

    dataset, official = load("digits"), load_digits()
    assert dataset.image_shape == (8, 8) and dataset.source == "scikit-learn"
    np.testing.assert_array_equal(dataset.x_train, (official.data[:1437] / 16).astype(np.float32))
    np.testing.assert_array_equal(dataset.test, (official.data[1437:] / 16).astype(np.float32))
    np.testing.assert_array_equal(dataset.labels("train"), official.target[:1437])
    np.testing.assert_array_equal(dataset.labels("test"), official.target[1437:])
    assert dataset.sha256 == raw_sha256({
        "x_train": official.images[:1437].astype(np.uint8), "x_test": official.images[1437:].astype(np.uint8),
        "y_train": official.target[:1437].astype(np.uint8), "y_test": official.target[1437:].astype(np.uint8),
    })


@pytest.mark.parametrize("name", ["mnist-mini", "digits"])
@pytest.mark.parametrize("key", [0, 1])
def test_changed_data_is_refused(monkeypatch: pytest.MonkeyPatch, name: str, key: int) -> None:
    table = "MNIST_MINI" if name == "mnist-mini" else "DIGITS"
    pinned = dict(getattr(pins, table))
    changed = list(pinned)[key]
    pinned[changed] = pinned[changed]._replace(sha256="0" * 64)
    monkeypatch.setattr(pins, table, pinned)
    with pytest.raises(DataUnavailable, match=f"^{name}: .*{changed} has sha256"):
        load(name)


def test_a_damaged_package_says_reinstall(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "mnist_mini.npz").write_bytes(SHIPPED.read_bytes()[:1000])
    monkeypatch.setattr(packaged.resources, "files", lambda _: tmp_path)
    with pytest.raises(DataUnavailable, match="reinstall"):
        load("mnist-mini")


@pytest.mark.parametrize("name", ["mnist-mini", "digits", "images.npz"])
def test_data_file_is_for_mnist_only(tmp_path: Path, name: str) -> None:
    with pytest.raises(InvalidInput, match=r"^--data-file: "):
        load(name, data_file=tmp_path / "mnist.npz")
