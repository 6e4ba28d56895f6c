"""ΔW = rate · S_pre · dV_post/dt as a learning rule of Nengo (Eq 1)."""

from __future__ import annotations

from typing import Any

import numpy as np
from nengo.builder.builder import Builder
from nengo.builder.learning_rules import build_or_passthrough
from nengo.builder.operator import Operator, Reset
from nengo.builder.signal import Signal
from nengo.learning_rules import LearningRuleType
from nengo.params import IntParam, NumberParam
from nengo.synapses import SynapseParam
from numpy.typing import NDArray

from neuro_bpdl.engines.nengo.replicas import Replicated
from neuro_bpdl.errors import InvalidInput

Array = NDArray[Any]


class VoltageSwing(LearningRuleType):
    """dW/dt = rate · S_pre · gate_post · dV_post/dt, averaged over the replicas (Eq 1).

    Connect two things to the connection's ``learning_rule``: the postsynaptic
    membrane potentials V to ``[:post]`` and the gate of each neuron to
    ``[post:]``: 0 while it does not learn, then 1 or its φ′. The rule takes
    the time derivative itself; nothing else tells it an error.

    Parameters
    ----------
    learning_rate : float
    post : int
        Number of postsynaptic neurons, all replicas together.
    pre_synapse : Synapse, optional
        Smooths spikes into S_pre; None takes the axon's output as it is.
    low : float
        Lowest S_pre: a trace has no sign where messages have one.
    """

    modifies = "decoders"  # builds like "weights", whose check would ask for one matrix per replica
    probeable = ("delta", "voltage", "activities")
    post = IntParam("post", low=1, readonly=True)
    pre_synapse = SynapseParam("pre_synapse", default=None, optional=True, readonly=True)
    low = NumberParam("low", default=-np.inf, readonly=True)

    def __init__(self, learning_rate: float, post: int, pre_synapse: Any = None, low: float = -np.inf) -> None:
        super().__init__(learning_rate, size_in=2 * post)
        self.post, self.pre_synapse, self.low = post, pre_synapse, low


class SimVoltageSwing(Operator):
    """delta ← rate · mean over replicas of S_pre ⊗ gate (V − V before this step).

    Notes
    -----
    1. sets ``[]``
    2. incs ``[]``
    3. reads ``[pre, voltages_and_gates]``
    4. updates ``[delta]``
    """

    def __init__(
        self, rate: float, low: float, replicas: int, pre: Signal, modulation: Signal, delta: Signal
    ) -> None:
        super().__init__(tag="voltage swing")
        self.rate, self.low, self.replicas = rate, low, replicas
        self.sets: list[Signal] = []
        self.incs: list[Signal] = []
        self.reads, self.updates = [pre, modulation], [delta]

    def make_step(self, signals: Any, dt: float, rng: np.random.RandomState) -> Any:
        pre = signals[self.reads[0]].reshape(self.replicas, -1)
        delta = signals[self.updates[0]]
        voltage, gate = np.split(signals[self.reads[1]], 2)
        scale, low, replicas = self.rate / self.replicas, self.low, self.replicas
        before = np.full(voltage.size, np.nan)  # unknown until the first step: no derivative there

        changing = [True]

        def learn() -> None:
            if gate.any() and not np.isnan(before[0]):
                slope = ((voltage - before) / dt * gate).reshape(replicas, -1)
                delta[...] = (scale * dt) * (slope.T @ np.maximum(pre, low))
                changing[0] = True
            elif changing[0]:
                delta[...] = 0.0
                changing[0] = False
            before[...] = voltage

        return learn


@Builder.register(VoltageSwing)
def build_voltage_swing(model: Any, swing: VoltageSwing, rule: Any) -> None:
    """Read S_pre at the connection's input, V and gates at the rule's own input."""
    conn = rule.connection
    if not isinstance(conn.transform, Replicated):
        raise InvalidInput("learning_rule_type", "VoltageSwing", "a connection with a Replicated transform")
    modulation = Signal(shape=rule.size_in, name="VoltageSwing:voltage")
    model.add_op(Reset(modulation))
    model.sig[rule]["in"] = modulation
    pre = build_or_passthrough(model, swing.pre_synapse, model.sig[conn]["in"])
    delta = model.sig[rule]["delta"]
    model.add_op(SimVoltageSwing(swing.learning_rate, swing.low, conn.transform.replicas, pre, modulation, delta))
    model.sig[rule]["voltage"], model.sig[rule]["activities"] = modulation, pre
