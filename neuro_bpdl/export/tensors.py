"""The weights of an export: matrices as the chip holds them, and what turns them into numbers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.errors import CheckpointError
from neuro_bpdl.export.folder import MEND
from neuro_bpdl.export.settings import ChipSettings, scheme_of
from neuro_bpdl.files.arrays import read_arrays, write_arrays
from neuro_bpdl.kernels.network import NetworkKernel
from neuro_bpdl.numbers import widths
from neuro_bpdl.parameters import Parameters

Array = NDArray[Any]
DTYPES: dict[str, np.dtype[Any]] = {"float": np.dtype(np.float64), "fixed": np.dtype(np.int16)}
PRIOR = ("prior_mean", "prior_variance")


def tensors_of(kernel: NetworkKernel, params: Parameters) -> dict[str, Array]:
    """F_l and G_l, (post, pre + 1) with the bias unit's column last, what they stand for, variances and prior.

    Float matrices are float64. In fixed point ``F_1`` is int16, −256 … 255
    (Lava counts the sign besides the 8 bits), ``F_1_tag`` is what a synapse
    holds besides its weight, in parts of 1/64, and ``F_1_scale`` has two
    numbers: what 1 stands for in a weight and in the bias column.
    """
    scheme = scheme_of(kernel)
    found: dict[str, Array] = {"variance": np.asarray(params.variance, np.float64)}
    for way, matrices in (("F", kernel.up), ("G", kernel.down)):
        for i, matrix in enumerate(matrices, 1):
            name = f"{way}_{i}"
            found |= {name: np.ascontiguousarray(matrix.T)} if scheme is None else _integers(name, matrix)
    if scheme is not None:
        for held in (*scheme.up, *scheme.down):
            found[f"{held.name}_scale"] = np.array([2.0**-held.unit_exponent, held.bias_unit])
    for name in PRIOR:
        value = getattr(params, name)
        if value is not None:
            found[name] = np.asarray(value, np.float64)
    return found


def _integers(name: str, stored: Array) -> dict[str, Array]:
    """Weights and tags of (2, pre + 1, post)."""
    return {name: np.ascontiguousarray(stored[0].T), f"{name}_tag": np.ascontiguousarray(stored[1].T)}


def write_tensors(path: Path, tensors: dict[str, Array]) -> None:
    """Write a safetensors file, compared with ``tensors`` before it is on the disk."""
    write_arrays(path, tensors, {"kind": "chip weights"})


def read_tensors(path: Path) -> dict[str, Array]:
    """Read a safetensors file; raises CheckpointError when it is none, or not what was written."""
    return read_arrays(path, MEND)[0]


def parameters_of(path: Path, tensors: dict[str, Array], settings: ChipSettings) -> Parameters:
    """Weights and biases in float64; those of a fixed-point network quantise back to the same integers.

    Raises
    ------
    CheckpointError
        A tensor is missing or has another shape, type or range.
    """
    _require(path, tensors, settings)
    depth = range(1, settings.network.depth + 1)
    (F, b), (G, c) = (
        tuple(zip(*(_numbers(tensors, f"{way}_{i}") for i in depth), strict=True)) for way in ("F", "G")
    )
    priors = {name: tensors.get(name) for name in PRIOR}
    return Parameters(settings.network, list(F), list(b), list(G), list(c), tensors["variance"], **priors)


def _numbers(tensors: dict[str, Array], name: str) -> tuple[Array, Array]:
    if f"{name}_tag" not in tensors:
        return tensors[name][:, :-1], tensors[name][:, -1]
    value = tensors[name] + tensors[f"{name}_tag"] / widths.CARRY
    unit, bias_unit = tensors[f"{name}_scale"]
    return value[:, :-1] * unit, value[:, -1] * bias_unit


def _require(path: Path, tensors: dict[str, Array], settings: ChipSettings) -> None:
    wanted = _layout(settings)
    optional = {name: ((settings.network.sizes[-1],), np.dtype(np.float64)) for name in PRIOR if name in tensors}
    for name in tensors:
        if name not in wanted | optional:
            raise CheckpointError(f"{path}: holds {name}, which is no part of this network; {MEND}")
    for name, (shape, dtype) in (wanted | optional).items():
        if name not in tensors:
            raise CheckpointError(f"{path}: tensor {name} is missing; {MEND}")
        found = tensors[name]
        if found.shape != shape or found.dtype != dtype:
            raise CheckpointError(
                f"{path}: {name} is {found.dtype} {found.shape}, allowed: {dtype} {shape}; {MEND}"
            )
        if not _in_range(name, found):
            raise CheckpointError(f"{path}: {name} holds numbers that cannot be there; {MEND}")


def _layout(settings: ChipSettings) -> dict[str, tuple[tuple[int, ...], np.dtype[Any]]]:
    """Name → shape and type of every tensor that must be there."""
    sizes, double = settings.network.sizes, np.dtype(np.float64)
    dtype: np.dtype[Any] = DTYPES[settings.arithmetic]
    layout: dict[str, tuple[tuple[int, ...], np.dtype[Any]]] = {"variance": ((settings.network.depth,), double)}
    for i in range(1, len(sizes)):
        for name, shape in ((f"F_{i}", (sizes[i], sizes[i - 1] + 1)), (f"G_{i}", (sizes[i - 1], sizes[i] + 1))):
            layout[name] = shape, dtype
            if settings.arithmetic == "fixed":
                layout |= {f"{name}_tag": (shape, dtype), f"{name}_scale": ((2,), double)}
    return layout


def _in_range(name: str, array: Array) -> bool:
    if array.dtype.kind != "i":
        positive = name in ("variance", "prior_variance") or name.endswith("_scale")
        return bool(np.isfinite(array).all() and (not positive or (array > 0).all()))
    low, high = widths.TAG_MIN, widths.TAG_MAX
    if not name.endswith("_tag"):
        low, high = widths.WEIGHT_MIN, widths.WEIGHT_MAX
    return bool(array.min() >= low and array.max() <= high)
