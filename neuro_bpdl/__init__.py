"""Deep generative networks that learn with the rule a synapse can see: dW ∝ S_pre · dV_post/dt."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from neuro_bpdl.errors import NeuroBpdlError
from neuro_bpdl.spec import EngineSpec, InferenceSpec, NetworkSpec, PlasticitySpec, RunSpec, TrainingSpec

if TYPE_CHECKING:
    from neuro_bpdl.data import load
    from neuro_bpdl.estimator import GenerativeNetwork
    from neuro_bpdl.workflows.interactive import Run, compare, open_run, train

__version__ = "0.1.0"
__all__ = [
    "EngineSpec",
    "GenerativeNetwork",
    "InferenceSpec",
    "NetworkSpec",
    "NeuroBpdlError",
    "PlasticitySpec",
    "Run",
    "RunSpec",
    "TrainingSpec",
    "__version__",
    "compare",
    "load",
    "open_run",
    "train",
]
_LATER = {
    "load": "neuro_bpdl.data", "GenerativeNetwork": "neuro_bpdl.estimator",
    **dict.fromkeys(("Run", "compare", "open_run", "train"), "neuro_bpdl.workflows.interactive"),
}  # fmt: skip


def __getattr__(name: str) -> Any:
    """What is slow to import comes when it is asked for."""
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_LATER[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
