"""The state machine of one population: basal and apical branches and a soma, through the rows of a program.

The machine is the same in every arithmetic; subclasses say how a current
becomes a rate, how the soma moves, how activity is corrupted and how V̇ is
written. A *rate* (p, q, r, h̃) has the resolution of a spike payload; a *state*
(h) may be finer.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.description.operations import FALLING, HELD, NOISY, RISING, STATE, Op, Row, current_of, own_rows
from neuro_bpdl.description.phases import Phase
from neuro_bpdl.description.program import Program
from neuro_bpdl.description.projections import Way
from neuro_bpdl.kernels.state import State
from neuro_bpdl.numbers.streams import Stream, stream
from neuro_bpdl.numbers.variance import floored
from neuro_bpdl.spec import PlasticitySpec

Array = NDArray[Any]
CLEARING = 1  # payload whose trace is 0
_ACTS = {
    Op.LOAD: "_load", Op.HOLD: "_hold", Op.ADOPT: "_adopt", Op.FILL: "_fill", Op.SCORE: "_score", Op.PULL: "_pull",
    Op.MOVE: "_move", Op.CORRUPT: "_corrupt", Op.SWING: "_swing", Op.SEND: "_send", Op.LEARN: "_learn",
    Op.TURN: "_turn", Op.READ: "_read", Op.FORGET: "_forget",
}  # fmt: skip


@dataclass(frozen=True)
class Arrival:
    """What reaches a layer at one time step.

    Attributes
    ----------
    presentation : int
        Counts presentations; selects the noise.
    currents : {projection: (batch, n)}
        Of the branches through which something was sent.
    feed : (batch, feed size) or None
        Values for LOAD, of all fed populations.
    """

    presentation: int
    currents: Mapping[int, Array] = field(default_factory=dict)
    feed: Array | None = None


@dataclass(frozen=True)
class Broadcast:
    """What a layer sends at one time step, and the V̇ that its branches write.

    Attributes
    ----------
    payloads : {projection: (batch, n + 1)}
        Graded spikes through the projections that leave; the last unit is the always-on bias unit.
    swings : {projection: (batch, n)}
        V̇ for the synapses that end on a branch.
    """

    payloads: dict[int, Array] = field(default_factory=dict)
    swings: dict[int, Array] = field(default_factory=dict)


def encode_missing(images: Array, missing: NDArray[np.bool_]) -> Array:
    """Mark missing pixels for LOAD: a value v that may move is fed as −1 − v."""
    return np.where(missing, -1 - images, images)


class LayerKernel(ABC):
    """Population ``index`` of a network running ``program``.

    Attributes
    ----------
    soma, noisy : (batch, n)
        h_l, a state, and h̃_l, a rate.
    held : {projection: (batch, n)}
        p_l or r_l of every branch: rates.
    plasticity : PlasticitySpec
    nudge : int
        k where a teacher moves the layer by β = 2^-k: V̇ is written 2^k times as large; 0 elsewhere.
    gated : bool
        Whether V̇ comes times φ′: where the plasticity asks for it, or a teacher moves the layer.
    """

    def __init__(
        self, index: int, program: Program, state: State, plasticity: PlasticitySpec, seed: int
    ) -> None:
        description = program.description
        self.index, self.program, self.plasticity, self.seed = index, program, plasticity, seed
        self.n = description.sizes[index]
        self.soma, self.noisy = (state.of_population(values, index) for values in (state.soma, state.noisy))
        self.incoming = {i: description.projections[i] for way in Way for i in description.into(index, way)}
        self.held = {i: state.of_projection(state.held, i) for i in self.incoming}
        self.missing = np.zeros(self.soma.shape, bool)
        self._variance, self._messages = state.variance, state.messages
        labels, taught = description.labels, program.nudges(index)
        self.nudge = labels.nudge if labels is not None and taught else 0
        self.gated = taught if program.taught else plasticity.derivative
        self._moving: Array | None = None
        self._written: dict[int, Array] = {}
        self.first_image = 0
        self._sums: dict[int, Array] = {}
        self._last: dict[tuple[int, int], Array] = {}  # where changes are sent: payloads, by projection and current
        self._summed: dict[tuple[int, int], Array] = {}
        self._begins, self._begun, self._moment = frozenset(program.starts), 0, (0, 0)
        self._payloads = {i: np.zeros((state.batch, self.n + 1), self.soma.dtype) for i in description.out_of(index)}
        self._rows = own_rows(program, index)

    def step(self, position: int, arrived: Arrival) -> Broadcast:
        """One time step: act on what arrived, send what the next step needs.

        Parameters
        ----------
        position : int
            Time step within the presentation.
        """
        sent = Broadcast()
        arrived = self._gathered(position, arrived, sent)
        for row in self._rows[position]:
            self.act(row, arrived, sent)
        return sent

    def act(self, row: Row, arrived: Arrival, sent: Broadcast) -> None:
        """One operation of the program, as `step` meets it."""
        getattr(self, _ACTS[row.op])(row, arrived, sent)

    def _gathered(self, position: int, arrived: Arrival, sent: Broadcast) -> Arrival:
        """Spikes are counted: currents add up until the next step acts; V̇ stays until the last spike of LEARN."""
        if not self.program.code.spikes:
            return arrived
        begins, self._moment = position in self._begins, (arrived.presentation, position)
        self._begun = position if begins else self._begun
        for branch, current in arrived.currents.items():
            self._sums[branch] = self._sums[branch] + current if branch in self._sums else current.copy()
        if not begins:
            if self.program.moments[position].phase is Phase.LEARN:
                sent.swings.update({branch: self.told(swing, branch) for branch, swing in self._written.items()})
            return arrived
        counted, self._sums = self._sums, {}
        return replace(arrived, currents=counted)

    def _load(self, row: Row, arrived: Arrival, sent: Broadcast) -> None:
        feed = np.asarray(arrived.feed)[:, row.argument : row.argument + self.n]
        if self.index in self.program.free:
            self.missing = feed < 0
            feed = np.where(self.missing, -1 - feed, feed)
        self.soma[...] = self.state_of(feed)

    def _hold(self, row: Row, arrived: Arrival, sent: Broadcast) -> None:
        current = self.received(self._current(row, arrived), row.subject)
        self.held[row.subject][...] = self.predict(current, row.subject)

    def _adopt(self, row: Row, arrived: Arrival, sent: Broadcast) -> None:
        self.soma[...] = self.state_of(self.held[row.subject])

    def _fill(self, row: Row, arrived: Arrival, sent: Broadcast) -> None:
        self.soma[...] = np.where(self.missing, self.state_of(self.held[row.subject]), self.soma)

    def _score(self, row: Row, arrived: Arrival, sent: Broadcast) -> None:
        reflected = self.predict(self.received(self._current(row, arrived), row.subject), row.subject)
        self._moving = self._start() + self.scored(self.held[row.subject], reflected, row.subject)

    def _pull(self, row: Row, arrived: Arrival, sent: Broadcast) -> None:
        self._moving = self._start() + self.pulled(self.held[row.subject])

    def _start(self) -> Array:
        return self.soma if self._moving is None else self._moving

    def _move(self, row: Row, arrived: Arrival, sent: Broadcast) -> None:
        self.soma[...], self._moving = self.kept(self._start()), None

    def _corrupt(self, row: Row, arrived: Arrival, sent: Broadcast) -> None:
        self.noisy[...] = self.corrupted(stream(self.seed, Stream.CORRUPTION, self.index, arrived.presentation))

    def _swing(self, row: Row, arrived: Arrival, sent: Broadcast) -> None:
        branch = row.subject
        held = row.argument == HELD
        predicted = self.held[branch] if held else self.predict(
            self.received(self._current(row, arrived), branch, noisy=True), branch
        )
        if self.incoming[branch].way is Way.DOWN:
            self.average(branch, self.mean_square(self.rate_of(self.soma) - predicted), arrived.presentation)
        self._written[branch] = self.written(self.swing(predicted), predicted, branch, arrived.presentation)
        sent.swings[branch] = self.told(self._written[branch], branch)

    def _turn(self, row: Row, arrived: Arrival, sent: Broadcast) -> None:
        sent.swings[row.subject] = row.argument * self.risen(self.held[self._basal], row.subject, arrived.presentation)

    def _read(self, row: Row, arrived: Arrival, sent: Broadcast) -> None:
        self.soma[...] = self.net_input(self._current(row, arrived))

    def _forget(self, row: Row, arrived: Arrival, sent: Broadcast) -> None:
        self._last, self._summed = {}, {}

    def _current(self, row: Row, arrived: Arrival) -> Array:
        """What has arrived on a branch; where changes are sent, all of it since the last FORGET."""
        current, place = arrived.currents[row.subject], (row.subject, current_of(row))
        if self.program.code.changes:
            self._summed[place] = current = current + self._summed.get(place, 0)
        return current

    @property
    def _basal(self) -> int:
        """The projection that ends on the basal compartment."""
        return next(i for i, p in self.incoming.items() if p.way is Way.UP)

    def _send(self, row: Row, arrived: Arrival, sent: Broadcast) -> None:
        payload = self._payloads[row.subject]
        payload[:, : self.n] = self._register(row.argument)
        payload[:, self.n] = self.always_on(learning=False)
        payload = self.encoded(payload, noisy=row.argument == NOISY)
        if self.program.code.changes:
            payload = self._changed(payload, (row.subject, current_of(row)))
        self._messages[row.subject, 0] += np.count_nonzero(payload)
        sent.payloads[row.subject] = payload

    def _changed(self, payload: Array, place: tuple[int, int]) -> Array:
        """The difference to what was last sent: all of it after FORGET."""
        change = payload - self._last.get(place, 0)
        self._last[place] = payload.copy()
        return change

    def _register(self, argument: int) -> Array:
        if argument == STATE:
            return self.rate_of(self.soma)
        return self.noisy if argument == NOISY else self.held[argument]

    def _learn(self, row: Row, arrived: Arrival, sent: Broadcast) -> None:
        payload = self._payloads[row.subject]
        swing = row.argument in (RISING, FALLING)
        payload[:, : self.n] = self._trace(row.argument)
        if self.program.once:  # a silent unit would show the trace of what it sent before; half of 1 rounds to 0
            np.maximum(payload, CLEARING, out=payload)
        payload[:, self.n] = 0 if swing else self.always_on(learning=True)
        payload = self.encoded(payload, noisy=True, learning=True)
        self._messages[row.subject] += np.count_nonzero(payload)
        sent.payloads[row.subject] = payload

    def _trace(self, argument: int) -> Array:
        """S_pre: of h̃, of the layer's own V̇, or of what it sends otherwise."""
        if argument == NOISY:
            return self.traced()
        if argument in (RISING, FALLING):
            return np.maximum(self._written[self._basal] * (1 if argument == RISING else -1), 0)
        return self._register(argument)

    def average(self, branch: int, mean_square: float, presentation: int) -> None:
        """Take a presentation's mean squared residual into σ²_l."""
        gain = self.plasticity.variance_gain(len(self.soma), presentation)
        now = self._variance[branch]
        self._variance[branch] = floored(now + gain * (mean_square - now))

    @property
    def variances(self) -> dict[int, float]:
        """σ²_l of the layer's apical branches, by the number of the pair, from 0."""
        return {p.pair - 1: float(self._variance[i]) for i, p in self.incoming.items() if p.way is Way.DOWN}

    @property
    def messages(self) -> dict[int, Array]:
        """Message counters of the projections that leave."""
        return {projection: self._messages[projection] for projection in self._payloads}

    @property
    def is_top(self) -> bool:
        """Whether no layer sends down to this one."""
        return self.index == self.program.depth

    def received(self, current: Array, branch: int, *, noisy: bool = False) -> Array:
        """The current of payloads, from that of their counted spikes where messages are spikes."""
        return current

    def told(self, swing: Array, branch: int) -> Array:
        """What a branch tells its synapses of V̇ at this time step: all of it, or a spike where V̇ is told in spikes."""
        return swing

    def encoded(self, payload: Array, *, noisy: bool, learning: bool = False) -> Array:
        """What travels at this time step: the payloads (batch, n + 1), or one spike of each."""
        return payload

    @abstractmethod
    def predict(self, current: Array, branch: int) -> Array:
        """φ_l of a branch's current, as a rate."""

    @abstractmethod
    def scored(self, held: Array, reflected: Array, branch: int) -> Array:
        """δ (held − reflected): p_l − q_l in a state's units; on an apical branch β times it."""

    @abstractmethod
    def pulled(self, held: Array) -> Array:
        """α (held − h_l): r_l − h_l in a state's units."""

    @abstractmethod
    def kept(self, state: Array) -> Array:
        """A state inside the range of φ."""

    @abstractmethod
    def corrupted(self, rng: np.random.Generator) -> Array:
        """h̃_l as a rate."""

    @abstractmethod
    def traced(self) -> Array:
        """S_pre: h̃_l as the synapses' traces have it, never below the lowest rate."""

    @abstractmethod
    def always_on(self, *, learning: bool) -> Any:
        """Payload of the bias unit, in messages and where synapses learn."""

    @abstractmethod
    def swing(self, prediction: Array) -> Array:
        """V̇ = h_l − prediction, 2^``nudge`` times."""

    @abstractmethod
    def mean_square(self, swing: Array) -> float:
        """Mean squared residual h − prediction, without φ′, with activity in its own units."""

    def risen(self, rate: Array, branch: int, presentation: int) -> Array:
        """V̇ of an apical compartment that rises from rest to a rate."""
        return rate

    def net_input(self, current: Array) -> Array:
        """A current as a soma state that is only read."""
        return current

    def written(self, swing: Array, prediction: Array, branch: int, presentation: int) -> Array:
        """V̇ as the branch writes it for its synapses; ``prediction`` says where on φ it was."""
        return swing

    def rate_of(self, state: Array) -> Array:
        """A soma state at the resolution of a payload."""
        return state

    def state_of(self, rate: Array) -> Array:
        """A rate as a soma state."""
        return rate
