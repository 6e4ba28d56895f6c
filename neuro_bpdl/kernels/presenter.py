"""Runs `presentation.present` for a network: keeps its tables and states, draws its noise, reads its counters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.kernels import integer, widths
from neuro_bpdl.kernels.events import SATURATIONS
from neuro_bpdl.kernels.fixed_layer import FixedLayer
from neuro_bpdl.kernels.float_layer import BERNOULLI_DRAWS
from neuro_bpdl.kernels.presentation import Noise, Plan, State, present
from neuro_bpdl.kernels.quantize import Scheme
from neuro_bpdl.kernels.rounding import SharedDraws
from neuro_bpdl.kernels.schedule import Phase, Program, training_program
from neuro_bpdl.streams import Presentations, Stream

Array = NDArray[Any]


def cycles_of(program: Program) -> int:
    """N of a fixed-point `training_program`; 0 of any other, which cannot be presented in one call."""
    cycles = sum(step.phase is Phase.REFLECT for step in program.steps)
    return cycles if program == training_program(program.depth, cycles, rest=widths.CARRY_STEPS) else 0


class Presenter:
    """Whole presentations of one replica in one compiled call each.

    Parameters
    ----------
    layers : list of FixedLayer
        They hold the state after a presentation.
    program : Program
        For which `cycles_of` is positive.
    shared : SharedDraws or None
        None: a draw per synapse.
    """

    def __init__(
        self, layers: Sequence[FixedLayer], scheme: Scheme, program: Program, seed: int, shared: SharedDraws | None
    ) -> None:
        self._layers, self._seed, self._shared = layers, seed, shared
        self._cycles, self._period = cycles_of(program), len(program)
        self._plan = _plan(layers, scheme)
        units, count = int(self._plan.edges[-1]), len(layers)
        soma, basal, apical, noisy, below, above = (np.zeros(units, np.int32) for _ in range(6))
        self._state = State(
            soma, basal, apical, noisy, below, above,
            messages=np.zeros((count, 4), np.int64),
            clipped=np.zeros((count, len(SATURATIONS)), np.int64),
            squares=np.zeros(count, np.int64),
        )
        self._streams = [Presentations(seed, Stream.CORRUPTION, layer.index) for layer in layers]
        bernoulli = layers[-1].plasticity.top_noise == "bernoulli"
        self._normal, self._uniform = np.zeros(units), np.zeros((BERNOULLI_DRAWS, layers[-1].n * bernoulli))

    def present(self, presentation: int, feed: Array, up: Sequence[Array], down: Sequence[Array]) -> None:
        """LOAD to the last REST; the weights are changed in place.

        Parameters
        ----------
        feed : (1, n_0) int32
            Payloads.
        up, down : L matrices each, (2, pre + 1, post) int16
            Weights and tags, all tags at rest.
        """
        time_step = presentation * self._period + self._period - widths.CARRY_STEPS
        noise = self._noise(presentation, time_step)
        present(feed[0], self._cycles, time_step, tuple(up), tuple(down), self._plan, self._state, noise)
        for layer in self._layers:
            self._report(layer, presentation)

    def _noise(self, presentation: int, time_step: int) -> Noise:
        edges, top = self._plan.edges, self._layers[-1].index
        for layer, draws in enumerate(self._streams):
            if layer == top and self._uniform.size:
                draws.at(presentation).random(out=self._uniform)
            else:
                draws.at(presentation).standard_normal(out=self._normal[edges[layer] : edges[layer + 1]])
        shared, trace = np.full(1 + widths.CARRY_STEPS, integer.PER_SYNAPSE, np.int64), 0.0
        if self._shared is not None:
            trace = self._shared.trace(time_step)
            shared[:] = [int(self._shared.weight(time_step + k) * integer.SPAN) for k in range(shared.size)]
        return Noise(self._normal, self._uniform, shared, trace, self._seed, presentation)

    def _report(self, layer: FixedLayer, presentation: int) -> None:
        state, units = self._state, slice(*self._plan.edges[layer.index : layer.index + 2])
        layer.soma, layer.noisy = state.soma[None, units], state.noisy[None, units]
        layer.basal, layer.apical = state.basal[None, units], state.apical[None, units]
        layer.messages += state.messages[layer.index]
        state.messages[layer.index] = 0
        for kind, count in zip(SATURATIONS, state.clipped[layer.index].tolist(), strict=True):
            layer.saturated[kind] += count
        state.clipped[layer.index] = 0
        if not layer.is_top:
            layer.average(layer.mean_of(int(state.squares[layer.index]), layer.n), presentation)


def _plan(layers: Sequence[FixedLayer], scheme: Scheme) -> Plan:
    top = layers[-1]
    spread = [widths.SOMA_MAX / layer.high * layer.plasticity.noise_of(layer.index) for layer in layers]
    return Plan(
        edges=np.cumsum([0, *(layer.n for layer in layers)]),
        maps=_maps(layers, scheme),
        payloads=_payloads(layers),
        slope_shifts=np.stack([layer.slope_shifts for layer in layers]),
        delta=scheme.delta.pair,
        alpha=np.array([step.pair for step in scheme.alpha], np.int64),
        rules=np.array(
            [
                [(rule.mantissa, rule.left_shift, rule.swing_bits) for rule in rules]
                for rules in (scheme.up_literals, scheme.down_literals)
            ],
            np.int64,
        ),
        lowest=np.array([layer.lowest for layer in layers], np.int64),
        spread=np.array(spread, np.float32),
        top_scale=widths.SOMA_MAX / top.high,
    )


def _payloads(layers: Sequence[FixedLayer]) -> Array:
    tables = [layer.payloads for layer in layers]
    longest = max(len(table) for table in tables)
    return np.stack([np.pad(table, (0, longest - len(table)), mode="edge") for table in tables])


def _maps(layers: Sequence[FixedLayer], scheme: Scheme) -> Array:
    table = np.zeros((len(layers), 5), np.int64)
    for layer, matrix in enumerate(scheme.up, start=1):
        table[layer, :2] = matrix.offset, matrix.shift
    for layer, matrix in enumerate(scheme.down):
        table[layer, 2:4] = matrix.offset, matrix.shift
    table[:, 4] = [layer.always_on for layer in layers]
    return table
