"""The state machine in Python beside what must equal it to the bit."""

import numpy as np

from neuro_bpdl.kernels.fixed.quantize import scheme
from neuro_bpdl.spec import InferenceSpec


def in_steps(network, presentation, feed, record=None):
    """A presentation by the state machine, in Python."""
    for position in range(len(network.program)):
        network.step(position, presentation, feed, record)


def assert_same_network(a, b, *, messages=True):
    """Weights, states, held predictions, counters and variances are equal; ``messages`` too unless fewer are meant."""
    np.testing.assert_array_equal(a.memory, b.memory)
    for name in ("soma", "noisy", "held"):
        np.testing.assert_array_equal(getattr(a.state, name), getattr(b.state, name), name)
    np.testing.assert_array_equal(a.saturations, b.saturations)
    if messages:
        np.testing.assert_array_equal(a.messages, b.messages)
    np.testing.assert_array_equal(a.variance, b.variance)


def taught_rates(params, rule):
    """By matrix, the rates at which a network that is only taught learns in integers."""
    held = scheme(params, InferenceSpec(), rule, learns=True)
    return {matrix.name: one.rate for matrix, one in zip(held.matrices, held.literals, strict=True)}
