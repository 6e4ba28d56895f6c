"""What a training run has learned, in one safetensors file.

Tensors: ``F_l``, ``G_l`` (2-D), ``b_l``, ``c_l`` for l = 1…L, ``variance``,
``mean_image`` and, once training has ended, ``prior_mean``,
``prior_variance`` and ``recognition_variance`` (older files lack the last). The
metadata hold the format's version, the network, the progress, the state of
the random streams (these are counter based, so the seed and the number of the
next presentation are all of it) and a digest of everything. Format 1 had no
digest; it is read, with all other checks, and written anew by the next save.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from neuro_bpdl.errors import BadFile, CheckpointError
from neuro_bpdl.files.arrays import DIGEST, read_arrays, write_arrays
from neuro_bpdl.files.records import record
from neuro_bpdl.files.writing import write_bytes
from neuro_bpdl.parameters import Parameters
from neuro_bpdl.spec import NetworkSpec
from neuro_bpdl.spec.base import Spec

FORMAT = 2
READ = (1, FORMAT)
FITTED_AT_THE_END = ("prior_mean", "prior_variance", "recognition_variance")
VARIANCES = ("variance", "prior_variance")
MEND = "restore it from a copy, or train again"
Array = NDArray[Any]
Count = Annotated[int, Field(ge=0, lt=2**62)]

write_atomically = write_bytes


@dataclass(frozen=True)
class Progress:
    """How far training has come: epochs done, images and minibatches presented."""

    epoch: Count = 0
    images: Count = 0
    presentations: Count = 0


class RandomState(Spec):
    """The state of the random streams."""

    kind: str = "philox, counter based"
    seed: int = Field(ge=0, lt=2**31)
    presentation: Count = 0


class Header(Spec):
    """What a checkpoint's metadata say."""

    format: Literal[1, 2]
    network: NetworkSpec
    progress: Progress
    rng: RandomState
    digest: str | None = None


@dataclass
class Checkpoint:
    """Everything that is needed to go on training, or to use the network.

    Attributes
    ----------
    mean_image : (n_0,)
        Mean of the training images, where inpainting starts.
    """

    params: Parameters
    mean_image: Array
    progress: Progress
    seed: int


def save_checkpoint(path: Path, checkpoint: Checkpoint, owned: Callable[[], None] | None = None) -> None:
    """Write ``path`` whole or not at all; the same state gives the same bytes; ``owned`` as of `write_bytes`.

    Raises
    ------
    NotWritten
        The place cannot be written.
    """
    write_arrays(path, _tensors(checkpoint), _header(checkpoint), owned)


def load_checkpoint(path: Path) -> Checkpoint:
    """Read a checkpoint.

    Raises
    ------
    CheckpointError
        Missing, cut short, changed, of another version, or with tensors that
        are missing, of another shape or type, not finite, or no variances
        where variances belong.
    """
    tensors, fields = read_arrays(path, MEND)
    header = _checked(path, fields)
    network = header.network
    _require_layout(path, tensors, network)
    _require_numbers(path, tensors)

    def layers(name: str) -> list[Array]:
        return [tensors[f"{name}_{layer}"] for layer in range(1, network.depth + 1)]

    params = Parameters(
        network, layers("F"), layers("b"), layers("G"), layers("c"),
        variance=tensors["variance"],
        prior_mean=tensors.get("prior_mean"),
        prior_variance=tensors.get("prior_variance"),
        recognition_variance=tensors.get("recognition_variance"),
    )  # fmt: skip
    return Checkpoint(params, tensors["mean_image"], header.progress, header.rng.seed)


def _checked(path: Path, fields: dict[str, Any]) -> Header:
    version = fields.get("format")
    if version not in READ or isinstance(version, bool):
        raise CheckpointError(f"{path}: format {version!r}, allowed: 1 or {FORMAT}; train it again with this version")
    header = record(Header, fields, f"{path}: header", MEND)
    if version == FORMAT and header.digest is None:
        raise BadFile(f"{path}: {DIGEST}", None, "the SHA-256 of the content", MEND)
    if header.rng.presentation != header.progress.presentations:
        raise BadFile(f"{path}: header: rng.presentation", header.rng.presentation,
                      f"{header.progress.presentations}, as in progress", MEND)  # fmt: skip
    return header


def _tensors(checkpoint: Checkpoint) -> dict[str, Array]:
    params = checkpoint.params
    tensors = {"variance": params.variance, "mean_image": checkpoint.mean_image}
    for name, group in (("F", params.F), ("b", params.b), ("G", params.G), ("c", params.c)):
        tensors.update({f"{name}_{layer}": array for layer, array in enumerate(group, start=1)})
    if params.prior_mean is not None and params.prior_variance is not None:
        tensors.update(prior_mean=params.prior_mean, prior_variance=params.prior_variance)
    if params.recognition_variance is not None:
        tensors["recognition_variance"] = params.recognition_variance
    return tensors


def _header(checkpoint: Checkpoint) -> dict[str, Any]:
    progress = checkpoint.progress
    return {
        "format": FORMAT,
        "network": checkpoint.params.network.model_dump(mode="json"),
        "progress": asdict(progress),
        "rng": {"kind": "philox, counter based", "seed": checkpoint.seed, "presentation": progress.presentations},
    }


def _require_layout(path: Path, tensors: dict[str, Array], network: NetworkSpec) -> None:
    """Every tensor of the network and no other, with its shape and a type that training writes."""
    shapes = _shapes(network)
    weights = tensors["F_1"].dtype if "F_1" in tensors else np.dtype(np.float64)
    for name, shape in shapes.items():
        if name not in tensors and name in FITTED_AT_THE_END:
            continue
        if name not in tensors:
            raise CheckpointError(f"{path}: tensor {name} is missing; the file was changed: {MEND}")
        found = tensors[name]
        if found.shape != shape:
            raise CheckpointError(
                f"{path}: tensor {name} has shape {found.shape}, allowed: {shape}; the file was changed: {MEND}"
            )
        allowed = {weights} if name[:2] in ("F_", "G_", "b_", "c_") else {np.dtype(np.float32), np.dtype(np.float64)}
        if found.dtype not in allowed or found.dtype.itemsize < 4 or found.dtype.kind != "f":
            raise CheckpointError(
                f"{path}: tensor {name} is {found.dtype}, allowed: float64 or float32, one for all weights; {MEND}"
            )
    for name in tensors.keys() - shapes.keys():
        raise CheckpointError(f"{path}: holds {name}, which is no part of this network; {MEND}")


def _require_numbers(path: Path, tensors: dict[str, Array]) -> None:
    """Finite everywhere; variances above 0 (a recognition variance may be 0: no noise, no residual)."""
    for name, array in tensors.items():
        if not np.isfinite(array).all():
            raise CheckpointError(f"{path}: tensor {name} holds NaN or infinity, allowed: finite numbers; {MEND}")
        if name in VARIANCES and not (array > 0).all():
            raise CheckpointError(f"{path}: tensor {name} is {array.min():g} somewhere, allowed: above 0; {MEND}")
        if name == "recognition_variance" and not (array >= 0).all():
            raise CheckpointError(f"{path}: tensor {name} is {array.min():g} somewhere, allowed: 0 or more; {MEND}")


def _shapes(network: NetworkSpec) -> dict[str, tuple[int, ...]]:
    sizes, seen = network.sizes, network.images
    shapes: dict[str, tuple[int, ...]] = {
        "variance": (network.depth,), "mean_image": (sizes[0],),
        "prior_mean": (seen.sizes[-1],), "prior_variance": (seen.sizes[-1],), "recognition_variance": (seen.depth,),
    }  # fmt: skip
    for layer in range(1, network.depth + 1):
        below, here = sizes[layer - 1], sizes[layer]
        shapes |= {
            f"F_{layer}": (here, below), f"b_{layer}": (here,), f"G_{layer}": (below, here), f"c_{layer}": (below,),
        }  # fmt: skip
    return shapes
