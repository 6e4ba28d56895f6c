"""The engines that can be compared, by the names of the command line."""

from __future__ import annotations

from collections.abc import Sequence

from neuro_bpdl.agreement.compare import Engine
from neuro_bpdl.agreement.tolerances import at_compared_rates
from neuro_bpdl.engines.protocol import Simulator
from neuro_bpdl.engines.registry import make_simulator, require_installed
from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.parameters import Parameters
from neuro_bpdl.spec import ENGINES, EngineSpec, InferenceSpec, PlasticitySpec

REFERENCE = "theory"
ARITHMETIC = ("float", "fixed")


def engines_of(
    backends: Sequence[str],
    arithmetic: Sequence[str],
    inference: InferenceSpec,
    plasticity: PlasticitySpec,
    seed: int = 0,
) -> dict[str, Engine]:
    """Name → engine for every backend in every arithmetic it has; theory is the reference and left out.

    Raises
    ------
    InvalidInput
        An unknown backend or arithmetic, or nothing left to compare.
    MissingDependency
        A Nengo backend where nengo is not installed.
    """
    _known("--backends", backends, tuple(ENGINES))
    _known("--arithmetic", arithmetic, ARITHMETIC)
    engines: dict[str, Engine] = {}
    for found in (ENGINES[name] for name in backends if name != REFERENCE):
        require_installed(found.backend)
        several = len(found.arithmetics) > 1
        for kind in arithmetic if several else found.arithmetics:
            spec = EngineSpec(backend=found.backend, model=found.model, arithmetic=kind)  # type: ignore[arg-type]
            name = f"{found.name} {kind}" if several else found.name
            engines[name] = _engine(spec, inference, plasticity, seed)
    if not engines:
        raise InvalidInput("--backends", ",".join(backends), "at least one besides theory", "try theory,eager,nengo")
    return engines


def _known(option: str, names: Sequence[str], allowed: Sequence[str]) -> None:
    for name in names:
        if name not in allowed:
            raise InvalidInput(option, name, ", ".join(allowed), "separate several by commas")


def _engine(spec: EngineSpec, inference: InferenceSpec, plasticity: PlasticitySpec, seed: int) -> Engine:
    def engine(params: Parameters) -> Simulator:
        fixed = spec.arithmetic == "fixed"
        rule = at_compared_rates(plasticity, params.network.depth) if fixed else plasticity
        return make_simulator(spec, params, inference, rule, batch=1, seed=seed)

    return engine
