"""Where messages go on a mapping: packets per destination core, hops between tiles, and every core's share.

A message is one unit sending through one projection. It becomes one packet
for every core that holds synapses of its axon. Places follow the order in
which `neuro_bpdl.hardware.mapping` fills a chip: ``cores_per_tile`` cores to
a tile, tiles column by column, packets along x and y.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.hardware.cores import Core
from neuro_bpdl.hardware.mapping import Mapping
from neuro_bpdl.hardware.target import Target

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Grid:
    """Tiles of one chip: ``across`` × ``along``, ``cores`` cores each."""

    cores: int
    across: int
    along: int

    @classmethod
    def of(cls, target: Target) -> Grid | None:
        """None where the target's file does not know its tiles."""
        sides = [target.limit(name) for name in ("cores_per_tile", "tiles_across", "tiles_along")]
        return None if None in sides else cls(*(int(side or 1) for side in sides))


@dataclass(frozen=True)
class Route:
    """One projection on a mapping; numbers are per message.

    Attributes
    ----------
    packets : float
        Destination cores.
    east_west, north_south : float or None
        Hops of all packets within a chip; None where tiles are not known.
    between_chips : float
        Packets that leave the sender's chip.
    sent : (kinds,)
        Share of the layer's units on one core of each kind of ``Mapping.cores``.
    heard : (kinds,)
        Share of the messages that reach one core of each kind.
    """

    packets: float
    east_west: float | None
    north_south: float | None
    between_chips: float
    sent: Array
    heard: Array


def route(mapping: Mapping, source: int, post: int, grid: Grid | None) -> Route:
    """The projection from layer ``source`` to layer ``post``.

    Relays and the partial sums of a fan-in that was cut send more than this;
    they are not counted.
    """
    sent = np.array([_sent(core, source, mapping) for core in mapping.cores])
    heard = np.array([_heard(core, source, post, mapping) for core in mapping.cores])
    columns, rows, crossing = _distances(mapping, sent, heard, grid)
    count = np.array([core.cores for core in mapping.cores])
    known = grid is not None
    return Route(float(heard @ count), columns if known else None, rows if known else None, crossing, sent, heard)


def _sent(core: Core, source: int, mapping: Mapping) -> float:
    """A core's share of the layer's senders; the bias unit sits on the layer's first core."""
    if core.role != "neurons" or core.layer != source:
        return 0.0
    bias = mapping.options.bias_unit
    return (core.posts + (bias and core.post_start == 0)) / (mapping.sizes[source] + bias)


def _heard(core: Core, source: int, post: int, mapping: Mapping) -> float:
    """Share of the source's messages that a core gets: all, or its block's where the fan-in was cut."""
    units = mapping.sizes[source] + mapping.options.bias_unit
    return sum(block.units / units for block in core.blocks if core.layer == post and block.source == source)


def _distances(mapping: Mapping, sent: Array, heard: Array, grid: Grid | None) -> tuple[float, float, float]:
    """Hops along x and y, and packets to other chips, of one message from a unit anywhere in the layer."""
    east_west = north_south = within = 0.0
    count = np.array([core.cores for core in mapping.cores])
    for chip in mapping.chips:
        kinds = np.repeat([run.core for run in chip], [run.cores for run in chip])
        within += sent[kinds].sum() * heard[kinds].sum()
        if grid is not None:
            tile = np.arange(len(kinds)) // grid.cores
            east_west += _pairs(tile // grid.along, sent[kinds], heard[kinds], grid.across)
            north_south += _pairs(tile % grid.along, sent[kinds], heard[kinds], grid.along)
    return east_west, north_south, max(0.0, float(sent @ count) * float(heard @ count) - within)


def _pairs(place: NDArray[np.int64], sent: Array, heard: Array, most: int) -> float:
    """Σ_ij sent_i · heard_j · |place_i − place_j|, summed by places."""
    size = max(most, int(place.max(initial=0)) + 1)
    from_place, to_place = (np.bincount(place, weights, size) for weights in (sent, heard))
    distance = np.abs(np.subtract.outer(np.arange(size), np.arange(size)))
    return float(from_place @ distance @ to_place)


def routes(mapping: Mapping, grid: Grid | None) -> dict[tuple[int, int], Route]:
    """Every projection (source layer, post layer) of a network."""
    layers = range(len(mapping.sizes))
    pairs = [(layer, near) for layer in layers for near in (layer - 1, layer + 1) if near in layers]
    return {(source, post): route(mapping, source, post, grid) for source, post in pairs}


def tiles_used(mapping: Mapping, grid: Grid | None) -> int | None:
    """Tiles in use on the fullest chip."""
    if grid is None:
        return None
    return max(-(-sum(run.cores for run in chip) // grid.cores) for chip in mapping.chips)


def synapses_of(cores: Sequence[Core]) -> Array:
    """Synapses on one core of each kind."""
    return np.array([core.synapses for core in cores], float)
