"""From float parameters and settings to the integers of the fixed-point network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.kernels import widths
from neuro_bpdl.kernels.literal import Literal
from neuro_bpdl.kernels.matrix import Matrix, Ranges, learning_matrices, learning_unit_exponent
from neuro_bpdl.kernels.steps import Step, check_soma_width, quantized_step
from neuro_bpdl.parameters import Parameters
from neuro_bpdl.spec import InferenceSpec, NetworkSpec, PlasticitySpec

Array = NDArray[Any]


@dataclass(frozen=True)
class Scheme:
    """Everything that turns a network into integers.

    Attributes
    ----------
    up, down : tuples of Matrix
        F_l and G_l, l = 1…L.
    delta : Step
    alpha : tuple of Step
        One per layer, l = 1…L; 0 at the top.
    up_literals, down_literals : tuples of Literal
        Empty for a network that does not learn.
    """

    up: tuple[Matrix, ...]
    down: tuple[Matrix, ...]
    delta: Step
    alpha: tuple[Step, ...]
    up_literals: tuple[Literal, ...] = ()
    down_literals: tuple[Literal, ...] = ()


def scheme(params: Parameters, inference: InferenceSpec, plasticity: PlasticitySpec, *, learns: bool) -> Scheme:
    """The integers for ``params`` and settings.

    A matrix that learns has the unit of its fan-in, so that a run and its
    continuation have the same. One that does not takes a coarser unit when its
    weights need it.

    Raises
    ------
    InvalidInput
        An activation without a hardware form; a weight, a learning rate, δ or
        α that does not fit.
    """
    check_soma_width(inference.delta, max(inference.alphas(params.network.depth)))
    depth, ranges = params.network.depth, Ranges.of(params.network, plasticity)
    up = tuple(_matrix(f"F_{i + 1}", i, i + 1, ranges, params.F[i], params.b[i], learns=learns) for i in range(depth))
    down = tuple(_matrix(f"G_{i + 1}", i + 1, i, ranges, params.G[i], params.c[i], learns=learns) for i in range(depth))
    delta = quantized_step("inference.delta", inference.delta)
    alpha = tuple(quantized_step("inference.alpha", value) for value in inference.alphas(depth))
    if not learns:
        return Scheme(up, down, delta, alpha)
    rates = zip((*up, *down), (*plasticity.rates_up(depth), *plasticity.rates_down(depth)), strict=True)
    literals = tuple(matrix.literal(rate, derivative=plasticity.derivative) for matrix, rate in rates)
    return Scheme(up, down, delta, alpha, literals[:depth], literals[depth:])


def saturate(params: Parameters, plasticity: PlasticitySpec) -> None:
    """Clip weights and biases to what the matrices of a learning network hold. In place."""
    up, down = learning_matrices(params.network, plasticity)
    for matrices, weights, biases in ((up, params.F, params.b), (down, params.G, params.c)):
        for matrix, weight, bias in zip(matrices, weights, biases, strict=True):
            for array, limit in ((weight, matrix.limit), (bias, widths.WEIGHT_MAX * matrix.bias_unit)):
                np.clip(array, -limit, limit, out=array)


def reachable(network: NetworkSpec, plasticity: PlasticitySpec) -> PlasticitySpec:
    """The same with the smallest learning rate that a literal gives wherever one is smaller than that."""
    up, down = (
        [matrix.smallest_rate(derivative=plasticity.derivative) for matrix in matrices]
        for matrices in learning_matrices(network, plasticity)
    )
    depth = network.depth
    return plasticity.model_copy(update={
        "feedforward_rate": tuple(np.maximum(plasticity.rates_up(depth), up).tolist()),
        "learning_rate": tuple(np.maximum(plasticity.rates_down(depth), down).tolist()),
    })  # fmt: skip


def _matrix(
    name: str, pre: int, post: int, ranges: Ranges, weights: Array, bias: Array, *, learns: bool
) -> Matrix:
    finest = learning_unit_exponent(ranges.network.sizes[pre], ranges.highs[pre])
    coarsest = max(0, -ranges.extra_shift(pre, post))
    candidates = [Matrix.between(name, u, pre, post, ranges) for u in range(finest, coarsest - 1, -1)]
    for matrix in candidates[:1] if learns else candidates:
        if matrix.fits(weights, bias):
            return matrix
    largest, held = float(max(np.abs(weights).max(), np.abs(bias).max())), candidates[0 if learns else -1]
    raise InvalidInput(
        f"weights of {name} (layer {post})", f"{largest:.4g}",
        f"at most {held.limit:.4g} (8 bits of 2^-{held.unit_exponent}) in fixed point",
        f"scale them by {held.limit / largest:.3g} or use --arithmetic float",
    )
