"""The engines that can be compared, by the names of the command line."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext

from neuro_bpdl.agreement.compare import Engine
from neuro_bpdl.backends.factory import simulating
from neuro_bpdl.backends.protocol import Simulator
from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.parameters import Parameters
from neuro_bpdl.spec import EngineSpec, InferenceSpec, PlasticitySpec

PROGRAMS = {
    "eager": {"backend": "eager"},
    "lava": {"backend": "lava", "model": "fused"},
    "lava-composed": {"backend": "lava", "model": "composed"},
}
NENGO = {"nengo": "rate", "nengo-poisson": "poisson", "nengo-regular": "regular", "nengo-lif": "lif"}
BACKENDS = ("theory", *PROGRAMS, *NENGO)
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
    _known("--backends", backends, BACKENDS)
    _known("--arithmetic", arithmetic, ARITHMETIC)
    engines: dict[str, Engine] = {}
    for backend in backends:
        if backend in PROGRAMS:
            for kind in arithmetic:
                spec = EngineSpec(**PROGRAMS[backend], arithmetic=kind)
                engines[f"{backend} {kind}"] = _program_engine(spec, inference, plasticity, seed)
        elif backend in NENGO:
            engines[backend] = _nengo_engine(NENGO[backend], inference, plasticity, seed)
    if not engines:
        raise InvalidInput("--backends", ",".join(backends), "at least one besides theory", "try theory,eager,nengo")
    return engines


def _known(option: str, names: Sequence[str], allowed: Sequence[str]) -> None:
    for name in names:
        if name not in allowed:
            raise InvalidInput(option, name, ", ".join(allowed), "separate several by commas")


def _program_engine(spec: EngineSpec, inference: InferenceSpec, plasticity: PlasticitySpec, seed: int) -> Engine:
    def engine(params: Parameters) -> AbstractContextManager[Simulator]:
        return simulating(spec, params, inference, plasticity, batch=1, seed=seed)

    return engine


def _nengo_engine(neurons: str, inference: InferenceSpec, plasticity: PlasticitySpec, seed: int) -> Engine:
    from neuro_bpdl.backends.nengo import NengoSimulator

    def engine(params: Parameters) -> AbstractContextManager[Simulator]:
        return nullcontext(NengoSimulator(params, inference, plasticity, batch=1, seed=seed, neurons=neurons))

    return engine
