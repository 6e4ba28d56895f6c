"""Images other than digits: ``fashion`` (clothes) and ``faces``."""

from __future__ import annotations

import functools

from neuro_bpdl.data import chain, downloads, pins
from neuro_bpdl.data.chain import DATA_DIR_VARIABLE, Known
from neuro_bpdl.data.dataset import Dataset


def load_fashion() -> Dataset:
    """Fashion-MNIST, 60000 + 10000 images of 28×28.

    From ``fashion.npz`` in ``$NEURO_BPDL_DATA_DIR`` or the user's cache, the
    installed Debian package dataset-fashion-mnist, the same package downloaded
    with apt-get (not installed; no root needed), or OpenML.

    Raises
    ------
    DataUnavailable
        As `chain.load_known`.
    """
    sources = (
        (f"{downloads.DEBIAN_PACKAGE} (installed)", downloads.from_debian_folder),
        (f"{downloads.DEBIAN_PACKAGE} (apt-get)", downloads.from_apt),
        ("OpenML Fashion-MNIST", functools.partial(downloads.from_openml, "Fashion-MNIST")),
    )
    mend = (
        f"put a fashion.npz into the folder ${DATA_DIR_VARIABLE}, use Debian or Ubuntu's apt-get, or use mnist-mini"
    )
    return chain.load_known(
        Known("fashion", "Fashion-MNIST", pins.FASHION, pins.FASHION_ATTRIBUTION, sources, mend)
    )


def load_faces() -> Dataset:
    """100 faces of 25×25 pixels, the last 20 of them the test set, as scikit-image ships them.

    From ``faces.npz`` in ``$NEURO_BPDL_DATA_DIR`` or the user's cache, an
    installed scikit-image, or its wheel, downloaded with pip and not installed.

    Raises
    ------
    DataUnavailable
        As `chain.load_known`.
    """
    sources = (
        ("scikit-image (installed)", downloads.faces_from_scikit_image),
        ("scikit-image (wheel)", downloads.faces_from_pip),
    )
    mend = f"install scikit-image, put a faces.npz into the folder ${DATA_DIR_VARIABLE}, or use digits"
    return chain.load_known(Known("faces", "the faces", pins.FACES, pins.FACES_ATTRIBUTION, sources, mend))
