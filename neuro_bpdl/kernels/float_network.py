"""The network in floating point."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.kernels.float_layer import FloatLayer
from neuro_bpdl.kernels.network import NetworkKernel
from neuro_bpdl.kernels.schedule import Program
from neuro_bpdl.parameters import Parameters
from neuro_bpdl.spec import InferenceSpec, PlasticitySpec

Array = NDArray[Any]
MIN_EXPONENT, MAX_EXPONENT = -7, 8  # of a literal in Loihi's learning rules


class FloatNetwork(NetworkKernel):
    """`NetworkKernel` in float64 or float32.

    Parameters
    ----------
    params : Parameters
        Where the weights start; not changed.
    batch : int
        Replicas that share the weights; learning averages their updates.
    """

    def __init__(
        self,
        params: Parameters,
        inference: InferenceSpec,
        plasticity: PlasticitySpec,
        program: Program,
        *,
        batch: int = 1,
        seed: int = 0,
        dtype: type = np.float64,
    ) -> None:
        layers = [
            FloatLayer(i, params.network, inference, plasticity, program, batch=batch, seed=seed, dtype=dtype)
            for i in range(params.network.depth + 1)
        ]
        for layer, variance in zip(layers, params.variance, strict=False):
            layer.variance = float(variance)
        super().__init__(layers, _join(params.F, params.b, dtype), _join(params.G, params.c, dtype), program)
        self.plasticity, self.dtype = plasticity, dtype
        depth = params.network.depth
        self.rates = {"up": plasticity.rates_up(depth), "down": plasticity.rates_down(depth)}

    def project(self, weights: Array, payload: Array) -> Array:
        """payload · Wᵀ."""
        return payload @ weights.T

    def learn(self, layer: int, way: str, payload: Array | None, swing: Array | None) -> None:
        """ΔW = rate · V̇ S_preᵀ, averaged over the replicas (Eq 1)."""
        weights = (self.up if way == "up" else self.down)[layer - 1]
        weights += (self.rates[way][layer - 1] / len(swing)) * (swing.T @ payload)  # type: ignore[arg-type,union-attr,operator]

    def rule(self, layer: int, way: str) -> tuple[str, float]:
        """See `NetworkKernel.rule` and `float_rule`."""
        return float_rule(self.rates[way][layer - 1])

    def to_feed(self, rates: Array) -> Array:
        """The same numbers in the kernel's floating type."""
        return np.asarray(rates, dtype=self.dtype)

    def to_rates(self, layer: int, soma: Array) -> Array:
        """A copy in float64."""
        return soma.astype(np.float64)

    def to_parameters(self, like: Parameters) -> Parameters:
        """Copies of weights and biases in float64."""
        (F, b), (G, c) = _split(self.up), _split(self.down)
        return replace(like, F=F, b=b, G=G, c=c, variance=self.variance)


def float_rule(rate: float) -> tuple[str, float]:
    """The S_pre · V̇ rule for Lava's float engine: its text, and the gain from V̇ to y1 and y2.

    Lava sets the trace x1 to payload/2, and a literal is a power of two here;
    what is left of the learning rate goes into the gain.
    """
    exponent = int(np.clip(np.round(np.log2(2 * rate)), MIN_EXPONENT, MAX_EXPONENT))
    return f"2^{exponent}*x0*x1*y1-2^{exponent}*x0*x1*y2", 2 * rate / 2.0**exponent


def _join(weights: list[Array], biases: list[Array], dtype: type) -> list[Array]:
    return [
        np.ascontiguousarray(np.column_stack((w, bias)), dtype=dtype) for w, bias in zip(weights, biases, strict=True)
    ]


def _split(joined: list[Array]) -> tuple[list[Array], list[Array]]:
    return [w[:, :-1].astype(np.float64) for w in joined], [w[:, -1].astype(np.float64) for w in joined]
