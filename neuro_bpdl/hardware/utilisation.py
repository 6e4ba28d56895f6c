"""How much of every resource a mapping uses, per core, per chip and in all."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from neuro_bpdl.hardware.cores import Core
from neuro_bpdl.hardware.target import Target


@dataclass(frozen=True)
class Utilisation:
    """Use of one resource: the fullest place, the mean, and the limit if one is known.

    ``share`` is peak / limit; it is None, and ``status`` says why, when no
    limit is known ("not checked (unknown)") or there is none ("no limit").
    """

    name: str
    unit: str
    peak: float
    mean: float
    limit: float | None
    share: float | None
    status: str


# name, unit, limit in the target file ("" = for information), use of one core
_PER_CORE: tuple[tuple[str, str, str, Callable[[Core], int]], ...] = (
    ("synaptic memory", "bit", "synaptic_memory_per_core", lambda core: core.memory + core.tag_memory),
    ("compartments", "compartment", "compartments_per_core", lambda core: core.compartments),
    ("axons in", "axon", "axons_in_per_core", lambda core: core.axons_in),
    ("axons out", "axon", "axons_out_per_core", lambda core: core.axons_out),
    ("traces", "trace", "traces_per_core", lambda core: core.traces),
    ("learning synapses", "synapse", "learning_synapses_per_core", lambda core: core.learning_synapses),
    ("synaptic memory without tags", "bit", "", lambda core: core.memory),
    ("state", "bit", "", lambda core: core.state_memory),
    ("synapses and state", "bit", "memory_per_core", lambda core: core.memory + core.tag_memory + core.state_memory),
)


def core_shares(core: Core, target: Target) -> list[float]:
    """Use over limit of every per-core resource whose limit is known."""
    used = {limit: use(core) for _, _, limit, use in _PER_CORE if limit}
    if not target.has("flexible_memory"):  # then the state has a memory of its own
        del used["memory_per_core"]
    limits = {name: target.limit(name) for name in used}
    return [used[name] / limit for name, limit in limits.items() if limit]


def utilisation(cores: Sequence[Core], chips: Sequence[tuple[int, int, int]],
                target: Target) -> tuple[Utilisation, ...]:
    """Every resource; ``chips`` holds (cores, neurons, synapses) of each chip."""
    count = sum(core.cores for core in cores)
    report = []
    for name, unit, limit, use in _PER_CORE:
        checked = "" if limit == "memory_per_core" and not target.has("flexible_memory") else limit
        report.append(_entry(f"{name} per core", unit, checked, target, peak=max(map(use, cores)),
                             mean=sum(core.cores * use(core) for core in cores) / count))
    for place, (name, unit) in enumerate((("cores", "core"), ("neurons", "neuron"), ("synapses", "synapse"))):
        used = [chip[place] for chip in chips]
        report.append(_entry(f"{name} per chip", unit, f"{name}_per_chip", target,
                             peak=max(used), mean=sum(used) / len(used)))
    report.append(_all_cores(count, target))
    return tuple(report)


def _entry(name: str, unit: str, limit: str, target: Target, *, peak: float, mean: float) -> Utilisation:
    known = target.limit(limit) if limit else None
    status = target.status(limit) if limit else "for information"
    return Utilisation(name, unit, peak, mean, known, peak / known if known else None, status)


def _all_cores(count: int, target: Target) -> Utilisation:
    each = target.limit("cores_per_chip")
    total = None if each is None or math.isinf(target.chips) else each * target.chips
    return Utilisation("cores in all", "core", count, count, total, count / total if total else None,
                       target.status("cores_per_chip"))
