"""Deep generative networks that learn with the rule a synapse can see: dW ∝ S_pre · dV_post/dt."""

from neuro_bpdl.errors import NeuroBpdlError
from neuro_bpdl.spec import EngineSpec, InferenceSpec, NetworkSpec, PlasticitySpec, RunSpec, TrainingSpec

__version__ = "0.1.0"
__all__ = [
    "EngineSpec",
    "InferenceSpec",
    "NetworkSpec",
    "NeuroBpdlError",
    "PlasticitySpec",
    "RunSpec",
    "TrainingSpec",
    "__version__",
]
