"""From float parameters and settings to the integers of the fixed-point network."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.description.network import describe
from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.kernels.fixed.matrix import Matrix, Ranges, learning_matrices, slopes
from neuro_bpdl.kernels.fixed.trains import Trains
from neuro_bpdl.numbers import widths
from neuro_bpdl.numbers.literal import Literal
from neuro_bpdl.numbers.steps import Step, check_soma_width, quantized_step
from neuro_bpdl.parameters import Parameters
from neuro_bpdl.spec import GRADED, Code, InferenceSpec, NetworkSpec, PlasticitySpec

Array = NDArray[Any]
STILL = Step(0, 0)


@dataclass(frozen=True)
class Scheme:
    """Everything that turns a network into integers.

    Attributes
    ----------
    up, down : tuples of Matrix
        F_l and G_l, l = 1…L; behind them the pair of a label child.
    delta : Step
    alpha : tuple of Step
        One per layer, l = 1…L; 0 at the top.
    up_literals, down_literals : tuples of Literal
        Empty for a network that does not learn.
    trains : tuple of Trains, one per layer, or None
        Where messages are spikes.
    weight : Step
        λ of a label child; 0 where there is none.
    """

    up: tuple[Matrix, ...]
    down: tuple[Matrix, ...]
    delta: Step
    alpha: tuple[Step, ...]
    up_literals: tuple[Literal, ...] = ()
    down_literals: tuple[Literal, ...] = ()
    trains: tuple[Trains, ...] | None = None
    weight: Step = STILL

    @property
    def matrices(self) -> tuple[Matrix, ...]:
        """In the order of a description's projections: F_1 …, then G_1 …"""
        return (*self.up, *self.down)

    @property
    def literals(self) -> tuple[Literal, ...]:
        """In the same order."""
        return (*self.up_literals, *self.down_literals)


def scheme(
    params: Parameters, inference: InferenceSpec, plasticity: PlasticitySpec, *, learns: bool, code: Code = GRADED
) -> Scheme:
    """The integers for ``params`` and settings.

    A matrix that learns has the unit of its fan-in, so that a run and its
    continuation have the same. One that does not takes a coarser unit when its
    weights need it.

    Raises
    ------
    InvalidInput
        An activation without a hardware form; a weight, a learning rate, δ, α
        or λ that does not fit.
    """
    depth, ranges = params.network.depth, Ranges.of(params.network, plasticity, code)
    child = params.network.child
    weight = quantized_step("labels.weight", 0.0 if child is None else child.weight)
    check_soma_width(inference.delta, max(*inference.alphas(depth), weight.value))
    projections, pairs = describe(params.network).projections, params.network.pairs
    floats = zip(projections, (*params.F, *params.G), (*params.b, *params.c), strict=True)
    matrices = tuple(_matrix(p.name, p.source, p.target, ranges, w, bias, learns=learns) for p, w, bias in floats)
    up, down = matrices[:pairs], matrices[pairs:]
    delta = quantized_step("inference.delta", inference.delta)
    alpha = tuple(quantized_step("inference.alpha", value) for value in inference.alphas(depth))
    if not learns:
        return Scheme(up, down, delta, alpha, trains=ranges.trains, weight=weight)
    rates = zip((*up, *down), (*plasticity.rates_up(depth), *plasticity.rates_down(depth)), strict=True)
    steepest = slopes(params.network, plasticity)
    literals = tuple(matrix.literal(rate, slope) for (matrix, rate), slope in zip(rates, steepest, strict=True))
    return Scheme(up, down, delta, alpha, literals[:depth], literals[depth:], ranges.trains)


def saturate(params: Parameters, plasticity: PlasticitySpec, code: Code = GRADED) -> None:
    """Clip weights and biases to what the matrices of a learning network hold. In place."""
    up, down = learning_matrices(params.network, plasticity, code)
    for matrices, weights, biases in ((up, params.F, params.b), (down, params.G, params.c)):
        for matrix, weight, bias in zip(matrices, weights, biases, strict=True):
            for array, limit in ((weight, matrix.limit), (bias, widths.WEIGHT_MAX * matrix.bias_unit)):
                np.clip(array, -limit, limit, out=array)


def reachable(network: NetworkSpec, plasticity: PlasticitySpec, code: Code = GRADED) -> PlasticitySpec:
    """The same with the smallest learning rate that a literal gives wherever one is smaller than that."""
    if network.labels is not None and network.generates:  # two rules
        lessons, depth = reachable(network.taught, plasticity.teaching, code), network.depth
        rates = np.maximum(lessons.rates_up(depth), lessons.rates_down(depth))
        seen = reachable(network.images, plasticity, code)
        return seen.model_copy(update={"teaching_rate": tuple(rates.tolist())})
    matrices, depth = [*itertools.chain(*learning_matrices(network, plasticity, code))], network.depth
    smallest = [one.smallest_rate(slope) for one, slope in zip(matrices, slopes(network, plasticity), strict=True)]
    up, down = smallest[:depth], smallest[depth:]
    return plasticity.model_copy(update={
        "feedforward_rate": tuple(np.maximum(plasticity.rates_up(depth), up).tolist()),
        "learning_rate": tuple(np.maximum(plasticity.rates_down(depth), down).tolist()),
    })  # fmt: skip


def _matrix(
    name: str, pre: int, post: int, ranges: Ranges, weights: Array, bias: Array, *, learns: bool
) -> Matrix:
    finest = ranges.unit_exponent(pre, post)
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
