"""A whole network stepped layer by layer: every layer acts, then every payload travels one step."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.kernels.events import SATURATIONS
from neuro_bpdl.kernels.layer import Arrival, Broadcast, LayerKernel
from neuro_bpdl.kernels.schedule import Program
from neuro_bpdl.parameters import Parameters

Array = NDArray[Any]
Recorder = Callable[[int, list[Array]], None]


class NetworkKernel(ABC):
    """L + 1 layers and their 2L plastic projections running ``program``.

    Subclasses give the arithmetic: `project`, `learn`, and the conversion
    between rates and what the layers hold.

    Attributes
    ----------
    up, down : lists of weight matrices, post × (pre + 1)
        [F_l | b_l] and [G_l | c_l], l = 1…L; the last column belongs to the
        always-on bias unit. Changed in place by a program that learns.
    layers : list of LayerKernel
    """

    def __init__(self, layers: Sequence[LayerKernel], up: list[Array], down: list[Array], program: Program) -> None:
        self.layers, self.up, self.down, self.program = list(layers), up, down, program
        self._basal: list[Array | None] = [None] * len(self.layers)
        self._apical: list[Array | None] = [None] * len(self.layers)

    @property
    def variance(self) -> Array:
        """σ²_l, l = 0…L−1, as of the last LEARN."""
        return np.array([layer.variance for layer in self.layers[:-1]])

    @property
    def messages(self) -> Array:
        """(L + 1, 4) message counters of the layers: see `neuro_bpdl.kernels.events`."""
        return np.stack([layer.messages for layer in self.layers])

    @property
    def saturations(self) -> Array:
        """(L + 1, 4) numbers clipped so far, columns `events.SATURATIONS`; 0 in float, where all fit."""
        return np.zeros((len(self.layers), len(SATURATIONS)), np.int64)

    def adopt(self, up: list[Array], down: list[Array], variance: Array) -> None:
        """Take over weights and variances in the kernel's own format."""
        self.up[:], self.down[:] = up, down
        for layer, value in zip(self.layers, variance, strict=False):
            layer.variance = float(value)

    def present(self, presentation: int, feed: Array, record: Recorder | None = None) -> None:
        """All time steps of one presentation.

        Parameters
        ----------
        presentation : int
            Counts from 0 through the whole training; selects the noise.
        feed : (batch, n)
            What the fed layer loads, from `to_feed`.
        record : callable, optional
            Called as record(k, somas) at the program's k-th recorded position.
        """
        for position in range(len(self.program)):
            self.step(position, presentation, feed)
            if record is not None and position in self.program.records:
                record(self.program.records.index(position), [layer.soma for layer in self.layers])

    def step(self, position: int, presentation: int, feed: Array) -> None:
        """One time step of every layer, then of every projection."""
        sent = [
            layer.step(position, Arrival(presentation, basal, apical, feed))
            for layer, basal, apical in zip(self.layers, self._basal, self._apical, strict=True)
        ]
        if sent[0].apical_swing is not None:
            self._learn(sent)
        else:
            self._deliver(sent)

    def _deliver(self, sent: list[Broadcast]) -> None:
        for i, (up, down) in enumerate(zip(self.up, self.down, strict=True)):
            below, above = sent[i].up, sent[i + 1].down
            self._basal[i + 1] = None if below is None else self.project(up, below)
            self._apical[i] = None if above is None else self.project(down, above)

    def _learn(self, sent: list[Broadcast]) -> None:
        for i in range(len(self.up)):
            self.learn(i + 1, "up", sent[i].up, sent[i + 1].basal_swing)
            self.learn(i + 1, "down", sent[i + 1].down, sent[i].apical_swing)

    def synapses(self, layer: int, way: str) -> dict[str, Any]:
        """What a Lava learning connection is made of: ``weights`` post × (pre + 1), ``dw``; ``tags``, ``dt`` if any."""
        weights = (self.up if way == "up" else self.down)[layer - 1]
        return {"weights": weights.copy(), "dw": self.rule(layer, way)[0]}

    @abstractmethod
    def rule(self, layer: int, way: str) -> tuple[str, float]:
        """Plasticity of F_l ("up") or G_l in Loihi's sum-of-products form, and the factor from V̇ to its y1 and y2."""

    def gains(self, layer: int) -> tuple[float, float]:
        """The factors of `rule` for a layer's basal and apical compartments; 1 where it has none."""
        basal = self.rule(layer, "up")[1] if layer > 0 else 1.0
        return basal, self.rule(layer + 1, "down")[1] if layer < len(self.up) else 1.0

    @abstractmethod
    def project(self, weights: Array, payload: Array) -> Array:
        """Currents (batch, n_post) that payloads (batch, n_pre + 1) cause."""

    @abstractmethod
    def learn(self, layer: int, way: str, payload: Array | None, swing: Array | None) -> None:
        """Change F_l (way "up") or G_l ("down") of l = ``layer`` in place."""

    @abstractmethod
    def to_feed(self, rates: Array) -> Array:
        """Rates (…, n) as LOAD takes them; negative values mark missing pixels."""

    @abstractmethod
    def to_rates(self, layer: int, soma: Array) -> Array:
        """A soma state as rates in float64."""

    @abstractmethod
    def to_parameters(self, like: Parameters) -> Parameters:
        """The weights and variances now, with network and prior of ``like``."""
