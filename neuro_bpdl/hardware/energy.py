"""Energy and time of presentations on a mapping, from counts and a target's constants, each constant named.

Nothing here was measured on a chip: an estimate is a count times a constant,
useful for comparing networks, schedules and placements.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.hardware.counts import Step
from neuro_bpdl.hardware.entry import Entry
from neuro_bpdl.hardware.loads import Loads, loads
from neuro_bpdl.hardware.mapping import Mapping
from neuro_bpdl.hardware.published import PublishedLearner, published_learners
from neuro_bpdl.hardware.target import Target, load_target
from neuro_bpdl.kernels.events import Counts

__all__ = ["Counts", "Estimate", "PublishedLearner", "Term", "estimate", "published_learners"]

LOADS = {"neuron_update": "neurons", "spike": "messages", "packet": "packets_out"}  # what a core sends
HEARD = {"packet_in": "packets_in", "synaptic_operation": "operations"}
LEARNT = {"learning_update": "updates"}


@dataclass(frozen=True)
class Term:
    """One line of an estimate: ``count`` events at ``constant`` (J, W or s) each; None where no source gives it."""

    name: str
    count: float | None
    constant: float | None
    band: tuple[float, float] | None
    unit: str
    source: str
    confidence: str

    @property
    def total(self) -> float | None:
        """Count times constant, in joules, watts or seconds; None when either is unknown."""
        return None if self.count is None or self.constant is None else self.count * self.constant

    def ends(self) -> tuple[float, float]:
        """The total at the ends of the constant's band; 0 when it is unknown."""
        low, high = self.band or (0.0, 0.0)
        return (self.count or 0.0) * low, (self.count or 0.0) * high


@dataclass(frozen=True)
class Estimate:
    """Energy (J) and time (s) of one presentation on a mapping.

    Attributes
    ----------
    label : str
        Whose constants these are.
    energy_terms, time_terms : tuple of Term
        Events of all cores. Times of events overlap: see ``time``.
    time : float
        Σ over time steps of the slowest core's work and a barrier. A core
        hears while it sends, and learns after both.
    time_band : (low, high)
        The same with the ends of the constants' bands.
    unknown : tuple of str
        Costs without a source, left out of the sums.
    """

    target: str
    label: str
    cores: int
    chips: int
    packets: float
    energy_terms: tuple[Term, ...]
    time_terms: tuple[Term, ...]
    barrier: Term
    static_power: Term
    time: float
    time_band: tuple[float, float]

    @property
    def unknown(self) -> tuple[str, ...]:
        """Names of the terms whose total is not known."""
        terms = (*self.energy_terms, *self.time_terms, self.barrier, self.static_power)
        return tuple(term.name for term in terms if term.total is None)

    @property
    def dynamic_energy(self) -> float:
        """Joules of all events whose cost is known."""
        return sum(term.total or 0.0 for term in self.energy_terms)

    @property
    def static_energy(self) -> float:
        """Joules of static power during ``time``."""
        return (self.static_power.total or 0.0) * self.time

    @property
    def energy(self) -> float:
        """Joules in all."""
        return self.dynamic_energy + self.static_energy

    @property
    def energy_band(self) -> tuple[float, float]:
        """Joules at the ends of the constants' bands."""
        low, high = (sum(term.ends()[end] for term in self.energy_terms)
                     + self.static_power.ends()[end] * self.time_band[end] for end in (0, 1))  # fmt: skip
        return low, high

    def to_dict(self) -> dict[str, Any]:
        """The estimate with every constant, as JSON-ready values."""
        terms = (*self.energy_terms, *self.time_terms, self.barrier, self.static_power)
        return {
            "target": self.target, "label": self.label, "cores": self.cores, "chips": self.chips,
            "packets": self.packets, "energy_J": self.energy, "energy_band_J": list(self.energy_band),
            "dynamic_energy_J": self.dynamic_energy, "static_energy_J": self.static_energy, "time_s": self.time,
            "time_band_s": list(self.time_band), "terms": [{**vars(term), "total": term.total} for term in terms],
            "unknown": list(self.unknown),
            "basis": "modelled: counts times constants; not measured on a chip",
        }  # fmt: skip


def estimate(steps: Sequence[Step], mapping: Mapping, *, counts: Counts | None = None,
             costs: Target | str | None = None, every_synapse: bool = False) -> Estimate:
    """What the time steps cost on a mapping.

    Parameters
    ----------
    steps : sequence of Step
        `presentation_steps`: when which layer sends.
    mapping : Mapping
        Where neurons and synapses are; its target's tiles and, unless
        ``costs`` are given, its constants.
    counts : Counts, optional
        What an engine counted; every core's share of each kind of event is
        then scaled to it.
    costs : Target or str, optional
        Constants of another target. A target uses the constants of its
        ``costs_from`` where its own are unknown; the label and every term say so.
    every_synapse : bool
        The learning engine evaluates every synapse at every time step.

    Raises
    ------
    InvalidInput
        The target has no costs at all.
    """
    constants = _Constants.of(costs if costs is not None else mapping.target)
    work = loads(steps, mapping, counts=counts, every_synapse=every_synapse)
    energy_terms = (
        *(constants.term(f"{event}_energy", work.total(load), "J")
          for event, load in (HEARD | LEARNT | LOADS).items()),
        constants.term("hop_east_west_energy", work.east_west, "J"),
        constants.term("hop_north_south_energy", work.north_south, "J"),
    )  # fmt: skip
    events = HEARD | LEARNT | LOADS
    time_terms = tuple(constants.term(f"{event}_time", work.total(load), "s") for event, load in events.items())
    barrier = constants.barrier(work.tiles, len(steps))
    times = [_time(work, [_constant(term, end) for term in time_terms], barrier, end) for end in (None, 0, 1)]
    return Estimate(
        target=mapping.target.name, label=constants.label, cores=mapping.core_count, chips=mapping.chip_count,
        packets=work.total("packets_out"), energy_terms=energy_terms, time_terms=time_terms, barrier=barrier,
        static_power=constants.term("static_power", mapping.chip_count, "W"), time=times[0],
        time_band=(times[1], times[2]),
    )  # fmt: skip


def _constant(term: Term, end: int | None) -> float:
    if term.constant is None or term.band is None:
        return 0.0
    return term.constant if end is None else term.band[end]


def _time(work: Loads, constants: Sequence[float], barrier: Term, end: int | None) -> float:
    """Every step waits for its slowest core, then for the barrier."""
    at = dict(zip((*HEARD.values(), *LEARNT.values(), *LOADS.values()), constants, strict=True))
    total = (barrier.count or 0) * _constant(barrier, end)
    for step, repeats in work.steps:
        sends = sum((at[name] * step[name] for name in LOADS.values()), np.zeros(1))
        hears = sum((at[name] * step[name] for name in HEARD.values()), np.zeros(1))
        total += repeats * float(np.max(np.maximum(sends, hears) + at["updates"] * step["updates"]))
    return total


@dataclass(frozen=True)
class _Constants:
    """A target's constants, and where they are unknown those of the target it borrows from."""

    own: Target
    lender: Target | None

    @classmethod
    def of(cls, target: Target | str) -> _Constants:
        own = load_target(target) if isinstance(target, str) else target
        if own.kind == "simulator":
            raise InvalidInput("target", own.name, "a target with known costs", "e.g. loihi1 or loihi2")
        return cls(own, None if own.costs_from is None else load_target(own.costs_from))

    @property
    def label(self) -> str:
        if self.lender is None:
            return self.own.cost_label or f"{self.own.title}, own constants"
        whose = self.lender.cost_label or self.lender.title
        return f"{self.own.title}: official costs unknown where not given, modelled with {whose}"

    def term(self, name: str, count: float | None, unit: str) -> Term:
        entry, borrowed = self.own.entries.get(name), False
        if (entry is None or entry.amount is None) and self.lender is not None:
            entry, borrowed = self.lender.entries.get(name), True
        return _term(name, count, unit, entry, borrowed)

    def barrier(self, tiles: int | None, steps: int) -> Term:
        """By tiles in use; the longest that is known where tiles are not."""
        used = 10**6 if tiles is None else tiles
        entry, borrowed = self.own.barrier(used), False
        if entry is None and self.lender is not None:
            entry, borrowed = self.lender.barrier(used), True
        return _term("barrier", steps, "s", entry, borrowed)


def _term(name: str, count: float | None, unit: str, entry: Entry | None, borrowed: bool) -> Term:
    if entry is None or entry.amount is None:
        source = "no source" if entry is None else entry.source
        return Term(name, count, None, None, unit, source, "unknown")
    return Term(name, count, entry.amount, entry.band, unit, entry.source, "modelled" if borrowed else entry.confidence)
