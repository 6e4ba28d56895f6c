"""Every core's share of the work, time step by time step."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from neuro_bpdl.hardware.counts import Step
from neuro_bpdl.hardware.mapping import Mapping
from neuro_bpdl.hardware.traffic import Array, Grid, Route, routes, synapses_of, tiles_used
from neuro_bpdl.kernels.events import Counts

NAMES = ("neurons", "messages", "packets_out", "packets_in", "operations", "updates")


@dataclass(frozen=True)
class Loads:
    """Work of one core of each kind of ``Mapping.cores``, for every distinct time step and how often it comes.

    ``east_west`` and ``north_south`` are hops of all packets, None where the
    target's tiles are not known; ``cores`` how many cores each kind has.
    """

    steps: tuple[tuple[dict[str, Array], int], ...]
    cores: Array
    east_west: float | None
    north_south: float | None
    tiles: int | None

    def total(self, name: str) -> float:
        """Events of one kind on all cores in all steps."""
        return float(sum(repeats * (step[name] @ self.cores) for step, repeats in self.steps))


def loads(steps: Sequence[Step], mapping: Mapping, *, counts: Counts | None = None,
          every_synapse: bool = False) -> Loads:
    """The work of ``steps``, scaled to ``counts`` if given; ``every_synapse``: all are evaluated at every step."""
    grid = Grid.of(mapping.target)
    paths = routes(mapping, grid)
    shares = _shares(steps, mapping, counts)
    distinct = tuple(
        (_step(step, mapping, paths, shares, every_synapse), repeats) for step, repeats in Counter(steps).items()
    )
    hops = [
        None if grid is None else shares["messages"] * sum(
            step.sent(*pair) * (getattr(path, way) or 0.0) for step in steps for pair, path in paths.items()
        )
        for way in ("east_west", "north_south")
    ]  # fmt: skip
    cores = np.array([core.cores for core in mapping.cores], float)
    return Loads(distinct, cores, hops[0], hops[1], tiles_used(mapping, grid))


def _step(step: Step, mapping: Mapping, paths: dict[tuple[int, int], Route], shares: dict[str, float],
          every_synapse: bool) -> dict[str, Array]:
    posts = np.array([core.posts for core in mapping.cores], float)
    each = mapping.options.compartments_per_neuron
    neurons = np.array([core.posts * each if core.role == "neurons" else core.compartments for core in mapping.cores])
    work = {name: np.zeros(len(posts)) for name in NAMES} | {"neurons": neurons.astype(float)}
    for pair, path in paths.items():
        sent = step.sent(*pair)
        work["messages"] += shares["messages"] * sent * path.sent
        work["packets_out"] += shares["messages"] * sent * path.packets * path.sent
        work["packets_in"] += shares["messages"] * sent * path.heard
        work["operations"] += shares["operations"] * sent * path.heard * posts
        if step.learns:
            work["updates"] += shares["updates"] * sent * path.heard * posts
    if every_synapse:
        work["updates"] = synapses_of(mapping.cores) * step.visits
    return work


def _shares(steps: Sequence[Step], mapping: Mapping, counts: Counts | None) -> dict[str, float]:
    """Counted events as a share of those of ``steps``."""
    if counts is None:
        return {"messages": 1.0, "operations": 1.0, "updates": 1.0}
    full = sum((step.counts(mapping.sizes) for step in steps), Counts())
    pairs = {"messages": (counts.spikes, full.spikes), "operations": (counts.synaptic_operations,
             full.synaptic_operations), "updates": (counts.learning_updates, full.learning_updates)}  # fmt: skip
    return {name: got / most if most else 0.0 for name, (got, most) in pairs.items()}
