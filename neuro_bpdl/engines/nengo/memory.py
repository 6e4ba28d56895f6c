"""Refuse a network that Nengo cannot hold, before building it."""

from __future__ import annotations

import os

from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.spec import NetworkSpec

BYTES = 8
ARRAYS_PER_NEURON = 10
"""Arrays of one number a neuron that Nengo keeps for a population and the connections into it (measured)."""
POPULATIONS = 7
"""Soma, axon, basal, echo, apical, echo axon and the node that drives the soma."""
LEARNING_POPULATIONS = 4
COPIES_PER_WEIGHT = 3
"""A transform's initial value, Nengo's copy of it, and the signal."""
USABLE = 0.8


def estimate_bytes(network: NetworkSpec, replicas: int, *, learning: bool) -> int:
    """Memory that Nengo takes for ``replicas`` images side by side, in bytes."""
    neurons = replicas * sum(network.sizes)
    populations = POPULATIONS + (LEARNING_POPULATIONS if learning else 0)
    weights = 2 * sum(a * b for a, b in zip(network.sizes, network.sizes[1:], strict=False))
    copies = COPIES_PER_WEIGHT + (2 if learning else 0)
    return BYTES * (neurons * populations * ARRAYS_PER_NEURON + weights * copies)


def available_bytes() -> int:
    """Free physical memory of this machine, in bytes."""
    return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def check_memory(network: NetworkSpec, replicas: int, *, learning: bool, available: int | None = None) -> None:
    """Refuse a network larger than `USABLE` of the free memory.

    Raises
    ------
    InvalidInput
        Names the estimate, what is free, and a number of replicas that fits if there is one.
    """
    free = available_bytes() if available is None else available
    need, budget = estimate_bytes(network, replicas, learning=learning), int(USABLE * free)
    if need <= budget:
        return
    fixed = estimate_bytes(network, 0, learning=learning)
    fits = (budget - fixed) * replicas // max(1, need - fixed)
    mend = f"present at most {fits} images at once" if fits >= 1 else "use the eager engine or smaller layers"
    raise InvalidInput(
        "network", "×".join(str(n) for n in network.sizes) + f" with {replicas} images at once",
        f"about {need / 2**20:.0f} MiB in Nengo where {budget / 2**20:.0f} MiB are usable", mend,
    )  # fmt: skip
