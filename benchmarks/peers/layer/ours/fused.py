"""The layer as one process of Lava, as the package's fused network is one: all steps of a run in one call."""

from __future__ import annotations

import neuro_bpdl.processes  # noqa: F401  # isort: skip (before lava: from Python 3.11 on one of its modules needs help)

from typing import Any

from lava.magma.core.decorator import implements, requires, tag
from lava.magma.core.model.py.model import PyAsyncProcessModel
from lava.magma.core.process.process import AbstractProcess
from lava.magma.core.resources import CPU
from lava.magma.core.sync.protocols.async_protocol import AsyncProtocol
from layer import draws, run

from neuro_bpdl.engines.lava.run_config import select


class Fused(AbstractProcess):
    """Spikes, synapses and neurons of the common file."""

    def __init__(self, *, data: dict[str, Any], weights: Any, fired: Any) -> None:
        drawn = draws(len(data["spikes"]))
        run({**data, "spikes": data["spikes"][:2]}, drawn, shared=True)  # compiled before Lava forks
        super().__init__(data=data, drawn=drawn, weights=weights, fired=fired, name="fused")


@implements(proc=Fused, protocol=AsyncProtocol)
@requires(CPU)
@tag("fused", "fixed_pt")
class PyFused(PyAsyncProcessModel):
    """Runs from the first step to the last."""

    def __init__(self, proc_params: Any) -> None:
        super().__init__(proc_params)
        self._given = {name: proc_params[name] for name in ("data", "drawn", "weights", "fired")}

    def run_async(self) -> None:
        data, weights = self._given["data"], self._given["weights"]
        weights.array[...], self._given["fired"].array[0] = run(data, self._given["drawn"], shared=True)


def fused_config() -> Any:
    """The run configuration that finds the model."""
    return select("fused", "fixed")
