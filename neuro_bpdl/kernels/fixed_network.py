"""The network in Loihi's integers."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.kernels import integer, widths
from neuro_bpdl.kernels.events import SATURATIONS
from neuro_bpdl.kernels.fixed_layer import FixedLayer
from neuro_bpdl.kernels.literal import WEIGHT_RULE, Literal
from neuro_bpdl.kernels.matrix import Matrix, highs
from neuro_bpdl.kernels.network import NetworkKernel, Recorder
from neuro_bpdl.kernels.presenter import Presenter, cycles_of
from neuro_bpdl.kernels.quantize import scheme
from neuro_bpdl.kernels.rounding import SharedDraws, decayed
from neuro_bpdl.kernels.schedule import Program
from neuro_bpdl.parameters import Parameters
from neuro_bpdl.spec import InferenceSpec, PlasticitySpec

Array = NDArray[Any]


class FixedNetwork(NetworkKernel):
    """`NetworkKernel` in int16 weights, int32 states and Lava's learning arithmetic.

    With ``rounding="shared"`` and one replica it is bit-equal to stock Lava.
    Learning with more replicas rounds their mean change once, which no chip does.

    Parameters
    ----------
    params : Parameters
        Where the weights start; not changed.
    batch : int
        Replicas that share the weights; learning averages their updates.
    rounding : {"per-synapse", "shared"}

    Attributes
    ----------
    up, down : lists of (2, pre + 1, post) int16
        Weights and tags, presynaptic units first.
    scheme : Scheme
        The integers that stand for weights, settings and learning rates.
    saturated : dict
        Per layer, how often a soma was clipped, or a tag or weight that ends on it.

    Raises
    ------
    InvalidInput
        Anything that has no form in these widths (see `quantize.scheme`).
    """

    layers: list[FixedLayer]  # type: ignore[assignment]

    def __init__(
        self,
        params: Parameters,
        inference: InferenceSpec,
        plasticity: PlasticitySpec,
        program: Program,
        *,
        batch: int = 1,
        seed: int = 0,
        rounding: str = "per-synapse",
    ) -> None:
        self.scheme = scheme(params, inference, plasticity, learns=program.learns)
        layers = [
            FixedLayer(i, params.network, plasticity, program, self.scheme, batch=batch, seed=seed)
            for i in range(params.network.depth + 1)
        ]
        for layer, variance in zip(layers, params.variance, strict=False):
            layer.variance = float(variance)
        up = [m.quantized(w, b) for m, w, b in zip(self.scheme.up, params.F, params.b, strict=True)]
        down = [m.quantized(w, c) for m, w, c in zip(self.scheme.down, params.G, params.c, strict=True)]
        super().__init__(layers, up, down, program)
        self.seed, self.high = seed, highs(params.network, plasticity)
        self._shared = SharedDraws() if rounding == "shared" else None
        self._time_step, self._uncarried = 0, program.learns
        self._cycles = cycles_of(program)
        self._pending = {way: [np.ones(m.shape[1], bool) for m in group] for way, group in (("up", up), ("down", down))}

    @property
    def saturations(self) -> Array:
        """See `NetworkKernel.saturations`."""
        return np.array([[layer.saturated[kind] for kind in SATURATIONS] for layer in self.layers], np.int64)

    def step(self, position: int, presentation: int, feed: Array) -> None:
        """See `NetworkKernel.step`; then what tags hold beyond half a weight unit moves into the weights."""
        self._time_step = presentation * len(self.program) + position + 1
        uncarried, self._uncarried = self._uncarried, False
        super().step(position, presentation, feed)
        if uncarried:
            self._carry()

    def present(self, presentation: int, feed: Array, record: Recorder | None = None) -> None:
        """See `NetworkKernel.present`; one unrecorded replica learns in one compiled call."""
        if record is not None or len(feed) > 1 or self._uncarried or not self._cycles:
            super().present(presentation, feed, record)
        else:
            self._presenter.present(presentation, feed, self.up, self.down)

    @cached_property
    def _presenter(self) -> Presenter:
        return Presenter(self.layers, self.scheme, self.program, self.seed, self._shared)

    def project(self, weights: Array, payload: Array) -> Array:
        """Integer currents; silent units cost nothing."""
        out = np.empty((len(payload), weights.shape[2]), np.int32)
        integer.currents_of_all(weights[0], payload, out)
        return out

    def learn(self, layer: int, way: str, payload: Array | None, swing: Array | None) -> None:
        """Δtag in Lava's accumulator and rounding (Eq 1)."""
        if payload is None or swing is None:
            return
        matrix, literal, post = self._projection(layer, way)
        if self._shared is not None:
            swing = decayed(swing, self._shared.trace(self._time_step))
        rule = (literal.mantissa, literal.left_shift, *self._draws(layer, way))
        if len(payload) == 1:
            lost = integer.learn(matrix, payload[0], swing[0], *rule)
        else:
            lost = integer.learn_averaged(matrix, payload, swing, *rule)
        post.saturated["tags"] += int(lost)
        self._pending[way][layer - 1] |= payload.any(axis=0)
        self._uncarried = True

    def rule(self, layer: int, way: str) -> tuple[str, float]:
        """See `NetworkKernel.rule`: the literal, which is the tag's, holds the whole learning rate."""
        return WEIGHT_RULE, 1.0

    def synapses(self, layer: int, way: str) -> dict[str, Any]:
        """See `NetworkKernel.synapses`."""
        weights, tags = (self.up if way == "up" else self.down)[layer - 1].astype(np.int64)
        if not self.program.learns:
            return {"weights": weights.T, "dw": WEIGHT_RULE, "tags": 0 * tags.T}
        literal = self._projection(layer, way)[1]
        return {"weights": weights.T, "dw": WEIGHT_RULE, "tags": tags.T, "dt": literal.tag_rule}

    def _carry(self) -> None:
        for layer in range(1, len(self.layers)):
            for way in ("up", "down"):
                matrix, _, post = self._projection(layer, way)
                left, lost = integer.carry(matrix, self._pending[way][layer - 1], *self._draws(layer, way))
                post.saturated["weights"] += lost
                self._uncarried |= left

    def _projection(self, layer: int, way: str) -> tuple[Array, Literal, FixedLayer]:
        if way == "up":
            return self.up[layer - 1], self.scheme.up_literals[layer - 1], self.layers[layer]
        return self.down[layer - 1], self.scheme.down_literals[layer - 1], self.layers[layer - 1]

    def _draws(self, layer: int, way: str) -> tuple[int, int, int, int]:
        """What selects a matrix's draws at this time step: one for all, seed, number, time step."""
        draw = integer.PER_SYNAPSE
        if self._shared is not None:
            draw = int(self._shared.weight(self._time_step) * integer.SPAN)
        return draw, self.seed, 2 * layer - (way == "up"), self._time_step

    def to_feed(self, rates: Array) -> Array:
        """Payloads; a rate −1 − v (missing) becomes −1 − payload."""
        missing = rates < 0
        known = np.where(missing, -1 - rates, rates) * (widths.PAYLOAD_MAX / self.high[self.program.feed])
        payload = np.clip(np.rint(known), 0, widths.PAYLOAD_MAX).astype(np.int32)
        return np.where(missing, -1 - payload, payload)

    def to_rates(self, layer: int, soma: Array) -> Array:
        """A soma state as rates in float64."""
        return soma * (self.high[layer] / widths.SOMA_MAX)

    def to_parameters(self, like: Parameters) -> Parameters:
        """Floats that quantise back to the same integers."""
        (F, b), (G, c) = _floats(self.scheme.up, self.up), _floats(self.scheme.down, self.down)
        return replace(like, F=F, b=b, G=G, c=c, variance=self.variance)


def _floats(matrices: tuple[Matrix, ...], weights: list[Array]) -> tuple[list[Array], list[Array]]:
    pairs = [matrix.dequantized(w) for matrix, w in zip(matrices, weights, strict=True)]
    return [w for w, _ in pairs], [bias for _, bias in pairs]
