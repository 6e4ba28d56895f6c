"""The trained maps as a graph in the Neuromorphic Intermediate Representation (NIR)."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from neuro_bpdl import __version__
from neuro_bpdl.errors import InvalidInput, MissingDependency
from neuro_bpdl.export.chains import Chain, fixed_chains, float_chains
from neuro_bpdl.export.staircase import PAYLOAD_LEVELS, Staircase
from neuro_bpdl.parameters import Parameters
from neuro_bpdl.spec import PlasticitySpec

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
    levels: int = PAYLOAD_LEVELS,
    plasticity: PlasticitySpec | None = None,
    provenance: Mapping[str, str] | None = None,
) -> NirExport:
    """Write the recognition and the generative map as one NIR file.

    The graph has two chains. ``image_in`` (n_0) → F_1 … F_L → ``top_out``
    (n_L), and ``top_in`` (n_L) → G_L … G_1 → ``image_out`` (n_0). A map is an
    Affine node with the trained weights, ``levels`` Threshold nodes and a node
    that adds up and scales their outputs (``F_1_rate``: h_1). NIR has no node
    for a clipped or sigmoid curve; the thresholds are a staircase that stays
    within half a step of it (see `neuro_bpdl.export.staircase`). In fixed
    point a rate has 128 values, and the staircase is the chip's map exactly;
    both inputs are then rounded to such a rate first.

    Parameters
    ----------
    path : file that does not exist yet
    arithmetic : {"float", "fixed"}
        Whose rates the graph computes. "fixed" exports the weights that the
        integers stand for.
    levels : int
        Steps per activation; 127 is the resolution of a 7-bit payload, and all
        that fixed point has.
    plasticity : PlasticitySpec, optional
        That of the training; fixed point needs it: pixels have more range where their noise is not clipped.
    provenance : mapping of str, optional
        Where the weights come from; kept in the metadata.

    Raises
    ------
    MissingDependency
        nir is not installed.
    InvalidInput
        The path exists or cannot be written, an activation has no bounds (or
        no hardware form, in fixed point), ``levels`` is out of range, or
        fixed point has no ``plasticity``.
    """
    require_nir()
    target = Path(path)
    if target.exists():
        raise InvalidInput("out", str(path), "a file that does not exist yet", "remove it or choose another name")
    chains = float_chains(params, levels) if arithmetic == "float" else _fixed_chains(params, plasticity, levels)
    error = max(each.stairs.error for chain in chains for each in chain.maps)
    graph = _graph(chains)
    lost = (*NOT_IN_NIR, _activation_note(params, levels, error))
    graph.metadata = _metadata(params, levels, lost, {"arithmetic": arithmetic, **(provenance or {})})
    _write(graph, target)
    return NirExport(str(target), len(graph.nodes), levels, error, lost)


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


def _graph(chains: Sequence[Chain]) -> Any:
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
            last = _add_steps(nodes, edges, each.name, each.stairs, len(each.bias))
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


def _activation_note(params: Parameters, levels: int, error: float) -> str:
    names = ", ".join(dict.fromkeys(params.network.activations))
    kept = f"keeps each map's rates within {error:.3g}" if error else "gives each map's fixed-point rates exactly"
    return f"activation: NIR has no {names} node; a staircase of {levels} Threshold nodes per map {kept}"


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


def _write(graph: Any, target: Path) -> None:
    """All or nothing: a temporary file beside the target, then a rename."""
    import nir

    try:
        descriptor, part = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    except OSError as error:
        raise InvalidInput("out", str(target), "a file in a directory that can be written", str(error)) from None
    os.close(descriptor)
    try:
        nir.write(part, graph)
        Path(part).chmod(0o644)
        os.replace(part, target)
    except OSError as error:
        raise InvalidInput("out", str(target), "a file that can be written", str(error)) from None
    finally:
        Path(part).unlink(missing_ok=True)
