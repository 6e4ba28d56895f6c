"""From an engine's description to the simulator that has it; what each can do is in `neuro_bpdl.spec.capabilities`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from neuro_bpdl.engines.ground import on_ground
from neuro_bpdl.engines.protocol import Simulator
from neuro_bpdl.parameters import Parameters
from neuro_bpdl.spec import EngineSpec, InferenceSpec, PlasticitySpec, RunSpec


def make_simulator(
    engine: EngineSpec,
    params: Parameters,
    inference: InferenceSpec,
    plasticity: PlasticitySpec,
    *,
    batch: int = 1,
    seed: int = 0,
) -> Simulator:
    """The simulator for ``engine``; imports Lava or Nengo only when it is asked for.

    Parameters
    ----------
    params : Parameters
        Where the weights start; copied.
    batch : int
        Images that share one update.

    Raises
    ------
    InvalidInput
        The engine has not this order, noise or batch.
    MissingDependency
        ``backend="lava"`` where Lava cannot be imported, "nengo" where nengo is not installed.
    """
    engine.require(inference, batch)
    require_installed(engine.backend)
    if params.network.labels is not None and params.network.generates:
        from neuro_bpdl.engines.joint import JointSimulator

        engine.capabilities.require_joint()
        return JointSimulator(make_simulator, engine, params, inference, plasticity, batch=batch, seed=seed)
    simulator = FACTORIES[engine.backend](engine, params, inference, plasticity, batch=batch, seed=seed)
    return on_ground(simulator, params)


def simulator_of(spec: RunSpec, params: Parameters, plasticity: PlasticitySpec | None = None) -> Simulator:
    """The simulator that a run trains and is measured with; another M-step than the spec's where one is given."""
    return make_simulator(
        spec.engine, params, spec.inference, plasticity or spec.plasticity,
        batch=spec.training.batch, seed=spec.training.seed,
    )  # fmt: skip


def require_installed(backend: str) -> None:
    """Import what a backend needs besides this package.

    Raises
    ------
    MissingDependency
        Says what to install.
    """
    if backend == "lava":
        from neuro_bpdl.engines.lava.availability import require_lava

        require_lava()
    if backend == "nengo":
        import neuro_bpdl.engines.nengo  # noqa: F401


def _theory(engine: EngineSpec, params: Parameters, *specs: Any, **options: Any) -> Simulator:
    from neuro_bpdl.engines.theory import TheorySimulator

    params = params.astype(np.float32) if engine.precision == "float32" else params
    return TheorySimulator(params, *specs, **options)


def _eager(engine: EngineSpec, params: Parameters, *specs: Any, **options: Any) -> Simulator:
    from neuro_bpdl.engines.eager import EagerSimulator

    return EagerSimulator(params, *specs, engine, **options)  # type: ignore[call-arg,arg-type]


def _lava(engine: EngineSpec, params: Parameters, *specs: Any, **options: Any) -> Simulator:
    from neuro_bpdl.engines.lava.simulator import LavaSimulator

    return LavaSimulator(params, *specs, engine, **options)


def _nengo(engine: EngineSpec, params: Parameters, *specs: Any, **options: Any) -> Simulator:
    from neuro_bpdl.engines.nengo import NengoSimulator

    return NengoSimulator(params, *specs, neurons=engine.model, **options)


FACTORIES: dict[str, Callable[..., Simulator]] = {"theory": _theory, "eager": _eager, "lava": _lava, "nengo": _nengo}
"""backend → (engine, params, inference, plasticity, batch=…, seed=…) → its simulator."""
