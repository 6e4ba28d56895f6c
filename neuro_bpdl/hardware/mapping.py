"""Which core of which chip holds what: the mapping of a network onto a target."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from neuro_bpdl.errors import HardwareLimit
from neuro_bpdl.hardware.cores import Capacity, Core, Workshop
from neuro_bpdl.hardware.options import MapOptions
from neuro_bpdl.hardware.placement import Population, place, populations
from neuro_bpdl.hardware.target import Target, load_target
from neuro_bpdl.hardware.utilisation import Utilisation, utilisation
from neuro_bpdl.spec import MAX_UNITS, NetworkSpec


@dataclass(frozen=True)
class Run:
    """``cores`` cores of kind ``Mapping.cores[core]`` on consecutive places of a chip."""

    core: int
    cores: int


@dataclass(frozen=True)
class Mapping:
    """A network on a target. Sizes only: nothing here was run on a chip.

    ``cores`` lists kinds of core with counts, ``chips`` what each chip holds,
    ``resources`` the use of every resource, ``largest`` the biggest network
    of the same shape (hidden layers scaled) that the target holds, None when
    no hidden layer fits or the target has no limits.
    """

    target: Target
    sizes: tuple[int, ...]
    options: MapOptions
    cores: tuple[Core, ...]
    chips: tuple[tuple[Run, ...], ...]
    resources: tuple[Utilisation, ...]
    largest: tuple[int, ...] | None = None

    @property
    def core_count(self) -> int:
        """Cores used, over all chips."""
        return sum(core.cores for core in self.cores)

    @property
    def chip_count(self) -> int:
        """Chips needed."""
        return len(self.chips)

    @property
    def board_count(self) -> int:
        """Boards (or chips, for a chip target) needed."""
        return 1 if math.isinf(self.target.chips) else math.ceil(self.chip_count / self.target.chips)

    @property
    def cuts_fan_in(self) -> bool:
        """Whether some fan-in is spread over cores, whose partial sums travel as graded spikes."""
        return any(core.role == "dendrites" for core in self.cores)

    @property
    def fits(self) -> bool:
        """Whether one such target is enough, and can carry partial sums where a fan-in had to be cut."""
        carried = not self.cuts_fan_in or self.target.has("graded_spikes") is not False
        return self.chip_count <= self.target.chips and carried

    @property
    def synapses(self) -> int:
        """Synapses of all matrices, bias columns included."""
        return sum(core.cores * core.synapses for core in self.cores)

    @property
    def bottleneck(self) -> str:
        """The resource that is used most, in parts of its limit; of equals the first listed.

        Cores per chip do not count: chips are filled one after the other.
        """
        checked = [entry for entry in self.resources if entry.share is not None and entry.name != "cores per chip"]
        return max(checked, key=lambda entry: entry.share or 0.0).name if checked else "none (no limits)"

    def to_dict(self) -> dict[str, Any]:
        """The mapping as JSON-ready values."""
        return {
            "target": self.target.name, "sizes": list(self.sizes), "options": self.options.model_dump(),
            "fits": self.fits, "bottleneck": self.bottleneck, "synapses": self.synapses,
            "cuts_fan_in": self.cuts_fan_in, "cores": self.core_count,
            "chips": self.chip_count, "boards": self.board_count,
            "largest": None if self.largest is None else list(self.largest),
            "resources": [asdict(entry) for entry in self.resources],
            "core_kinds": [asdict(core) for core in self.cores],
            "placement": [[asdict(run) for run in chip] for chip in self.chips],
            "note": "computed from sizes and published or modelled limits; not run on a chip",
        }


def map_network(network: NetworkSpec, target: Target | str, *, options: MapOptions | None = None,
                find_largest: bool = True) -> Mapping:
    """Split a network over the cores and chips of a target.

    Every neuron (three compartments) and every synapse of F_l, n_l × (n_{l−1}
    + 1), and G_l, n_{l−1} × (n_l + 1), lies on exactly one core; synapses live
    with their post-synaptic neuron. A network larger than the target is mapped
    onto as many chips as it needs; ``fits`` says whether one target is enough.

    Raises
    ------
    HardwareLimit
        One neuron does not fit a core even when its fan-in is cut.
    InvalidInput
        The target cannot be read.
    """
    chosen = load_target(target) if isinstance(target, str) else target
    options = options or MapOptions()
    mapping = map_populations(populations(network, options.bias_unit), chosen, options=options)
    if not find_largest:
        return mapping
    return replace(mapping, largest=largest_fitting(network, chosen, options=options))


def map_populations(layers: Sequence[Population], target: Target, *, options: MapOptions) -> Mapping:
    """The same from populations in any order and with any names (see `map_network`)."""
    cores = tuple(place(layers, Workshop(Capacity.of(target), options)))
    chips = _fill_chips(cores, target)
    sizes = tuple(layer.neurons for layer in sorted(layers, key=lambda layer: layer.layer))
    return Mapping(target, sizes, options, cores, chips, utilisation(cores, chips_of(cores, chips), target))


def largest_fitting(network: NetworkSpec, target: Target, *, options: MapOptions) -> tuple[int, ...] | None:
    """Sizes of the largest network of this shape that fits: hidden layers scaled, visible layer kept."""
    if math.isinf(target.chips):
        return None
    hidden = network.sizes[1:]
    widest = max(hidden)

    def scaled(width: int) -> tuple[int, ...]:
        return (network.sizes[0], *(max(1, size * width // widest) for size in hidden))

    def fits(width: int) -> bool:
        smaller = NetworkSpec.of(scaled(width), network.activations)
        try:
            return map_network(smaller, target, options=options, find_largest=False).fits
        except HardwareLimit:
            return False

    low, high = 0, widest
    while high < MAX_UNITS and fits(high):
        low, high = high, min(2 * high, MAX_UNITS)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if fits(middle) else (low, middle - 1)
    return scaled(low) if low else None


def chips_of(cores: Sequence[Core], chips: Sequence[Sequence[Run]]) -> list[tuple[int, int, int]]:
    """(cores, neurons, synapses) of every chip; a neuron counts where its soma is."""
    return [
        (sum(run.cores for run in chip),
         sum(run.cores * cores[run.core].posts for run in chip if cores[run.core].role == "neurons"),
         sum(run.cores * cores[run.core].synapses for run in chip))
        for chip in chips
    ]


def _fill_chips(cores: Sequence[Core], target: Target) -> tuple[tuple[Run, ...], ...]:
    """Fill one chip after the other, in layer order, up to its cores, neurons and synapses."""
    limits = [target.limit(name) or math.inf for name in ("cores_per_chip", "neurons_per_chip", "synapses_per_chip")]
    chips: list[tuple[Run, ...]] = []
    chip: list[Run] = []
    left = list(limits)
    for kind, core in enumerate(cores):
        need = (1, core.posts if core.role == "neurons" else 0, core.synapses)
        if any(amount > limit for amount, limit in zip(need, limits, strict=True)):
            raise HardwareLimit(f"layer {core.layer}: one core holds {need[2]} synapses, a chip at most {limits[2]:g}")
        waiting = core.cores
        while waiting:
            count = int(min(waiting, *(room // each for room, each in zip(left, need, strict=True) if each)))
            if count:
                chip.append(Run(kind, count))
                left = [room - count * each for room, each in zip(left, need, strict=True)]
                waiting -= count
            else:
                chips.append(tuple(chip))
                chip, left = [], list(limits)
    return (*chips, tuple(chip))
