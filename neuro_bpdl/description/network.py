"""A network as data: its populations and the projections between them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from neuro_bpdl.description.populations import Population, Role
from neuro_bpdl.description.projections import Projection, Way
from neuro_bpdl.spec import ChildSpec, LabelSpec, NetworkSpec


@dataclass(frozen=True)
class Description:
    """Populations, and pairs of projections: F_1 … F_K first, then G_1 … G_K.

    The populations of a chain count from the visible one, 0, to the top, L = ``depth``; behind
    them stand labels that are a child of the top, as ``told`` says. ``labels`` says how the top
    teaches where it is a label population.
    """

    populations: tuple[Population, ...]
    projections: tuple[Projection, ...]
    depth: int
    labels: LabelSpec | None = None
    told: ChildSpec | None = None

    @property
    def observed(self) -> tuple[int, ...]:
        """The populations whose values always come from outside."""
        return tuple(i for i, population in enumerate(self.populations) if population.observed)

    @property
    def pairs(self) -> int:
        """K."""
        return len(self.projections) // 2

    @property
    def sizes(self) -> tuple[int, ...]:
        """Units of every population."""
        return tuple(population.size for population in self.populations)

    def partner(self, projection: int) -> int:
        """G_k of F_k, and the other way round."""
        return (projection + self.pairs) % len(self.projections)

    def of_way(self, way: Way) -> tuple[int, ...]:
        """Numbers of all projections upwards, or downwards."""
        return tuple(i for i, p in enumerate(self.projections) if p.way is way)

    def into(self, population: int, way: Way) -> tuple[int, ...]:
        """Numbers of the projections that end on a population."""
        return tuple(i for i, p in enumerate(self.projections) if p.target == population and p.way is way)

    def out_of(self, population: int) -> tuple[int, ...]:
        """Numbers of the projections that leave a population."""
        return tuple(i for i, p in enumerate(self.projections) if p.source == population)


@cache
def describe(network: NetworkSpec) -> Description:
    """The chain of layers of a `NetworkSpec`, layer l − 1 and layer l the ends of pair l; and a label child's pair."""
    last = network.depth
    roles = (Role.VISIBLE, *[Role.HIDDEN] * (last - 1), Role.LABEL if network.labels else Role.HIDDEN)
    populations = tuple(
        Population(f"layer_{i}", size, activation, roles[i])
        for i, (size, activation) in enumerate(zip(network.sizes, network.activations, strict=True))
    )
    ends = [(str(k), k - 1, k) for k in range(1, last + 1)]
    if network.child is not None:
        label = Population("labels", network.child.classes, network.child.activation, Role.TOLD)
        populations = (*populations, label)
        ends.append(("y", last + 1, last))
    up = [Projection(f"F_{name}", k, Way.UP, child, parent) for k, (name, child, parent) in enumerate(ends, 1)]
    down = [Projection(f"G_{name}", k, Way.DOWN, parent, child) for k, (name, child, parent) in enumerate(ends, 1)]
    return Description(populations, (*up, *down), last, network.labels, network.child)
