"""The state machine of one layer: basal, apical and soma compartments through the phases.

The machine is the same in every arithmetic; subclasses say how a current
becomes a rate, how the soma moves, how activity is corrupted and how V̇ is
written. A *rate* (p, q, r, h̃) has the resolution of a spike payload; a *state*
(h) may be finer.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from enum import Enum
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.kernels.events import DOWN, LEARN_DOWN, LEARN_UP, UP
from neuro_bpdl.kernels.schedule import Phase, Program
from neuro_bpdl.spec import PlasticitySpec
from neuro_bpdl.streams import Stream, stream

Array = NDArray[Any]


class Compartment(Enum):
    """Where a current arrives: basal from below through F, apical from above through G."""

    BASAL = "basal"
    APICAL = "apical"


class Arrival(NamedTuple):
    """What reaches a layer at one time step; None where nothing was sent.

    Attributes
    ----------
    presentation : int
        Counts presentations; selects the noise.
    basal, apical : (batch, n) or None
        Currents through F_l from below and through G_{l+1} from above.
    feed : (batch, n) or None
        Values for LOAD.
    """

    presentation: int
    basal: Array | None = None
    apical: Array | None = None
    feed: Array | None = None


class Broadcast(NamedTuple):
    """What a layer sends at one time step; None where it is silent.

    Attributes
    ----------
    up, down : (batch, n + 1) or None
        Payloads of graded spikes; the last unit is the always-on bias unit.
    basal_swing, apical_swing : (batch, n) or None
        V̇ of the two compartments, written for the synapses that end on them.
    """

    up: Array | None = None
    down: Array | None = None
    basal_swing: Array | None = None
    apical_swing: Array | None = None


def encode_missing(images: Array, missing: NDArray[np.bool_]) -> Array:
    """Mark missing pixels for LOAD: a value v that may move is fed as −1 − v."""
    return np.where(missing, -1 - images, images)


class LayerKernel(ABC):
    """Layer ``index`` of a network running ``program`` on ``batch`` replicas.

    Attributes
    ----------
    soma : (batch, n) state
        h_l.
    basal, apical, noisy : (batch, n) rates
        p_l, r_l and h̃_l.
    variance : float
        Running mean squared V̇ of the apical compartment: σ²_l.
    plasticity : PlasticitySpec
        Set by the arithmetic's layer.
    messages : (4,) int64
        Graded spikes sent so far: see `neuro_bpdl.kernels.events`.
    """

    plasticity: PlasticitySpec

    def __init__(
        self, index: int, n: int, program: Program, batch: int, seed: int, dtype: type, always_on: Any
    ) -> None:
        self.index, self.n, self.program, self.seed = index, n, program, seed
        self.soma: Array = np.zeros((batch, n), dtype)
        self.basal, self.apical, self.noisy = self.soma.copy(), self.soma.copy(), self.soma.copy()
        self.missing = np.zeros((batch, n), bool)
        self.variance = 1.0
        self._swings: tuple[Array | None, Array | None] = (None, None)
        self._holds_basal = index == 1 and program.clamped
        self._up: Array = np.full((batch, n + 1), always_on, dtype)
        self._down = self._up.copy()
        self.messages = np.zeros(4, np.int64)
        self._acts = {
            Phase.LOAD: self._load,
            Phase.SETTLE: self._settle,
            Phase.DESCEND: self._descend,
            Phase.REFLECT: self._reflect,
            Phase.UPDATE: self._update,
            Phase.CORRUPT: self._corrupt,
            Phase.LEARN: self._learn,
            Phase.REST: self._rest,
        }

    def step(self, position: int, arrived: Arrival) -> Broadcast:
        """One time step: act on what arrived, send what the next step needs.

        Parameters
        ----------
        position : int
            Time step within the presentation.
        """
        step = self.program.steps[position]
        self._swings = (None, None)
        rate = self._acts[step.phase](arrived) if step.involves(self.index) else None
        up = self.program.sends_up[position][self.index]
        down = self.program.sends_down[position][self.index]
        learns = step.phase is Phase.LEARN
        return Broadcast(
            self._send(UP, self._up, rate, learns) if up else None,
            self._send(DOWN, self._down, rate, learns) if down else None,
            *self._swings,
        )

    def _send(self, way: int, payload: Array, rate: Array | None, learns: bool) -> Array:
        payload[:, : self.n] = self.rate_of(self.soma) if rate is None else rate
        sent = np.count_nonzero(payload)
        self.messages[way] += sent
        if learns:
            self.messages[LEARN_UP if way == UP else LEARN_DOWN] += sent
        return payload

    def _load(self, arrived: Arrival) -> None:
        feed = np.asarray(arrived.feed)
        if not self.program.clamped:
            self.missing = feed < 0
            feed = np.where(self.missing, -1 - feed, feed)
        self.soma = self.state_of(feed)

    def _settle(self, arrived: Arrival) -> None:
        self.basal = self.predict(arrived.basal, Compartment.BASAL)
        self.soma = self.state_of(self.basal)

    def _descend(self, arrived: Arrival) -> None:
        self.apical = self.predict(arrived.apical, Compartment.APICAL)
        self._adopt_apical()

    def _reflect(self, arrived: Arrival) -> Array | None:
        if arrived.basal is not None and not self._holds_basal:
            self.basal = self.predict(arrived.basal, Compartment.BASAL)
        if arrived.apical is None:
            return None
        self.apical = self.predict(arrived.apical, Compartment.APICAL)
        if self.index == 0 and not self.program.clamped:
            self._adopt_apical()
        return self.apical

    def _adopt_apical(self) -> None:
        state = self.state_of(self.apical)
        self.soma = state if self.program.clamped else np.where(self.missing, state, self.soma)

    def _update(self, arrived: Arrival) -> None:
        if self.index > 0:
            self.soma = self.moved(self.predict(arrived.basal, Compartment.BASAL))

    def _corrupt(self, arrived: Arrival) -> Array:
        self.noisy = self.corrupted(stream(self.seed, Stream.CORRUPTION, self.index, arrived.presentation))
        return self.noisy

    def _rest(self, arrived: Arrival) -> None:
        return  # what was learned settles in the synapses

    def _learn(self, arrived: Arrival) -> Array:
        basal = apical = None
        if arrived.apical is not None:
            predicted = self.predict(arrived.apical, Compartment.APICAL)
            self.average(self.mean_square(self.rate_of(self.soma) - predicted), arrived.presentation)
            apical = self.written(self.swing(predicted), predicted, Compartment.APICAL, arrived.presentation)
        if arrived.basal is not None:
            predicted = self.predict(arrived.basal, Compartment.BASAL)
            basal = self.written(self.swing(predicted), predicted, Compartment.BASAL, arrived.presentation)
        self._swings = (basal, apical)
        return self.traced()

    def average(self, mean_square: float, presentation: int) -> None:
        """Take a presentation's mean squared residual into σ²_l."""
        gain = self.plasticity.variance_gain(len(self.soma), presentation)
        self.variance += gain * (mean_square - self.variance)

    @property
    def is_top(self) -> bool:
        """Whether no layer sends down to this one."""
        return self.index == self.program.depth

    @abstractmethod
    def predict(self, current: Array | None, compartment: Compartment) -> Array:
        """φ_l of a compartment's current, as a rate."""

    @abstractmethod
    def moved(self, reflected: Array) -> Array:
        """The soma after h_l += δ(p_l − q_l) + α(r_l − h_l), with q_l = ``reflected``."""

    @abstractmethod
    def corrupted(self, rng: np.random.Generator) -> Array:
        """h̃_l as a rate."""

    @abstractmethod
    def traced(self) -> Array:
        """S_pre: h̃_l as the synapses' traces have it, never below the lowest rate."""

    @abstractmethod
    def swing(self, prediction: Array) -> Array:
        """V̇ = h_l − prediction."""

    @abstractmethod
    def mean_square(self, swing: Array) -> float:
        """Mean squared residual h − prediction, without φ′, with activity in its own units."""

    def written(self, swing: Array, prediction: Array, compartment: Compartment, presentation: int) -> Array:
        """V̇ as the compartment writes it for its synapses; ``prediction`` says where on φ it was."""
        return swing

    def rate_of(self, state: Array) -> Array:
        """A soma state at the resolution of a payload."""
        return state

    def state_of(self, rate: Array) -> Array:
        """A rate as a soma state."""
        return rate
