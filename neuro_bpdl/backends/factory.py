"""From an engine's description to the simulator that has it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from neuro_bpdl.backends.protocol import Simulator
from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.parameters import Parameters
from neuro_bpdl.spec import EngineSpec, InferenceSpec, PlasticitySpec


def make_simulator(
    engine: EngineSpec,
    params: Parameters,
    inference: InferenceSpec,
    plasticity: PlasticitySpec,
    *,
    batch: int = 1,
    seed: int = 0,
) -> Simulator:
    """The simulator for ``engine``; imports Lava only when it is asked for.

    Parameters
    ----------
    params : Parameters
        Where the weights start; copied.
    batch : int
        Images that share one update.

    Raises
    ------
    InvalidInput
        The backend has not this arithmetic, order or noise.
    MissingDependency
        ``backend="lava"`` where Lava cannot be imported.
    """
    if engine.backend == "theory":
        from neuro_bpdl.backends.theory import TheorySimulator

        if engine.arithmetic != "float":
            raise InvalidInput("--arithmetic", engine.arithmetic, "float with --backend theory", "use --backend eager")
        return TheorySimulator(params, inference, plasticity, batch=batch, seed=seed)
    if engine.backend == "eager":
        from neuro_bpdl.backends.eager import EagerSimulator

        return EagerSimulator(params, inference, plasticity, engine, batch=batch, seed=seed)
    from neuro_bpdl.backends.lava.availability import require_lava

    require_lava()
    from neuro_bpdl.backends.lava.simulator import LavaSimulator

    return LavaSimulator(params, inference, plasticity, engine, batch=batch, seed=seed)


@contextmanager
def simulating(
    engine: EngineSpec,
    params: Parameters,
    inference: InferenceSpec,
    plasticity: PlasticitySpec,
    *,
    batch: int = 1,
    seed: int = 0,
) -> Iterator[Simulator]:
    """`make_simulator`, closed at the end of the block where the engine holds processes."""
    simulator = make_simulator(engine, params, inference, plasticity, batch=batch, seed=seed)
    try:
        yield simulator
    finally:
        close = getattr(simulator, "close", None)
        if close is not None:
            close()
