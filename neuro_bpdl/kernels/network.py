"""A whole network stepped layer by layer: every layer acts, then every payload travels one step."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.description.operations import Op, operations
from neuro_bpdl.description.program import Program
from neuro_bpdl.kernels.events import SATURATIONS
from neuro_bpdl.kernels.layer import Arrival, Broadcast, LayerKernel
from neuro_bpdl.kernels.state import State
from neuro_bpdl.parameters import Parameters

Array = NDArray[Any]
Recorder = Callable[[int, list[Array]], None]


class NetworkKernel(ABC):
    """The populations and plastic projections of a description, running ``program``.

    Subclasses give the arithmetic: `project`, `learn`, and the conversion
    between rates and what the layers hold.

    Attributes
    ----------
    layers : list of LayerKernel
    weights : list of matrices, one per projection
        The unit behind the last presynaptic one is the always-on bias unit.
        Changed in place by a program that learns; views of `memory`.
    memory : flat
        All matrices, one after the other.
    """

    def __init__(self, layers: Sequence[LayerKernel], weights: list[Array], program: Program, state: State) -> None:
        self.layers, self.program, self.state = list(layers), program, state
        self.memory = np.concatenate([matrix.ravel() for matrix in weights])
        self.weights = views(self.memory, weights)
        self.projections = program.description.projections
        self._table = operations(program)  # kept: to look it up costs the hash of a whole program
        self.first_image = 0
        self._currents: dict[int, Array] = {}

    def number_images_from(self, first: int) -> None:
        """Say which image the first replica of presentation 0 is: selects what is drawn for it in inference."""
        self.first_image = first
        for layer in self.layers:
            layer.first_image = first

    @property
    def up(self) -> list[Array]:
        """The matrices of F_1 … F_K."""
        return self.weights[: len(self.weights) // 2]

    @property
    def down(self) -> list[Array]:
        """The matrices of G_1 … G_K."""
        return self.weights[len(self.weights) // 2 :]

    @property
    def variance(self) -> Array:
        """σ² of the lower population of the layers' pairs, σ²_0 … σ²_{L−1}, as of the last LEARN."""
        return self._variances.copy()

    @property
    def _variances(self) -> Array:
        first = len(self.weights) // 2
        return self.state.variance[first : first + self.program.depth]

    @property
    def messages(self) -> Array:
        """(projections, 2) messages so far: all, and those that met LEARN (`neuro_bpdl.kernels.events`)."""
        return self.state.messages.copy()

    @property
    def saturations(self) -> Array:
        """(L + 1, 4) numbers clipped so far, columns `events.SATURATIONS`; 0 in float, where all fit."""
        return np.zeros((len(self.layers), len(SATURATIONS)), np.int64)

    def live_in(self, memory: Array) -> None:
        """Keep the weights in other memory of the same size, such as one that processes share."""
        memory[...] = self.memory
        self.memory, self.weights = memory, views(memory, self.weights)

    def adopt(self, weights: list[Array], variance: Array) -> None:
        """Take over weights and variances in the kernel's own format."""
        for own, given in zip(self.weights, weights, strict=True):
            own[...] = given
        self._variances[...] = variance

    def present(self, presentation: int, feed: Array, record: Recorder | None = None) -> None:
        """All time steps of one presentation.

        Parameters
        ----------
        presentation : int
            Counts from 0 through the whole training; selects the noise.
        feed : (batch, feed size)
            What the fed populations load, from `to_feed`.
        record : callable, optional
            Called as record(k, somas) at the program's k-th recorded position.
        """
        for position in range(len(self.program)):
            self.step(position, presentation, feed, record)

    def step(self, position: int, presentation: int, feed: Array, record: Recorder | None = None) -> None:
        """One time step of every layer, then of every projection."""
        arrived = Arrival(presentation, self._currents, feed)
        sent = [layer.step(position, arrived) for layer in self.layers]
        swings = {branch: swing for one in sent for branch, swing in one.swings.items()}
        self._currents = {}
        for row in self._table[position]:
            if row.op is Op.RECORD and record is not None:
                record(row.subject, [layer.soma for layer in self.layers])
            elif row.op is Op.SEND:
                self._currents[row.subject] = self.project(row.subject, self._payload(sent, row.subject))
            elif row.op is Op.LEARN:
                self.learn(row.subject, self._payload(sent, row.subject), swings[row.subject])
            elif row.op is Op.CARRY:
                self.carry(row.subject)

    def _payload(self, sent: list[Broadcast], projection: int) -> Array:
        return sent[self.projections[projection].source].payloads[projection]

    @abstractmethod
    def synapses(self, projection: int) -> dict[str, Any]:
        """What a Lava learning connection is made of: ``weights`` post × (pre + 1), ``dw``; ``tags``, ``dt`` if any."""

    @abstractmethod
    def rule(self, projection: int) -> tuple[str, float]:
        """Plasticity in Loihi's sum-of-products form, and the factor from V̇ to its y1 and y2."""

    @abstractmethod
    def project(self, projection: int, payload: Array) -> Array:
        """Currents (batch, n of the target) that payloads (batch, n of the source + 1) cause."""

    @abstractmethod
    def learn(self, projection: int, payload: Array, swing: Array) -> None:
        """Change a matrix in place."""

    def carry(self, projection: int) -> None:  # noqa: B027 (float synapses have no tags)
        """Let what the synapses' tags hold settle in their weights; nothing where there are none."""

    @abstractmethod
    def to_feed(self, rates: Array, columns: slice = slice(None)) -> Array:
        """Rates (…, feed size) as LOAD takes them, or some ``columns`` of them; negative values mark missing units."""

    @abstractmethod
    def to_rates(self, layer: int, soma: Array) -> Array:
        """A soma state as rates in float64."""

    @abstractmethod
    def to_parameters(self, like: Parameters) -> Parameters:
        """The weights and variances now, with network and prior of ``like``."""


def views(memory: Array, like: list[Array]) -> list[Array]:
    """Views of flat memory in the shapes of ``like``, one after the other."""
    ends = np.cumsum([matrix.size for matrix in like])
    return [memory[end - m.size : end].reshape(m.shape) for m, end in zip(like, ends, strict=True)]
