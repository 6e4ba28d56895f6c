"""The network in floating point."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.description.program import Program
from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.kernels.float import synapses
from neuro_bpdl.kernels.float.layer import FloatLayer
from neuro_bpdl.kernels.float.presenter import Presenter
from neuro_bpdl.kernels.network import NetworkKernel, Recorder
from neuro_bpdl.kernels.state import State
from neuro_bpdl.parameters import Parameters
from neuro_bpdl.spec import InferenceSpec, PlasticitySpec

Array = NDArray[Any]
MIN_EXPONENT, MAX_EXPONENT = -7, 8  # of a literal in Loihi's learning rules


class FloatNetwork(NetworkKernel):
    """`NetworkKernel` in float64 or float32; matrices are (pre + 1) × post.

    One replica whose activations are straight pieces is presented in one compiled call; the products of more are
    BLAS's, and step in Python, as do sigmoid, softplus and tanh.

    Parameters
    ----------
    params : Parameters
        Where the weights start; not changed.
    batch : int
        Replicas that share the weights; learning averages their updates.
    """

    layers: list[FloatLayer]  # type: ignore[assignment]

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
        if program.code.spikes:
            raise InvalidInput("code", program.code.kind, "graded in float: spikes are counted in integers",
                               "use --arithmetic fixed")  # fmt: skip
        depth, pairs = params.network.depth, params.network.pairs
        state = State(program.description, batch, dtype)
        layers = [
            FloatLayer(i, program, state, inference, plasticity, seed=seed)
            for i in range(len(program.description.populations))
        ]
        weights = [*_join(params.F, params.b, dtype), *_join(params.G, params.c, dtype)]
        super().__init__(layers, weights, program, state)
        state.variance[pairs : pairs + depth] = params.variance
        self.dtype, self.seed = dtype, seed
        self.rates = (*plasticity.rates_up(pairs), *plasticity.rates_down(pairs))
        self._alone = batch == 1 and all(layer.transfer.pieces is not None for layer in layers)  # straight ones

    def present(self, presentation: int, feed: Array, record: Recorder | None = None) -> None:
        """See `NetworkKernel.present`: one replica in one compiled call, with the numbers of `step`."""
        if self._alone:
            self._presenter.present(presentation, feed, record)
        else:
            super().present(presentation, feed, record)

    @cached_property
    def _presenter(self) -> Presenter:
        return Presenter(self)

    def project(self, projection: int, payload: Array) -> Array:
        """payload · W."""
        weights = self.weights[projection]
        if not self._alone:
            return payload @ weights
        out: Array = np.empty((1, weights.shape[1]), self.dtype)
        synapses.currents(weights, payload[0, :-1], float(payload[0, -1]), out[0])
        return out

    def learn(self, projection: int, payload: Array, swing: Array) -> None:
        """ΔW = rate · S_pre V̇ᵀ, averaged over the replicas (Eq 1)."""
        weights, rate = self.weights[projection], self.rates[projection]
        if self._alone:
            synapses.learn(weights, payload[0, :-1], float(payload[0, -1]), swing[0], self.dtype(rate))
        else:
            weights += (rate / len(swing)) * (payload.T @ swing)

    def synapses(self, projection: int) -> dict[str, Any]:
        """See `NetworkKernel.synapses`."""
        return {"weights": self.weights[projection].T.copy(), "dw": self.rule(projection)[0]}

    def rule(self, projection: int) -> tuple[str, float]:
        """See `NetworkKernel.rule` and `float_rule`."""
        return float_rule(self.rates[projection])

    def to_feed(self, rates: Array, columns: slice = slice(None)) -> Array:
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
        np.ascontiguousarray(np.vstack((w.T, bias)), dtype=dtype) for w, bias in zip(weights, biases, strict=True)
    ]


def _split(joined: list[Array]) -> tuple[list[Array], list[Array]]:
    whole = [np.ascontiguousarray(w[:-1].T, np.float64) for w in joined]
    return whole, [w[-1].astype(np.float64) for w in joined]
