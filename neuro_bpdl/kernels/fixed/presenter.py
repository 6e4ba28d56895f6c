"""Runs `compiled.present` for a network: makes its plan, draws its noise, reads its counters."""

from __future__ import annotations

import math
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any
from weakref import proxy

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import ThreadpoolController

from neuro_bpdl.description import operations
from neuro_bpdl.description.projections import Projection, Way
from neuro_bpdl.kernels.corruption import Corruption
from neuro_bpdl.kernels.events import SATURATIONS
from neuro_bpdl.kernels.fixed import learning
from neuro_bpdl.kernels.fixed.compiled import present
from neuro_bpdl.kernels.fixed.currents import exact_block
from neuro_bpdl.kernels.fixed.plan import Draws, Live, Plan
from neuro_bpdl.kernels.fixed.rounding import matrix_number, swing_number
from neuro_bpdl.kernels.fixed.shares import Job, add_up, run, shared
from neuro_bpdl.kernels.network import Recorder
from neuro_bpdl.numbers import widths

if TYPE_CHECKING:
    from neuro_bpdl.kernels.fixed.network import FixedNetwork

Array = NDArray[Any]
DENSE_BATCH = 8  # from so many replicas on products in float32 are faster than integers without silent units
SMALL_PRODUCT = 10**6  # OpenBLAS multiplies matrices with so few products without copying them first ...
WORTH_IT = 120  # ... which pays from so many rows on


class Presenter:
    """Whole presentations of a network in one compiled call each.

    Parameters
    ----------
    network : FixedNetwork
        Its weights, states and counters are worked on where they are.
    """

    def __init__(self, network: FixedNetwork) -> None:
        # The network owns this: were each to hold the other, both would stay until Python looks for rings.
        self._network, state, program = proxy(network), network.state, network.program
        self._plan, wide = _plan(network), _wide(network)
        rows = state.batch * (1 + max(program.description.sizes)) if wide.size else 0
        scratch = np.zeros((2, rows), np.float32)
        self._live = Live(
            network.memory, network.pending, wide, scratch[0], scratch[1],
            state.soma, state.noisy, state.held, state.current,
            drive=np.zeros_like(state.soma),
            missing=np.zeros(state.soma.size, bool),
            messages=state.messages,
            clipped=np.zeros((len(network.layers), len(SATURATIONS)), np.int64),
            squares=np.zeros(len(network.weights), np.int64),
            records=np.zeros((len(program.records), state.soma.size), np.int32),
            last=np.zeros((2, state.batch * network.pending.size if program.code.changes else 0), np.int32),
            summed=np.zeros((2, state.current.size if program.code.changes else 0), np.int32),
        )  # fmt: skip
        self._turns = shared(self._plan, self._live, state.batch, network.threads)
        none = np.zeros((0, 0), np.int32)
        self._silent = [[job._replace(live=job.live._replace(records=none)) for job in turn] for turn in self._turns]
        self._blas = ThreadpoolController() if wide.size else None
        self._corruption = Corruption(network.layers, state, network.seed)
        table = [(at, row) for at, step in enumerate(operations.operations(program)) for row in step]
        self._learn_steps = sorted({at for at, row in table if row.op is operations.Op.LEARN})
        self._averaged = operations.swinging(program, Way.DOWN)
        # What synapses that draw for themselves are told of every time step.
        self._own = np.full(len(program), learning.PER_SYNAPSE, np.int64), np.full(len(program), -1.0)

    def present(self, presentation: int, feed: Array, record: Recorder | None) -> None:
        """From the first row to the last; the network's weights and states are changed in place.

        Parameters
        ----------
        feed : (batch, feed size) int32
            Payloads.
        """
        feed, draws = np.ascontiguousarray(feed, np.int32), self._draws(presentation)

        def work(job: Job) -> None:
            present(feed[job.feed], job.plan, job.live, draws)

        with self._blas.limit(limits=1, user_api="blas") if self._blas else nullcontext():
            run(self._silent if record is None else self._turns, work)
        add_up(self._turns)
        self._report(presentation)
        if record is not None:
            state, layers = self._network.state, range(len(self._network.layers))
            for k, somas in enumerate(self._live.records):
                record(k, [state.of_population(somas, layer) for layer in layers])

    def _draws(self, presentation: int) -> Draws:
        network, period = self._network, len(self._network.program)
        shared, trace = self._own
        self._corruption.draw(presentation)
        if network.shared is not None and network.program.learns:
            shared, trace, first = shared.copy(), trace.copy(), presentation * period + 1
            numbers = range(first, first + period) if network.epoch == 1 else [presentation + 1] * period
            shared[:] = [int(network.shared.weight(number) * learning.SPAN) for number in numbers]
            for step in self._learn_steps:
                trace[step] = network.shared.trace(first + step)
        image = network.first_image + presentation * network.state.batch
        noise = self._corruption
        return Draws(noise.normal, noise.uniform, shared, trace, network.seed, presentation, image)

    def _report(self, presentation: int) -> None:
        """Hand what was counted to the layers, and squared residuals to the variances."""
        clipped = self._live.clipped
        if clipped.any():
            for layer, counts in zip(self._network.layers, clipped.tolist(), strict=True):
                for kind, count in zip(SATURATIONS, counts, strict=True):
                    layer.saturated[kind] += count
            clipped[:] = 0
        for branch in self._averaged:
            layer = self._network.layers[self._network.projections[branch].target]
            layer.average(branch, layer.mean_of(int(self._live.squares[branch]), layer.soma.size), presentation)


def _wide(network: FixedNetwork) -> Array:
    """The weights in float32 where several replicas use them."""
    if network.state.batch < DENSE_BATCH:
        return np.zeros(0, np.float32)
    return np.concatenate([matrix[0].ravel() for matrix in network.weights]).astype(np.float32)


def _plan(network: FixedNetwork) -> Plan:
    layers, tables = network.layers, [layer.payloads for layer in network.layers]
    longest = max(len(table) for table in tables)
    starts = np.cumsum([0, *(matrix.size for matrix in network.weights)])
    units = np.cumsum([0, *(matrix.shape[1] for matrix in network.weights)])
    scales = [widths.SOMA_MAX / layer.high for layer in layers]
    noise = [layer.plasticity.noise_of(layer.index) for layer in layers]
    return Plan(
        rows=operations.compiled(network.program),
        projections=np.array(
            [
                [*_shape(network, i, projection), starts[i], *_arithmetic(network, i, projection), units[i],
                 _block(network, i, projection)]
                for i, projection in enumerate(network.projections)
            ],
            np.int64,
        ),
        populations=np.array([_population(network, layer.index) for layer in layers], np.int64),
        payloads=np.stack([np.pad(table, (0, longest - len(table)), mode="edge") for table in tables]),
        slope_shifts=np.stack([layer.slope_shifts for layer in layers]),
        spread=np.array([scale * one for scale, one in zip(scales, noise, strict=True)], np.float32),
        scale=np.array(scales),
        edges=_blocks(network.state.edges),
        branches=_blocks(network.state.branches),
        trains=_trains(network),
        window=network.program.code.window if network.scheme.trains is not None else 0,
        stochastic=int(network.program.code.kind == "stochastic"),
        paired=int(network.program.code.paired),
        once=int(network.program.once),
        changes=int(network.program.code.changes),
        first=0,
        part=0,
        parts=1,
    )


def _blocks(edges: Array) -> Array:
    """Where blocks begin and end, (…, 2)."""
    return np.stack((edges[:-1], edges[1:]), axis=1).astype(np.int64)


def _block(network: FixedNetwork, i: int, projection: Projection) -> int:
    """Column BLOCK: how many presynaptic units one product of `currents.dense_currents` has."""
    code, source, (_, pre, post) = network.program.code, network.layers[projection.source], network.weights[i].shape
    largest = max(widths.PAYLOAD_MAX * (2 if code.changes else 1), code.window)  # noise can have a sign
    exact = exact_block(pre, largest, max(source.loud, code.window))
    few = SMALL_PRODUCT // (math.ceil(network.state.batch / network.threads) * post)
    return min(exact, few) if few >= WORTH_IT else exact


def _trains(network: FixedNetwork) -> Array:
    """The rows of `Plan.trains`."""
    rows = [
        [one.state.mantissa, one.noisy.mantissa, one.state.shift, one.loud, one.loud_noisy, one.quiet]
        for one in network.scheme.trains or ()
    ]
    return np.array(rows, np.int64).reshape(-1, 6)


def _shape(network: FixedNetwork, i: int, projection: Projection) -> list[int]:
    """Columns SOURCE to POST."""
    _, pre, post = network.weights[i].shape
    return [projection.source, projection.target, projection.way is Way.DOWN, pre, post]


def _arithmetic(network: FixedNetwork, i: int, projection: Projection) -> list[int]:
    """Columns OFFSET to BRANCH."""
    held, down, matrix = network.scheme, projection.way is Way.DOWN, network.scheme.matrices[i]
    pulled = down and 0 < projection.target <= len(held.alpha)  # a label child is clamped
    alpha = held.alpha[projection.target - 1].pair if pulled else (0, 0)
    literal = held.literals[i] if network.program.learns else None
    rule = [literal.mantissa, literal.left_shift, literal.swing_bits] if literal is not None else [0, 0, 0]
    numbers = [matrix_number(projection.pair, down), swing_number(projection.pair, down)]
    step = network.layers[projection.target].steps[i]
    return [matrix.offset, matrix.shift, *step, *alpha, *rule, *numbers, network.program.description.partner(i)]


def _population(network: FixedNetwork, index: int) -> list[int]:
    """The columns of a population."""
    layer, program = network.layers[index], network.program
    bernoulli = layer.is_top and layer.plasticity.top_noise == "bernoulli"
    basal = next(iter(program.description.into(index, Way.UP)), 0)
    return [layer.n, layer.loud, layer.quiet, layer.lowest, index in program.free, bernoulli, layer.nudge, basal]
