"""The trained maps as a graph in the Neuromorphic Intermediate Representation (NIR)."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np

from neuro_bpdl import __version__
from neuro_bpdl.errors import InvalidInput, MissingDependency, NotWritten
from neuro_bpdl.export.cells import DT, Cells, Neurons, neuron_node, with_cells
from neuro_bpdl.export.chains import Chain, fixed_chains, float_chains
from neuro_bpdl.export.staircase import PAYLOAD_LEVELS, Staircase
from neuro_bpdl.files.folders import require_new
from neuro_bpdl.files.writing import write_bytes
from neuro_bpdl.parameters import Parameters
from neuro_bpdl.spec import PlasticitySpec

CELL_LEVELS = 15
CHAINS = ("both", "recognition", "generation")
NOT_IN_NIR = (
    "plasticity: the S_pre * dV_post/dt rule, its learning rates and the corruption of activity; weights are fixed",
    "compartments: a layer's basal and apical compartment and its soma; the graph holds their maps as two chains",
    "schedule: inference h += delta*(f(h_below) - f(g(h))) + alpha*(g(h_above) - h) and its phases",
    "probabilities: residual variances and the prior of the top layer; kept as arrays in the metadata",
)


@dataclass(frozen=True)
class NirExport:
    """What was written.

    ``rate_error`` is the largest distance of one map's rates from the trained
    map's, for the same input to that map; ``not_expressed`` lists what NIR
    has no node for.
    """

    path: str
    nodes: int
    levels: int
    rate_error: float
    not_expressed: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {**asdict(self), "not_expressed": list(self.not_expressed)}


def export_nir(
    params: Parameters,
    path: str | Path,
    *,
    arithmetic: Literal["float", "fixed"] = "float",
    levels: int | None = None,
    neurons: Neurons = "threshold",
    chain: Literal["both", "recognition", "generation"] = "both",
    plasticity: PlasticitySpec | None = None,
    provenance: Mapping[str, str] | None = None,
) -> NirExport:
    """Write the recognition and the generative map, or one of them, as a NIR file.

    The graph has two chains. ``image_in`` (n_0) → F_1 … F_L → ``top_out``
    (n_L), and ``top_in`` (n_L) → G_L … G_1 → ``image_out`` (n_0). A map is an
    Affine node with the trained weights, ``levels`` Threshold nodes and a node
    that adds up and scales their outputs (``F_1_rate``: h_1). NIR has no node
    for a clipped or sigmoid curve; the thresholds are a staircase that stays
    within half a step of it (see `neuro_bpdl.export.staircase`). In fixed
    point a rate has 128 values, and the staircase is the chip's map exactly;
    both inputs are then rounded to such a rate first.

    Few readers know Threshold nodes. With ``neurons`` "lif" or "if" a unit is
    several neurons instead (see `neuro_bpdl.export.cells`), and with one
    ``chain`` the graph has one input and one output, as most readers expect.

    Parameters
    ----------
    path : file that does not exist yet
    arithmetic : {"float", "fixed"}
        Whose rates the graph computes. "fixed" exports the weights that the
        integers stand for.
    levels : int, optional
        Steps per activation: 127, the resolution of a 7-bit payload, and all
        that fixed point has; 15 with "lif"; "if" has none.
    neurons : {"threshold", "lif", "if"}
    chain : {"both", "recognition", "generation"}
    plasticity : PlasticitySpec, optional
        That of the training; fixed point needs it: pixels have more range where their noise is not clipped.
    provenance : mapping of str, optional
        Where the weights come from; kept in the metadata.

    Raises
    ------
    MissingDependency
        nir is not installed.
    InvalidInput
        The path exists, an activation has no bounds (or no hardware form, in
        fixed point), ``levels`` is out of range, or fixed point has no
        ``plasticity``.
    NotWritten
        The path cannot be written, or has no room.
    """
    require_nir()
    target = Path(path)
    require_new(target)
    _require_form(arithmetic, neurons, chain)
    levels = levels if levels is not None else (CELL_LEVELS if neurons == "lif" else PAYLOAD_LEVELS)
    both = float_chains(params, levels) if arithmetic == "float" else _fixed_chains(params, plasticity, levels)
    chains = [with_cells(each, neurons) for each in _chosen(both, chain)]
    error = 0.0 if neurons == "if" else max(each.stairs.error for one in chains for each in one.maps)
    graph = _graph(chains, neurons)
    ground = () if params.network.ground == "dark" else ("ground: bright; feed 1 - x, and take 1 - what is drawn",)
    lost = (*NOT_IN_NIR, *ground, _activation_note(params, levels, error, neurons))
    facts = {"arithmetic": arithmetic, "neurons": neurons, "dt": str(DT), **(provenance or {})}
    graph.metadata = _metadata(params, levels, lost, facts)
    _write(graph, chains, target)
    return NirExport(str(target), len(graph.nodes), levels, error, lost)


def _require_form(arithmetic: str, neurons: str, chain: str) -> None:
    if neurons not in ("threshold", "lif", "if"):
        raise InvalidInput("neurons", neurons, "threshold, lif or if")
    if chain not in CHAINS:
        raise InvalidInput("chain", chain, ", ".join(CHAINS))
    if arithmetic == "fixed" and neurons != "threshold":
        raise InvalidInput("neurons", neurons, "threshold in fixed point", "export with --arithmetic float")


def _chosen(both: tuple[Chain, Chain], chain: str) -> list[Chain]:
    """Both chains, or one with the names that readers give to ends."""
    if chain == "both":
        return list(both)
    return [replace(both[chain == "generation"], start="input", end="output")]


def require_nir() -> None:
    """Refuse to go on without the nir package.

    Raises
    ------
    MissingDependency
        It is not installed or its import fails.
    """
    try:
        import nir  # noqa: F401
    except ImportError as error:
        raise MissingDependency(f"nir: not importable ({error}); pip install neuro-bpdl[nir]") from error


def _graph(chains: Sequence[Chain], neurons: Neurons) -> Any:
    import nir

    nodes: dict[str, Any] = {}
    edges: list[tuple[str, str]] = []
    for chain in chains:
        last = chain.start
        nodes[last] = nir.Input({"input": np.array([chain.size])})
        if chain.rounded is not None:
            last = _add_steps(nodes, edges, last, chain.rounded, chain.size)
        for each in chain.maps:
            nodes[each.name] = nir.Affine(each.weight, each.bias, metadata={"activation": each.activation})
            edges.append((last, each.name))
            last = (_add_steps(nodes, edges, each.name, each.stairs, len(each.bias)) if each.cells is None
                    else _add_cells(nodes, edges, each.name, each.cells, neurons, len(each.bias)))  # fmt: skip
        nodes[chain.end] = nir.Output({"output": nodes[last].output_type["output"]})
        edges.append((last, chain.end))
    graph = nir.NIRGraph(nodes, edges, metadata={}, type_check=False)  # every type is given: inferring costs edges²
    graph.validate_structure()
    graph.check_types()
    return graph


def _add_steps(nodes: dict[str, Any], edges: list[tuple[str, str]], source: str, stairs: Staircase, n: int) -> str:
    """Thresholds and their weighted sum; returns the name of the node whose output is the rate."""
    import nir

    rate = f"{source}_rate"
    for k, threshold in enumerate(stairs.thresholds, 1):
        step = f"{source}_step_{k:04d}"
        nodes[step] = nir.Threshold(np.full(n, threshold))
        edges += [(source, step), (step, rate)]
    height = np.full(n, stairs.step)
    nodes[rate] = nir.Affine(np.diag(height), np.full(n, stairs.low)) if stairs.low else nir.Scale(height)
    return rate


def _add_cells(
    nodes: dict[str, Any], edges: list[tuple[str, str]], source: str, cells: Cells, neurons: Neurons, count: int
) -> str:
    """``count`` neurons and the sum of their spikes; returns the name of the node whose output is the rate."""
    import nir

    spikes, rate, n = f"{source}_spikes", f"{source}_rate", count // len(cells.height)
    nodes[spikes] = neuron_node(neurons, count)
    nodes[rate] = nir.Affine(cells.summed(n), np.full(n, cells.low))
    edges += [(source, spikes), (spikes, rate)]
    return rate


def _activation_note(params: Parameters, levels: int, error: float, neurons: Neurons) -> str:
    if neurons == "if":
        return "activation: integrate-and-fire neurons, one for each straight piece; rates are means over time steps"
    names = ", ".join(dict.fromkeys(params.network.activations))
    kept = f"keeps each map's rates within {error:.3g}" if error else "gives each map's fixed-point rates exactly"
    return f"activation: NIR has no {names} node; a staircase of {levels} {_NODES[neurons]} per map {kept}"


_NODES = {"threshold": "Threshold nodes", "lif": "memoryless LIF neurons per unit"}


def _metadata(params: Parameters, levels: int, lost: tuple[str, ...], provenance: Mapping[str, str]) -> dict[str, Any]:
    arrays = {
        "variance": params.variance, "prior_mean": params.prior_mean, "prior_variance": params.prior_variance,
    }
    return {
        "made_by": f"neuro-bpdl {__version__}",
        "sizes": np.array(params.network.sizes),
        "activations": ", ".join(params.network.activations),
        "levels": levels,
        "not_expressed": "\n".join(lost),
        "note": "targets Loihi: not run on a chip",
        **{f"provenance_{key}": str(value) for key, value in provenance.items()},
        **{key: np.asarray(value) for key, value in arrays.items() if value is not None},
    }


def _fixed_chains(params: Parameters, plasticity: PlasticitySpec | None, levels: int) -> tuple[Chain, Chain]:
    if plasticity is None:
        raise InvalidInput("plasticity", None, "the PlasticitySpec of the training in fixed point",
                           "it says what the pixels' payloads stand for")  # fmt: skip
    return fixed_chains(params, plasticity, levels)


def _write(graph: Any, chains: Sequence[Chain], target: Path) -> None:
    """Through memory: HDF5 on a full disk ends the interpreter, bytes on a full disk are an error."""
    import nir

    image = io.BytesIO()
    nir.write(image, graph)
    _leave_out_usual_resets(image)
    _require_source(image, chains, target)
    write_bytes(target, image.getvalue())


def _leave_out_usual_resets(image: io.BytesIO) -> None:
    """Readers before nir 1.0.5 refuse ``v_reset``; later ones take 0, which all of ours are, where there is none."""
    import h5py

    with h5py.File(image, "r+") as file:
        for node in file["node"]["nodes"].values():
            if "v_reset" in node and not node["v_reset"][()].any():
                del node["v_reset"]


def _require_source(image: io.BytesIO, chains: Sequence[Chain], target: Path) -> None:
    """What the file holds, compared with the arrays that the chains were made from."""
    import h5py

    with h5py.File(image, "r") as file:
        nodes = file["node"]["nodes"]
        for each in (each for chain in chains for each in chain.maps):
            for name, source in (("weight", each.weight), ("bias", each.bias)):
                if not np.array_equal(nodes[each.name][name][()], source):
                    raise NotWritten(target, ValueError(f"{each.name}: {name} would not be read back as it is"))
