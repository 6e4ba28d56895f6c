"""The network in Loihi's integers."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.description.program import Program
from neuro_bpdl.description.projections import Way
from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.kernels.events import SATURATIONS
from neuro_bpdl.kernels.fixed import carry as carrying
from neuro_bpdl.kernels.fixed import currents, learning, pairs, spiking
from neuro_bpdl.kernels.fixed.layer import FixedLayer
from neuro_bpdl.kernels.fixed.matrix import Matrix, highs
from neuro_bpdl.kernels.fixed.presenter import Presenter
from neuro_bpdl.kernels.fixed.quantize import scheme
from neuro_bpdl.kernels.fixed.rounding import SharedDraws, decayed, matrix_number
from neuro_bpdl.kernels.layer import CLEARING
from neuro_bpdl.kernels.network import NetworkKernel, Recorder
from neuro_bpdl.kernels.state import State
from neuro_bpdl.numbers import widths
from neuro_bpdl.numbers.literal import WEIGHT_RULE
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
    threads : int
        Between which replicas are shared; no number depends on it.

    Attributes
    ----------
    weights : list of (2, pre + 1, post) int16
        Weights and tags, presynaptic units first.
    scheme : Scheme
        The integers that stand for weights, settings and learning rates.

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
        threads: int = 1,
    ) -> None:
        self.scheme = scheme(params, inference, plasticity, learns=program.learns, code=program.code)
        if program.code.spikes and program.description.labels is not None:
            raise InvalidInput("code", program.code.kind, "graded in a network with labels: their teacher speaks in V̇, "
                               "which has no train", "use --code graded")  # fmt: skip
        if program.code.spikes and program.learns and batch > 1:
            raise InvalidInput("batch", batch, "1 where synapses learn from spikes", "learn one image at a time")
        state = State(program.description, batch, np.int32)
        layers = [
            FixedLayer(i, params.network, plasticity, program, self.scheme, state, seed=seed)
            for i in range(len(program.description.populations))
        ]
        first = params.network.pairs
        state.variance[first : first + params.network.depth] = params.variance
        floats = zip((*params.F, *params.G), (*params.b, *params.c), strict=True)
        matrices = [m.quantized(w, b) for m, (w, b) in zip(self.scheme.matrices, floats, strict=True)]
        if program.code.spikes:  # a tag on the threshold would be carried between two spikes of one message
            for matrix in matrices:
                np.maximum(matrix[1], 1 - widths.CARRY_THRESHOLD, out=matrix[1])
        super().__init__(layers, matrices, program, state)
        self.seed, self.threads, self.high = seed, threads, highs(params.network, plasticity)
        self.shared = SharedDraws() if rounding == "shared" else None
        self._time_step = 0
        units = np.cumsum([0, *(matrix.shape[1] for matrix in matrices)])
        self.pending = np.full(units[-1], program.learns)  # a start may hold tags on the threshold
        self._pending = [self.pending[a:b] for a, b in pairwise(units)]
        paired = matrices if program.learns and program.code.paired else ()
        self._traces = [pairs.Traces.of(*matrix.shape[1:]) for matrix in paired]
        self._met: dict[int, tuple[Array, Array]] = {}  # the spikes of a time step, of every connection that has some

    def adopt(self, weights: list[Array], variance: Array) -> None:
        """See `NetworkKernel.adopt`."""
        super().adopt(weights, variance)
        self.__dict__.pop("_presenter", None)  # it may hold the weights in floats besides

    @property
    def saturations(self) -> Array:
        """See `NetworkKernel.saturations`."""
        return np.array([[layer.saturated[kind] for kind in SATURATIONS] for layer in self.layers], np.int64)

    def step(self, position: int, presentation: int, feed: Array, record: Recorder | None = None) -> None:
        """See `NetworkKernel.step`."""
        self._time_step = presentation * len(self.program) + position + 1
        super().step(position, presentation, feed, record)
        if self._traces:
            self._pair_up()

    def present(self, presentation: int, feed: Array, record: Recorder | None = None) -> None:
        """See `NetworkKernel.present`: the rows of the program in one compiled call, with the numbers of `step`.

        Pairs of spikes whose traces Lava's shared draws round are followed step by step.
        """
        if self._traces and self.shared is not None:
            super().present(presentation, feed, record)
        else:
            self._presenter.present(presentation, feed, record)

    @cached_property
    def _presenter(self) -> Presenter:
        return Presenter(self)

    def project(self, projection: int, payload: Array) -> Array:
        """Integer currents; silent units cost nothing."""
        weights = self.weights[projection]
        out = np.empty((len(payload), weights.shape[2]), np.int32)
        currents.currents_of_all(weights[0], payload, out)
        if self._traces:
            self._met[projection] = payload[0], np.zeros(weights.shape[2], np.int32)
        return out

    def learn(self, projection: int, payload: Array, swing: Array) -> None:
        """Δtag in Lava's accumulator and rounding (Eq 1)."""
        matrix, literal = self.weights[projection], self.scheme.literals[projection]
        self._pending[projection][...] |= (payload > CLEARING if self.program.once else payload).any(axis=0)
        if self.program.code.paired:
            self._met[projection] = payload[0], swing[0]
            return
        if self.shared is not None:
            draw = self.shared.trace(self._time_step)
            for _ in range(self.epoch):  # from its start to its end, with one draw
                swing = decayed(swing, draw)
        rule = (literal.mantissa, literal.left_shift, *self._draws(projection))
        if self.program.code.spikes:
            draw, *selector = self._draws(projection)
            lost = spiking.learn_from_spikes(
                matrix, payload[0], swing[0].astype(np.int32), rule[:2], draw, tuple(selector)
            )
        elif len(payload) == 1:
            lost = learning.learn(matrix, payload[0], swing[0], *rule)
        else:
            lost = learning.learn_averaged(matrix, payload, swing, *rule)
        self._target(projection).saturated["tags"] += int(lost)

    @property
    def epoch(self) -> int:
        """Time steps between two applications of the learning rules."""
        return len(self.program) if self.program.once else 1

    def _pair_up(self) -> None:
        """Traces and pair rule of every connection at this time step, after the carry as all rules see it."""
        draws = None if self.shared is None else (
            self.shared.pre_trace(self._time_step), self.shared.trace(self._time_step)
        )
        for i, traces in enumerate(self._traces):
            pre, post = self._met.pop(i, (np.zeros_like(traces.x), np.zeros_like(traces.y)))
            traces.advance(pre, post, draws)
            literal, (draw, *selector) = self.scheme.literals[i], self._draws(i)
            rule = literal.mantissa, literal.left_shift
            lost = pairs.learn_at(self.weights[i], traces, pre, post, rule, draw, tuple(selector))
            self._target(i).saturated["tags"] += lost
            self._pending[i][...] |= (traces.x > 0) & post.any()

    def carry(self, projection: int) -> None:
        """See `NetworkKernel.carry`: what tags hold beyond half a weight unit."""
        _, lost = carrying.carry(self.weights[projection], self._pending[projection], *self._draws(projection))
        self._target(projection).saturated["weights"] += int(lost)

    def _target(self, projection: int) -> FixedLayer:
        return self.layers[self.projections[projection].target]

    def _draws(self, projection: int) -> tuple[int, int, int, int]:
        """What selects a matrix's draws at this time step: one for all, seed, number, time step."""
        draw = learning.PER_SYNAPSE
        if self.shared is not None:
            draw = int(self.shared.weight(self._time_step // self.epoch) * learning.SPAN)
        described = self.projections[projection]
        return draw, self.seed, matrix_number(described.pair, described.way is Way.DOWN), self._time_step

    def rule(self, projection: int) -> tuple[str, float]:
        """See `NetworkKernel.rule`: the literal, which is the tag's, holds the whole learning rate."""
        return WEIGHT_RULE, 1.0

    def synapses(self, projection: int) -> dict[str, Any]:
        """See `NetworkKernel.synapses`."""
        weights, tags = self.weights[projection].astype(np.int64)
        signed = self.layers[self.projections[projection].source].lowest < 0
        sent: dict[str, Any] = {"spikes": "signed" if signed else "binary"} if self.program.code.spikes else {}
        if self.program.code.paired:
            sent["factors"] = self.program.code.factors
        if self.program.code.changes:
            sent["message_bits"] = widths.CHANGE_BITS
        if not self.program.learns:
            return {"weights": weights.T, "dw": WEIGHT_RULE, "tags": 0 * tags.T, **sent}
        literal = self.scheme.literals[projection]
        return {"weights": weights.T, "dw": WEIGHT_RULE, "tags": tags.T, "dt": literal.tag_rule, "epoch": self.epoch,
                **sent}  # fmt: skip

    def to_feed(self, rates: Array, columns: slice = slice(None)) -> Array:
        """Payloads; a rate −1 − v (missing) becomes −1 − payload."""
        missing = rates < 0
        known = np.where(missing, -1 - rates, rates) * self._feed_scale[columns]
        payload = np.clip(np.rint(known), 0, widths.PAYLOAD_MAX).astype(np.int32)
        return np.where(missing, -1 - payload, payload)

    @cached_property
    def _feed_scale(self) -> Array:
        """Payloads for an activity of 1, one for each column of the feed."""
        sizes = self.program.description.sizes
        return np.concatenate([np.full(sizes[fed], widths.PAYLOAD_MAX / self.high[fed]) for fed in self.program.feeds])

    def to_rates(self, layer: int, soma: Array) -> Array:
        """A soma state as rates in float64, or as net inputs where it is those that are read."""
        if layer == self.program.read:
            branch = self.program.description.into(layer, Way.UP)[0]
            return soma * self.scheme.matrices[branch].net_unit
        return soma * (self.high[layer] / widths.SOMA_MAX)

    def to_parameters(self, like: Parameters) -> Parameters:
        """Floats that quantise back to the same integers."""
        (F, b), (G, c) = _floats(self.scheme.up, self.up), _floats(self.scheme.down, self.down)
        return replace(like, F=F, b=b, G=G, c=c, variance=self.variance)


def _floats(matrices: tuple[Matrix, ...], weights: list[Array]) -> tuple[list[Array], list[Array]]:
    pairs = [matrix.dequantized(w) for matrix, w in zip(matrices, weights, strict=True)]
    return [w for w, _ in pairs], [bias for _, bias in pairs]
