"""Splits populations over cores: posts first, then presynaptic blocks, then relays.

Everything is computed from sizes; identical cores are one record with a count,
so the cost does not grow with the number of synapses. The result depends on
layer indices alone, not on the order or the names of the populations.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from neuro_bpdl.errors import HardwareLimit
from neuro_bpdl.hardware.cores import Bias, Block, Core, Workshop
from neuro_bpdl.spec import NetworkSpec

ROUNDS = 16  # of spreading neurons so that output axons suffice, before relays are tried


@dataclass(frozen=True)
class Population:
    """A layer: its neurons and the matrices that end on it, as (source layer, columns)."""

    layer: int
    neurons: int
    sources: tuple[tuple[int, int], ...]
    name: str = ""


def populations(network: NetworkSpec, bias_unit: bool) -> list[Population]:
    """Layer l reads F_l, n_l × (n_{l−1} + 1), and G_{l+1}, n_l × (n_{l+1} + 1)."""
    sizes, extra = network.sizes, int(bias_unit)
    return [
        Population(layer, size, tuple((near, sizes[near] + extra) for near in (layer - 1, layer + 1)
                                      if 0 <= near < len(sizes)), f"h{layer}")
        for layer, size in enumerate(sizes)
    ]


@dataclass(frozen=True)
class Plan:
    """How one population is cut: posts per core, and per source its grid if the fan-in is cut."""

    population: Population
    posts: int
    grids: tuple[Grid, ...]

    @property
    def cores(self) -> int:
        return -(-self.population.neurons // self.posts) + sum(grid.blocks * grid.rows for grid in self.grids)

    def readers(self, layer: int) -> int:
        """Cores that one unit of ``layer`` must reach."""
        if layer not in (source for source, _ in self.population.sources):
            return 0
        rows = [grid.rows for grid in self.grids if grid.source == layer]
        return rows[0] if rows else -(-self.population.neurons // self.posts)


@dataclass(frozen=True)
class Grid:
    """One matrix cut in ``blocks`` of columns and ``rows`` of posts."""

    source: int
    blocks: int
    rows: int


def place(layers: Sequence[Population], workshop: Workshop) -> list[Core]:
    """All cores of a network, layer by layer.

    Raises
    ------
    HardwareLimit
        A single neuron, partial sum or relay does not fit a core.
    """
    ordered = sorted(layers, key=lambda population: population.layer)
    plans, fan_out = _plans(ordered, workshop)
    cores: list[Core] = []
    for plan in plans:
        cores += _cores_of(plan, fan_out[plan.population.layer], ordered, workshop)
    return cores


def _plans(layers: list[Population], workshop: Workshop) -> tuple[list[Plan], dict[int, int]]:
    """Cut without regard to output axons; where those overflow, spread or relay, whichever takes fewer cores."""
    free = [_plan(population, 1, layers, workshop) for population in layers]
    fan_out = _fan_outs(free)
    spread = _spread(layers, free, workshop)
    if spread is not None and sum(plan.cores for plan in spread) <= sum(
        plan.cores + _relays(plan, fan_out[plan.population.layer], layers, workshop).cores for plan in free
    ):
        return spread, _fan_outs(spread)
    return free, fan_out


def _fan_outs(plans: list[Plan]) -> dict[int, int]:
    return {plan.population.layer: sum(other.readers(plan.population.layer) for other in plans) for plan in plans}


def _spread(layers: list[Population], plans: list[Plan], workshop: Workshop) -> list[Plan] | None:
    for _ in range(ROUNDS):
        fan_out = _fan_outs(plans)
        try:
            again = [_plan(population, fan_out[population.layer], layers, workshop) for population in layers]
        except HardwareLimit:
            return None
        if again == plans:
            return plans
        plans = again
    return None


def _plan(population: Population, fan_out: int, layers: list[Population], workshop: Workshop) -> Plan:
    """Most posts per core; cut columns only where one neuron's fan-in fits no core."""

    def soma_fits(grids: tuple[Grid, ...]) -> Callable[[int], bool]:
        bias = _bias(population, fan_out, layers, workshop)
        return lambda posts: workshop.capacity.holds(
            _somas(Plan(population, posts, grids), posts, fan_out, bias, workshop))

    most = min(population.neurons, workshop.options.neurons_per_core or population.neurons)
    posts = _largest(most, soma_fits(()))
    if posts:
        return Plan(population, posts, ())
    grids = tuple(_grid(population, source, units, workshop) for source, units in population.sources)
    posts = _largest(most, soma_fits(grids))
    if not posts:
        raise HardwareLimit(f"layer {population.layer}: one neuron with {sum(grid.blocks for grid in grids)} partial "
                            f"sums and {fan_out} destination cores exceeds one core; make the layers smaller")
    return Plan(population, posts, grids)


def _bias(population: Population, fan_out: int, layers: Sequence[Population], workshop: Workshop) -> Bias:
    units = _projections(population, layers) if workshop.options.bias_unit else 0
    return Bias(units, max(units, fan_out) if units else 0)


def _projections(population: Population, layers: Sequence[Population]) -> int:
    return sum(population.layer in (source for source, _ in other.sources) for other in layers)


def _somas(plan: Plan, posts: int, fan_out: int, bias: Bias, workshop: Workshop) -> Core:
    layer = plan.population.layer
    if plan.grids:
        partial_sums = sum(grid.blocks for grid in plan.grids)
        return workshop.somas(layer, posts, partial_sums, fan_out=fan_out, bias=bias)
    blocks = tuple(Block(source, 0, units) for source, units in plan.population.sources)
    return workshop.neurons(layer, posts, blocks, fan_out=fan_out, bias=bias)


def _grid(population: Population, source: int, units: int, workshop: Workshop) -> Grid:
    def fits(posts: int, columns: int) -> bool:
        return workshop.capacity.holds(workshop.dendrites(population.layer, posts, Block(source, 0, columns)))

    columns = _largest(units, lambda count: fits(1, count))
    if not columns:
        raise HardwareLimit(f"layer {population.layer}: one synapse exceeds one core; take a larger core")
    blocks = -(-units // columns)
    posts = _largest(population.neurons, lambda count: fits(count, -(-units // blocks)))
    return Grid(source, blocks, -(-population.neurons // posts))


def _largest(most: int, fits: Callable[[int], bool]) -> int:
    """Largest count in 1 … most that fits (0 if none); what fits is monotone."""
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if fits(middle) else (low, middle - 1)
    return low


@dataclass(frozen=True)
class Relays:
    """``copies`` of every sending unit, each repeating it to ``fan_out`` cores, on ``cores`` cores."""

    copies: int = 0
    fan_out: int = 0
    units: int = 0
    cores: int = 0


def _relays(plan: Plan, fan_out: int, layers: Sequence[Population], workshop: Workshop) -> Relays:
    """No relays where the output axons suffice."""
    population, capacity = plan.population, workshop.capacity
    bias = _bias(population, fan_out, layers, workshop)
    if capacity.holds(_somas(plan, plan.posts, fan_out, bias, workshop)):
        return Relays()
    copies = math.ceil(fan_out / capacity.axons_out)
    each = -(-fan_out // copies)
    units = (population.neurons + bias.units) * copies
    per_core = _largest(units, lambda count: capacity.holds(workshop.relay(population.layer, count, each)))
    carrier = _somas(plan, plan.posts, copies, Bias(bias.units, bias.units * copies), workshop)
    if not per_core or not capacity.holds(carrier):
        raise HardwareLimit(f"layer {population.layer}: {fan_out} destination cores per neuron exceed "
                            f"{capacity.axons_out:g} output axons even with relays; make its neighbours smaller")
    return Relays(copies, each, units, -(-units // per_core))


def _cores_of(plan: Plan, fan_out: int, layers: Sequence[Population], workshop: Workshop) -> list[Core]:
    population, bias = plan.population, _bias(plan.population, fan_out, layers, workshop)
    relays = _relays(plan, fan_out, layers, workshop)
    if relays.copies:
        fan_out, bias = relays.copies, Bias(bias.units, bias.units * relays.copies)
    cores = _with_bias(population.neurons, -(-population.neurons // plan.posts), bias,
                       lambda posts, carried: _somas(plan, posts, fan_out, carried, workshop))
    for grid, (source, units) in zip(plan.grids, population.sources, strict=False):
        for start, width in _even(units, grid.blocks):
            make = partial(workshop.dendrites, population.layer, block=Block(source, start, width))
            cores += _runs(population.neurons, grid.rows, make)
    if relays.copies:
        cores += _runs(relays.units, relays.cores, partial(workshop.relay, population.layer, fan_out=relays.fan_out))
    return cores


def _with_bias(neurons: int, parts: int, bias: Bias, make: Callable[[int, Bias], Core]) -> list[Core]:
    """The layer's bias units sit on its first core."""
    runs = _runs(neurons, parts, lambda posts: make(posts, Bias()))
    if not bias.units:
        return runs
    first = make(runs[0].posts, bias)
    rest = replace(runs[0], cores=runs[0].cores - 1, post_start=runs[0].posts)
    return [first, *([rest] if rest.cores else []), *runs[1:]]


def _runs(total: int, parts: int, make: Callable[[int], Core]) -> list[Core]:
    """``parts`` cores whose sizes differ by at most one, as at most two runs."""
    small, larger = divmod(total, parts)
    runs = [(larger, small + 1, 0), (parts - larger, small, larger * (small + 1))]
    return [replace(make(size), cores=count, post_start=start) for count, size, start in runs if count]


def _even(total: int, parts: int) -> list[tuple[int, int]]:
    """(start, width) of ``parts`` consecutive blocks whose widths differ by at most one."""
    small, larger = divmod(total, parts)
    return [(index * small + min(index, larger), small + (index < larger)) for index in range(parts)]
