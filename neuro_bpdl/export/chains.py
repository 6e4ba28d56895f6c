"""The two chains of maps, image → top and top → image, with every activation as a staircase."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.export.staircase import PAYLOAD_LEVELS, Staircase, staircase
from neuro_bpdl.kernels.fixed import curves, quantize
from neuro_bpdl.kernels.fixed.matrix import Matrix, highs
from neuro_bpdl.numbers import widths
from neuro_bpdl.numbers.activations import transfer
from neuro_bpdl.parameters import Parameters
from neuro_bpdl.spec import InferenceSpec, PlasticitySpec

Array = NDArray[Any]


@dataclass(frozen=True)
class RateMap:
    """f_l or g_l: rates φ(W h + b), with φ as a staircase; with ``cells`` (`export.cells`) W and b drive those.

    ``high_pre`` is the largest size of a rate that arrives.
    """

    name: str
    weight: Array
    bias: Array
    activation: str
    stairs: Staircase
    high_pre: float = 1.0
    cells: Any = None


@dataclass(frozen=True)
class Chain:
    """Maps one after the other, from ``size`` inputs named ``start`` to outputs named ``end``.

    ``rounded`` turns the input into rates that a payload can carry (None: as it is).
    """

    start: str
    size: int
    end: str
    maps: tuple[RateMap, ...]
    rounded: Staircase | None = None


def float_chains(params: Parameters, levels: int) -> tuple[Chain, Chain]:
    """The trained maps, each activation a staircase of ``levels`` steps."""

    def each(name: str, post: int, weight: Array, bias: Array) -> RateMap:
        pre, activations = post - 1 if name.startswith("F") else post + 1, params.network.activations
        source = transfer(activations[pre])
        reach = max(abs(source.low), source.high)
        return RateMap(name, weight, bias, activations[post], staircase(activations[post], levels), reach)

    return _chains(params, each)


def fixed_chains(
    params: Parameters, plasticity: PlasticitySpec, levels: int = PAYLOAD_LEVELS
) -> tuple[Chain, Chain]:
    """The maps of the fixed-point network: its weights, and its payloads as steps.

    ``plasticity`` says how much activity the pixels' largest payload stands for.

    Raises
    ------
    InvalidInput
        ``levels`` is not 127; an activation or a weight without a form in
        fixed point.
    """
    if levels != PAYLOAD_LEVELS:
        raise InvalidInput("levels", levels, f"{PAYLOAD_LEVELS} in fixed point", "payloads have 7 bits")
    scheme = quantize.scheme(params, InferenceSpec(), plasticity, learns=False)
    matrices = {matrix.name: matrix for matrix in (*scheme.up, *scheme.down)}
    high = highs(params.network, plasticity)

    def each(name: str, post: int, weight: Array, bias: Array) -> RateMap:
        matrix = matrices[name]
        stored = matrix.quantized(weight, bias)
        stored[1] = 0  # currents do not see what tags hold
        held = matrix.dequantized(stored)
        return RateMap(name, *held, params.network.activations[post], _payload_stairs(matrix))

    return _chains(params, each, (_payload_grid(high[0]), _payload_grid(high[-1])))


def _chains(
    params: Parameters,
    each: Callable[[str, int, Array, Array], RateMap],
    rounded: tuple[Staircase | None, Staircase | None] = (None, None),
) -> tuple[Chain, Chain]:
    sizes, layers = params.network.sizes, range(1, params.network.depth + 1)
    up = tuple(each(f"F_{i}", i, params.F[i - 1], params.b[i - 1]) for i in layers)
    down = tuple(each(f"G_{i}", i - 1, params.G[i - 1], params.c[i - 1]) for i in reversed(layers))
    return (
        Chain("image_in", sizes[0], "top_out", up, rounded[0]),
        Chain("top_in", sizes[-1], "image_out", down, rounded[1]),
    )


def _payload_stairs(matrix: Matrix) -> Staircase:
    """payload = table[(A + offset) >> shift], so payload ≥ k where A + offset ≥ i · 2^shift, i the first index with k.

    In rates, a current of A is W h + b = A · unit; halfway to the next A
    leaves no doubt to floating point.
    """
    unit = 2.0**-matrix.unit_exponent * matrix.high_pre / widths.PAYLOAD_MAX
    table = curves.payloads(matrix.activation, matrix.high_post)
    index = np.searchsorted(table, np.arange(1, table[-1] + 1))  # higher payloads do not occur
    first = index * 2.0**matrix.shift - matrix.offset
    return Staircase(0.0, matrix.high_post / widths.PAYLOAD_MAX, (first - 0.5) * unit, error=0.0)


def _payload_grid(high: float) -> Staircase:
    """A rate from outside as the nearest payload."""
    step = high / widths.PAYLOAD_MAX
    return Staircase(0.0, step, (np.arange(widths.PAYLOAD_MAX) + 0.5) * step, error=step / 2)
