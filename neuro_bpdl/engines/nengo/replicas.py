"""Transforms that let replicas of a population share one weight matrix: a batch, for Nengo."""

from __future__ import annotations

from typing import Any

import numpy as np
from nengo import Connection
from nengo.builder.builder import Builder
from nengo.builder.operator import Operator, Reset
from nengo.builder.signal import Signal
from nengo.params import IntParam, Parameter
from nengo.transforms import Dense, Transform
from numpy.typing import NDArray

Array = NDArray[Any]


class Replicated(Dense):
    """The same matrix from every replica of a population to the same replica of another.

    Neurons are ordered replica by replica. It is a `Dense` transform, so that
    Nengo lets learning rules change its one weight matrix.

    Parameters
    ----------
    weights : (n_post, n_pre)
    replicas : int
    """

    replicas = IntParam("replicas", low=1)

    def __init__(self, weights: Array, replicas: int) -> None:
        super().__init__(weights.shape, init=weights)
        self.replicas = replicas

    @property
    def size_in(self) -> int:
        return int(self.replicas * self.shape[1])

    @property
    def size_out(self) -> int:
        return int(self.replicas * self.shape[0])


class SameSynapses(Transform):
    """The weights of another `Replicated` connection, which must be built before this one."""

    source = Parameter("source")

    def __init__(self, source: Connection) -> None:
        super().__init__()
        self.source = source

    @property
    def size_in(self) -> int:
        return int(self.source.transform.size_in)

    @property
    def size_out(self) -> int:
        return int(self.source.transform.size_out)

    def sample(self, rng: Any = np.random) -> Array:
        return self.source.transform.sample(rng)


class ReplicatedDot(Operator):
    """out[k] += W in[k] for every replica k.

    Notes
    -----
    1. sets ``[]``
    2. incs ``[out]``
    3. reads ``[weights, in]``
    4. updates ``[]``
    """

    def __init__(self, weights: Signal, source: Signal, out: Signal, replicas: int) -> None:
        super().__init__(tag="replicated")
        self.replicas = replicas
        self.sets: list[Signal] = []
        self.updates: list[Signal] = []
        self.incs, self.reads = [out], [weights, source]

    def make_step(self, signals: Any, dt: float, rng: np.random.RandomState) -> Any:
        weights = signals[self.reads[0]]
        source = signals[self.reads[1]].reshape(self.replicas, -1)
        out = signals[self.incs[0]].reshape(self.replicas, -1)

        def multiply() -> None:
            out[...] += source @ weights.T

        return multiply


def _apply(model: Any, weights: Signal, sig_in: Signal, transform: Transform, replicas: int) -> tuple[Signal, Signal]:
    weighted = Signal(shape=transform.size_out, name=f"{transform}.weighted")
    model.add_op(Reset(weighted))
    model.add_op(ReplicatedDot(weights, sig_in, weighted, replicas))
    return weighted, weights


@Builder.register(Replicated)
def build_replicated(model: Any, transform: Replicated, sig_in: Signal, **_: Any) -> tuple[Signal, Signal]:
    """One weight signal, applied to every replica."""
    weights = Signal(np.array(transform.sample()), readonly=False, name="replicated.weights")
    return _apply(model, weights, sig_in, transform, transform.replicas)


@Builder.register(SameSynapses)
def build_same_synapses(model: Any, transform: SameSynapses, sig_in: Signal, **_: Any) -> tuple[Signal, Signal]:
    """The weight signal of the source connection, so that learning reaches both."""
    weights = model.sig[transform.source]["weights"]
    return _apply(model, weights, sig_in, transform, transform.source.transform.replicas)
