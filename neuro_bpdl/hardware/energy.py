"""Energy and time from counts and a target's constants, each constant named.

Nothing here was measured on a chip: an estimate is a count times a published
or modelled constant, useful for comparing networks and schedules.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.hardware.counts import presentation_counts
from neuro_bpdl.hardware.published import PublishedLearner, published_learners
from neuro_bpdl.hardware.target import Target, load_target
from neuro_bpdl.kernels.events import Counts

__all__ = ["Counts", "Estimate", "PublishedLearner", "Term", "estimate", "presentation_counts", "published_learners"]


@dataclass(frozen=True)
class Term:
    """One line of an estimate: ``count`` events at ``constant`` (J or s) each."""

    name: str
    count: float
    constant: float
    unit: str
    source: str
    confidence: str

    @property
    def total(self) -> float:
        """Count times constant, in joules or seconds."""
        return self.count * self.constant


@dataclass(frozen=True)
class Estimate:
    """Energy (J) and time (s) of some counts on a target.

    ``dynamic_energy`` is the events' energy, ``static_energy`` the chips'
    static power over the estimated time; ``time`` assumes that work is spread
    evenly over ``cores`` cores and that every time step ends with the longest
    published barrier. ``label`` says whose constants these are.
    """

    target: str
    label: str
    cores: int
    chips: int
    energy_terms: tuple[Term, ...]
    time_terms: tuple[Term, ...]
    barrier: Term
    static_power: Term

    @property
    def dynamic_energy(self) -> float:
        """Joules of all events."""
        return sum(term.total for term in self.energy_terms)

    @property
    def time(self) -> float:
        """Seconds: events over cores, plus one barrier per time step."""
        return sum(term.total for term in self.time_terms) / self.cores + self.barrier.total

    @property
    def static_energy(self) -> float:
        """Joules of static power during ``time``."""
        return self.static_power.total * self.time

    @property
    def energy(self) -> float:
        """Joules in all."""
        return self.dynamic_energy + self.static_energy

    def to_dict(self) -> dict[str, Any]:
        """The estimate with every constant, as JSON-ready values."""
        terms = (*self.energy_terms, *self.time_terms, self.barrier, self.static_power)
        return {
            "target": self.target, "label": self.label, "cores": self.cores, "chips": self.chips,
            "energy_J": self.energy, "dynamic_energy_J": self.dynamic_energy, "static_energy_J": self.static_energy,
            "time_s": self.time, "terms": [{**vars(term), "total": term.total} for term in terms],
            "basis": "modelled: counts times constants; not measured on a chip",
        }


def estimate(counts: Counts, target: Target | str, *, cores: int = 1, chips: int = 1,
             compartments: int = 3) -> Estimate:
    """Multiply counts with a target's constants.

    Parameters
    ----------
    counts : Counts
        Of one presentation or more.
    target : Target or str
        A target whose own costs are unknown uses those of ``costs_from``; the
        label and every term's confidence ("modelled") then say so.
    cores, chips : int
        Cores that share the work, and chips that draw static power
        (`Mapping.core_count`, `Mapping.chip_count`).
    compartments : int
        Neuron updates of the constants' kind per neuron: one per compartment,
        all counted as active.

    Raises
    ------
    InvalidInput
        The target has no costs at all, or ``cores``, ``chips`` or
        ``compartments`` is below 1.
    """
    for name, value in (("cores", cores), ("chips", chips), ("compartments", compartments)):
        if value < 1:
            raise InvalidInput(name, value, "an integer of at least 1")
    chosen = load_target(target) if isinstance(target, str) else target
    constants, label, borrowed = _constants(chosen)
    events = {
        "synaptic_operation": counts.synaptic_operations, "learning_update": counts.learning_updates,
        "neuron_update": counts.neuron_updates * compartments,
    }

    def term(name: str, count: float, unit: str) -> Term:
        entry = constants.entries.get(name)
        if entry is None or entry.amount is None:
            raise InvalidInput("target", chosen.name, "a target with known costs",
                               f"give {name} in its file, or costs_from = 'loihi1'")
        return Term(name, count, entry.amount, unit, entry.source, "modelled" if borrowed else entry.confidence)

    return Estimate(
        target=chosen.name, label=label, cores=cores, chips=chips,
        energy_terms=(*(term(f"{name}_energy", count, "J") for name, count in events.items()),
                      term("spike_energy", counts.spikes, "J")),
        time_terms=tuple(term(f"{name}_time", count, "s") for name, count in events.items()),
        barrier=term("barrier_max_time", counts.time_steps, "s"), static_power=term("static_power", chips, "W"),
    )


def _constants(target: Target) -> tuple[Target, str, bool]:
    if target.costs_from is None:
        return target, target.cost_label or f"{target.title}, own constants", False
    lender = load_target(target.costs_from)
    whose = lender.cost_label or lender.title
    return lender, f"{target.title}: official costs unknown, modelled with {whose}", True
