"""Lava layers wired up: payloads one way, learning signals the other; a projection, or a whole chain."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from neuro_bpdl.description.projections import Way
from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.kernels.fixed.matrix import highs
from neuro_bpdl.parameters import Parameters, initial_parameters
from neuro_bpdl.spec import InferenceSpec, NetworkSpec, PlasticitySpec

Direction = Literal["up", "down"]


def connect(source: Any, dense: Any, target: Any, way: Direction | Way = "up", *, told: bool = False) -> Any:
    """Wire ``source`` through ``dense`` to a compartment of ``target``, and back what its synapses learn from.

    Parameters
    ----------
    source, target : `neuro_bpdl.processes.Layer`
    dense : `neuro_bpdl.processes.PlasticDense`
        Weights (n of the target, n of the source + 1).
    way : "up" or "down"
        Up ends on basal compartments (F), down on apical ones (G).
    told : bool
        Between a layer and labels that are its child: these have ports of their own at the layer.

    Returns
    -------
    ``dense``

    Raises
    ------
    InvalidInput
        Another way, or weights of another shape than the two layers.
    """
    from neuro_bpdl.processes.layer.process import BRANCHES, LEARNING_SIGNALS

    if way not in ("up", "down", *Way):
        raise InvalidInput("way", way, "'up' or 'down'")
    way = Way(way)
    branch = BRANCHES[way]
    sends = source.told_out if told and way is Way.DOWN else getattr(source, f"{way.value}_out")
    ends = target.told_in if told and way is Way.UP else getattr(target, f"{branch}_in")
    wanted, found = (ends.shape[0], sends.shape[0]), tuple(dense.weights.shape)
    if wanted != found:
        raise InvalidInput(f"weights of {dense.name}", found, f"{wanted} from {source.name} {way.value} to "
                           f"{target.name}", "the last column is that of the bias unit")  # fmt: skip
    sends.connect(dense.s_in)
    dense.a_out.connect(ends)
    for signal in getattr(dense, "hears", LEARNING_SIGNALS):
        getattr(target, f"{branch}_{signal}_out").connect(getattr(dense, f"s_in_{signal}"))
    return dense


@dataclass(frozen=True)
class Chain:
    """A network as Lava processes that one can probe, set and wire on.

    Attributes
    ----------
    layers : tuple of Layer, l = 0…L
    up, down : tuples of PlasticDense
        F_1 … F_L and G_1 … G_L.
    """

    layers: tuple[Any, ...]
    up: tuple[Any, ...]
    down: tuple[Any, ...]

    @property
    def period(self) -> int:
        """Time steps of a presentation."""
        return int(self.layers[0].period)


def chain(
    sizes: tuple[int, ...] | None = None,
    *,
    params: Parameters | None = None,
    activation: str | tuple[str, ...] = "hard-sigmoid",
    inference: InferenceSpec | None = None,
    plasticity: PlasticitySpec | None = None,
    rule: str | None = None,
    seed: int = 0,
) -> Chain:
    """Layers and plastic connections of a whole network, wired; one arithmetic for all, by the run configuration's tag.

    Parameters
    ----------
    sizes : tuple of int
        Units of every layer, the visible one first; or give ``params``, whose network it then is.
    rule : str, optional
        For all connections; S_pre · V̇ at the plasticity's learning rates unless given.

    Raises
    ------
    InvalidInput
        Neither sizes nor parameters.
    """
    from neuro_bpdl.processes.layer.process import Layer
    from neuro_bpdl.processes.plastic.process import PlasticDense

    if params is None:
        if sizes is None:
            raise InvalidInput("chain", None, "sizes=(…) or params=…", "give one of them")
        params = initial_parameters(NetworkSpec.of(tuple(sizes), activation), seed)
    network, plasticity = params.network, plasticity or PlasticitySpec()
    layers = tuple(
        Layer(shape=(n,), index=i, sizes=network.sizes, activation=network.activations, inference=inference,
              plasticity=plasticity, seed=seed) for i, n in enumerate(network.sizes)
    )  # fmt: skip
    ends = _ends(network, plasticity)

    def plastic(name: str, layer: int, way: Direction, weights: Any, bias: Any, rate: float) -> Any:
        pre, post = (layer - 1, layer) if way == "up" else (layer, layer - 1)
        dense = PlasticDense(weights=np.column_stack((weights, bias)), rule=rule, learning_rate=rate, name=name,
                             highs=(ends[pre], ends[post]))  # fmt: skip
        return connect(layers[pre], dense, layers[post], way)

    depth = network.depth
    rates_up, rates_down, numbers = plasticity.rates_up(depth), plasticity.rates_down(depth), range(depth)
    return Chain(
        layers,
        tuple(plastic(f"F_{k + 1}", k + 1, "up", params.F[k], params.b[k], rates_up[k]) for k in numbers),
        tuple(plastic(f"G_{k + 1}", k + 1, "down", params.G[k], params.c[k], rates_down[k]) for k in numbers),
    )


def _ends(network: NetworkSpec, plasticity: PlasticitySpec) -> list[float]:
    """Activity of the largest payload; 1 where an activation has no fixed-point form and only float can run."""
    try:
        return highs(network, plasticity)
    except InvalidInput:
        return [1.0] * len(network.sizes)
