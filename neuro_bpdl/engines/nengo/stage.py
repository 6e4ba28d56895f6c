"""What is on stage: the phase, the image and the constants that the network's nodes read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.engines.nengo.timing import Timing

Array = NDArray[Any]


class Phase(Enum):
    """A stretch of a presentation, during which all couplings are constant."""

    REST = "somas hold their value"
    SETTLE = "somas follow their basal compartments; pixels follow the image"
    INFER = "somas move by the score of Eq 12 and the pull from above"
    DESCEND = "somas follow their apical compartments, the top follows the drawn h_L"
    EMIT = "pixels follow their apical compartment"
    PREDICT = "compartments' membranes follow their own predictions from corrupted activity"
    SWING = "somas pull the compartments' membranes: synapses learn"
    INFER_AND_SWING = "somas infer and pull the compartments' membranes all the while: synapses learn"
    TEACH = "somas of hidden layers move by the mirrored score: a nudge towards what the layer above asks for"
    RISE = "axons send V̇⁺ while the apical membranes below rise from rest to their prediction: G learns"
    FALL = "axons send V̇⁻ while they fall back: G learns"
    FREE = "the same for ever, with pixels that follow an image that may change: no clock but time itself"


INFERRING = (Phase.INFER, Phase.INFER_AND_SWING, Phase.FREE)
LEARNING = (Phase.SWING, Phase.INFER_AND_SWING, Phase.FREE)
PREDICTING = (Phase.REST, Phase.PREDICT, Phase.FREE)


@dataclass
class Stage:
    """Set between runs of the simulator, read by its nodes at every time step.

    Attributes
    ----------
    alphas : (L,)
        α_l of the hidden layers.
    image, top : (replicas · n,)
        Targets of the pixels and of the top somas; None leaves them alone.
    missing : (replicas · n_0,) of 0 and 1
        Pixels that inference fills in.
    noise : list of (replicas · n_l,)
        Corruption added to what the axons send while learning.
    """

    timing: Timing
    delta: float = 0.1
    alphas: tuple[float, ...] = ()
    phase: Phase = Phase.REST
    image: Array | None = None
    top: Array | None = None
    missing: Array | None = None
    noise: list[Array] = field(default_factory=list)

    @property
    def pull(self) -> float:
        """Conductance, in units of 1/τ, that makes a soma follow a compartment."""
        return self.timing.tau / self.timing.settle_tau

    def visible_current(self, size: int) -> Callable[[float, Array], Array]:
        """Node function from [soma, apical, the image where that is an input] to the current of the pixels' somas."""

        def current(_: float, x: Array) -> Array:
            h, r = x[:size], x[size : 2 * size]
            image = x[2 * size :] if x.size > 2 * size else self.image
            if self.phase in (Phase.SETTLE, Phase.FREE) and image is not None:
                return self.pull * (image - h)
            if self.phase in (Phase.DESCEND, Phase.EMIT):
                return self.pull * (r - h)
            if self.phase is Phase.INFER and self.missing is not None:
                return self.missing * (r - h)
            return np.zeros(size)

        return current

    def hidden_current(self, layer: int, size: int) -> Callable[[float, Array], Array]:
        """Node function from [soma, basal, its echo, apical] to the current of the somas of hidden layer ``layer``."""

        def current(_: float, x: Array) -> Array:
            h, p, q, r = x[:size], x[size : 2 * size], x[2 * size : 3 * size], x[3 * size :]
            if self.phase is Phase.SETTLE:
                return self.pull * (p - h)
            if self.phase in INFERRING:
                return self.delta * (p - q) + self.alphas[layer - 1] * (r - h)
            if self.phase is Phase.DESCEND:
                return self.pull * (r - h)
            return np.zeros(size)

        return current

    def top_current(self, size: int) -> Callable[[float, Array], Array]:
        """Node function from [soma, basal, its echo] to the current of the top somas."""

        def current(_: float, x: Array) -> Array:
            h, p, q = x[:size], x[size : 2 * size], x[2 * size :]
            if self.phase is Phase.SETTLE:
                return self.pull * (p - h)
            if self.phase in INFERRING:
                return self.delta * (p - q)
            if self.phase is Phase.DESCEND and self.top is not None:
                return self.pull * (self.top - h)
            return np.zeros(size)

        return current

    def membrane_current(self, size: int) -> Callable[[float, Array], Array]:
        """Node function from [membrane, prediction, soma] to the current of a compartment's membrane."""

        def current(_: float, x: Array) -> Array:
            v, prediction, h = x[:size], x[size : 2 * size], x[2 * size :]
            return (h if self.phase in LEARNING else prediction) - v

        return current

    def corruption(self, layer: int, size: int) -> Callable[[float], Array]:
        """Node function: the noise that a layer's axons add while learning."""
        silence = np.zeros(size)

        def noise(_: float) -> Array:
            return self.noise[layer] if self.phase in (Phase.PREDICT, Phase.SWING) else silence

        return noise

    def gate(self, slope: Callable[[Array], Array], size: int) -> Callable[[float, Array], Array]:
        """Node function from a compartment's prediction to its gate: φ′ there while synapses learn.

        φ′ is that of the prediction from which the swing starts: weights that
        change meanwhile must not change it.
        """
        closed = held = np.zeros(size)

        def gate(_: float, prediction: Array) -> Array:
            nonlocal held
            if self.phase in PREDICTING:
                held = slope(prediction)
            return held if self.phase in LEARNING else closed

        return gate
