"""What an agent needs on a chip and what a decision costs there: counts times published constants, nothing measured.

A decision takes `PERIOD` time steps; the active cells send at three of them (SENSE, LEARN, RECALL), and synapses learn
at one. A hidden layer sends as often, and hears V̇ of the units above through G: once for its own V̇, once for the
learning of G, V̇⁺ while it rises or V̇⁻ while it falls. The carry of the tags, in four more, is not counted as learning
updates, as nowhere in this package.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from neuro_bpdl.control.hidden import HiddenKernel
from neuro_bpdl.control.kernel import ActorCriticKernel
from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.hardware.target import Target, load_target
from neuro_bpdl.kernels.events import Counts
from neuro_bpdl.kernels.fixed import hidden_actor_critic
from neuro_bpdl.kernels.fixed.actor_critic import PERIOD
from neuro_bpdl.numbers import widths

SENDS = 3
EVENTS = {  # event's name in a target's table → where its count is
    "synaptic_operation": "synaptic_operations", "learning_update": "learning_updates",
    "neuron_update": "neuron_updates", "packet": "spikes",
}  # fmt: skip
PUBLISHED = {
    "work": "Q-learning on Loihi 2 (Drexel thesis, as quoted by others)", "environment": "CartPole",
    "time_per_update_us": 58.0, "basis": "measured on Loihi 2; 36 % solved, 62 % on a CPU",
}  # fmt: skip


@dataclass(frozen=True)
class DecisionCost:
    """One decision with its learning.

    Attributes
    ----------
    counts : Counts
    cores : int or None
        By neurons and synaptic memory; None where the target does not say.
    energy, time : float
        Dynamic J, and s, of the events whose constant is known, all on one core, barriers included.
    unknown : tuple of str
        Constants that no source gives.
    violations : tuple of str
        What the target lacks, each with the way out.
    """

    target: str
    label: str
    counts: Counts
    cores: int | None
    energy: float
    time: float
    unknown: tuple[str, ...]
    violations: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain values, beside the published figure."""
        return {
            "target": self.target, "constants": self.label, "per": "decision with its update", **vars(self.counts),
            "cores": self.cores, "dynamic_energy_J": self.energy, "time_s": self.time, "unknown": list(self.unknown),
            "violations": list(self.violations), "basis": "modelled: counts times constants; not measured on a chip",
            "published": PUBLISHED,
        }  # fmt: skip


def counts(size: int, actions: int, active: float) -> Counts:
    """Events of a decision in which ``active`` of ``size`` cells are not silent."""
    post, sent = actions + 1, SENDS * active
    return Counts(sent * post, active * post, (size + post) * PERIOD, sent, PERIOD)


def hidden_counts(size: int, hidden: int, actions: int, active: float, awake: float) -> Counts:
    """The same with a hidden layer, ``awake`` units of which are not silent; always-on units among both."""
    post, period = actions + 1, hidden_actor_critic.PERIOD
    sent = SENDS * (active + awake) + 2 * post
    operations = SENDS * (active * hidden + awake * post) + 2 * post * hidden
    updates = active * hidden + awake * post + post * hidden
    return Counts(operations, updates, (size + hidden + post) * period, sent, period)


def decision_cost(kernel: ActorCriticKernel, target: str | Target, active: float | None = None) -> DecisionCost:
    """The cost of one decision.

    Parameters
    ----------
    active : float, optional
        Number of cells that are not silent: 4 for every pair of variables. By default those of the last decision.

    Raises
    ------
    InvalidInput
        No such target, or one without costs.
    """
    own = load_target(target) if isinstance(target, str) else target
    if own.kind == "simulator":
        raise InvalidInput("target", own.name, "a target with known costs", "e.g. loihi1 or loihi2")
    lender = load_target(own.costs_from) if own.costs_from else None
    events, unknown = _counts_of(kernel, active), []
    totals = {"energy": 0.0, "time": 0.0}
    for event, field in EVENTS.items():
        for what in totals:
            constant = _constant(f"{event}_{what}", own, lender)
            if constant is None:
                unknown.append(f"{event}_{what}")
            else:
                totals[what] += constant * getattr(events, field)
    barrier = own.barrier(1) or (lender.barrier(1) if lender else None)
    if barrier is None or barrier.amount is None:
        unknown.append("barrier")
    else:
        totals["time"] += barrier.amount * events.time_steps
    label = own.cost_label or (f"{own.title}, constants of {lender.title}" if lender else own.title)
    return DecisionCost(own.name, label, events, _cores(kernel, own), totals["energy"], totals["time"], tuple(unknown),
                        tuple(_violations(own)))  # fmt: skip


def active_cells(kernel: ActorCriticKernel) -> int:
    """Cells that were not silent at the last decision."""
    return int(np.count_nonzero(kernel.tensors["old"]))


def _counts_of(kernel: ActorCriticKernel, active: float | None) -> Counts:
    cells = active_cells(kernel) if active is None else active
    if not isinstance(kernel, HiddenKernel):
        return counts(kernel.size, kernel.actions, cells)
    awake = int(np.count_nonzero(kernel.tensors["old_hidden"]))
    return hidden_counts(kernel.size, kernel.spec.hidden, kernel.actions, cells, awake)


def _constant(name: str, own: Target, lender: Target | None) -> float | None:
    for target in (own, lender):
        entry = None if target is None else target.entries.get(name)
        if entry is not None and entry.amount is not None:
            return float(entry.amount)
    return None


def _cores(kernel: ActorCriticKernel, target: Target) -> int | None:
    """Cores for the neurons or for the plastic synapses (weight and tag), whichever are more."""
    neurons, memory = target.limit("compartments_per_core"), target.limit("synaptic_memory_per_core")
    if neurons is None or memory is None:
        return None
    matrices = [array for array in kernel.tensors.values() if array.ndim == 3]  # weights and tags
    bits = sum(array[0].size for array in matrices) * (widths.WEIGHT_BITS + 1 + widths.TAG_BITS + 1)
    units = kernel.size + kernel.spec.hidden + kernel.actions + 1
    return int(max(-(-units // neurons), -(-bits // memory)))


def _violations(target: Target) -> list[str]:
    lacks = {
        "neuron_factor": "synapses cannot read V̇ that a neuron writes: use loihi2, or write y1 and y2 from the host",
        "graded_spikes": "cells send payloads: use loihi2, or send counted spikes",
        "programmable_neurons": "winner, twin and δ need a neuron's program: use loihi2, or the host",
    }
    found = {name: target.entries.get(name) for name in lacks}
    return [f"{name}: {lacks[name]}" for name, entry in found.items() if entry is not None and entry.value is False]
