"""What a training run has learned, in one safetensors file.

Tensors: ``F_l``, ``G_l`` (2-D), ``b_l``, ``c_l`` for l = 1…L, ``variance``,
``mean_image`` and, once training has ended, ``prior_mean``,
``prior_variance`` and ``recognition_variance`` (older files lack the last). The
metadata hold the format's version, the network, the progress and the state of
the random streams: these are counter based, so the seed and the number of the
next presentation are all of it.
"""

from __future__ import annotations

import json
import os
import tempfile
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.errors import CheckpointError, InvalidInput
from neuro_bpdl.parameters import Parameters
from neuro_bpdl.spec import NetworkSpec

FORMAT = 1
FITTED_AT_THE_END = ("prior_mean", "prior_variance", "recognition_variance")
HEADER = "neuro_bpdl"  # one metadata entry: safetensors does not keep the order of several
Array = NDArray[Any]


@dataclass(frozen=True)
class Progress:
    """How far training has come: epochs done, images and minibatches presented."""

    epoch: int = 0
    images: int = 0
    presentations: int = 0


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


def save_checkpoint(path: Path, checkpoint: Checkpoint) -> None:
    """Write ``path`` whole or not at all; the same state gives the same bytes.

    Raises
    ------
    CheckpointError
        The place cannot be written.
    """
    from safetensors.numpy import save

    tensors = {name: np.ascontiguousarray(array) for name, array in _tensors(checkpoint).items()}
    write_atomically(path, save(tensors, metadata={HEADER: json.dumps(_header(checkpoint), sort_keys=True)}))


def write_atomically(path: Path, content: bytes) -> None:
    """Replace ``path`` by a file with ``content``, or leave it as it was.

    Raises
    ------
    CheckpointError
        The place cannot be written.
    """
    temporary = ""
    try:
        handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(0o644)
        os.replace(temporary, path)
    except OSError as error:
        raise CheckpointError(
            f"{path}: cannot be written ({error.strerror}); choose a folder that you may write to"
        ) from None
    finally:
        if temporary:
            with suppress(OSError):
                os.unlink(temporary)


def load_checkpoint(path: Path) -> Checkpoint:
    """Read a checkpoint.

    Raises
    ------
    CheckpointError
        Missing, cut short, of another version, or with tensors that are
        missing or do not have the network's shapes.
    """
    tensors, header = _read(path)
    version = header.get("format")
    if version != FORMAT:
        raise CheckpointError(f"{path}: format {version!r}, allowed: {FORMAT}; train it again with this version")
    try:
        network = NetworkSpec(**header["network"])
        progress, seed = Progress(**header["progress"]), int(header["rng"]["seed"])
    except (KeyError, TypeError, ValueError, InvalidInput) as error:
        raise CheckpointError(f"{path}: its header cannot be used ({error!r}); train again") from None
    _require_shapes(path, tensors, network)

    def layers(name: str) -> list[Array]:
        return [tensors[f"{name}_{layer}"] for layer in range(1, network.depth + 1)]

    params = Parameters(
        network, layers("F"), layers("b"), layers("G"), layers("c"),
        variance=tensors["variance"],
        prior_mean=tensors.get("prior_mean"),
        prior_variance=tensors.get("prior_variance"),
        recognition_variance=tensors.get("recognition_variance"),
    )  # fmt: skip
    return Checkpoint(params, tensors["mean_image"], progress, seed)


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


def _read(path: Path) -> tuple[dict[str, Array], dict[str, Any]]:
    from safetensors import SafetensorError, safe_open

    if not path.is_file():
        raise CheckpointError(f"{path}: no such checkpoint; give the folder of a training run")
    try:
        with safe_open(path, framework="numpy") as file:
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            metadata = file.metadata() or {}
    except (SafetensorError, OSError, ValueError) as error:
        reason = " ".join(str(error).split())
        raise CheckpointError(f"{path}: cut short or not a checkpoint ({reason}); train it again") from None
    try:
        header: dict[str, Any] = json.loads(metadata.get(HEADER, "{}"))
    except json.JSONDecodeError:
        header = {}
    return tensors, header


def _require_shapes(path: Path, tensors: dict[str, Array], network: NetworkSpec) -> None:
    for name, shape in _shapes(network).items():
        if name not in tensors and name in FITTED_AT_THE_END:
            continue
        if name not in tensors:
            raise CheckpointError(f"{path}: tensor {name} is missing; the file was changed: train again")
        if tensors[name].shape != shape:
            raise CheckpointError(
                f"{path}: tensor {name} has shape {tensors[name].shape}, allowed: {shape}; "
                "the file was changed: train again"
            )


def _shapes(network: NetworkSpec) -> dict[str, tuple[int, ...]]:
    sizes = network.sizes
    shapes: dict[str, tuple[int, ...]] = {
        "variance": (network.depth,), "mean_image": (sizes[0],),
        "prior_mean": (sizes[-1],), "prior_variance": (sizes[-1],), "recognition_variance": (network.depth,),
    }  # fmt: skip
    for layer in range(1, network.depth + 1):
        below, here = sizes[layer - 1], sizes[layer]
        shapes |= {
            f"F_{layer}": (here, below), f"b_{layer}": (here,), f"G_{layer}": (below, here), f"c_{layer}": (below,),
        }  # fmt: skip
    return shapes
