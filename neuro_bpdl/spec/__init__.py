"""Frozen, validated descriptions of a network and of what to do with it.

A spec only *describes*: engines read it, nothing writes it. The fields of
`RunSpec` are the fields of a TOML file given to ``neuro-bpdl train --config``.
"""

from neuro_bpdl.spec.base import Spec as Spec
from neuro_bpdl.spec.capabilities import ENGINES as ENGINES
from neuro_bpdl.spec.capabilities import Capabilities as Capabilities
from neuro_bpdl.spec.code import GRADED as GRADED
from neuro_bpdl.spec.code import Code as Code
from neuro_bpdl.spec.engine import EngineSpec as EngineSpec
from neuro_bpdl.spec.generation import GenerationSpec as GenerationSpec
from neuro_bpdl.spec.inference import ALPHAS_ALLOWED as ALPHAS_ALLOWED
from neuro_bpdl.spec.inference import Alpha as Alpha
from neuro_bpdl.spec.inference import InferenceSpec as InferenceSpec
from neuro_bpdl.spec.joint import ChildSpec as ChildSpec
from neuro_bpdl.spec.labels import LabelSpec as LabelSpec
from neuro_bpdl.spec.network import ACTIVATIONS as ACTIVATIONS
from neuro_bpdl.spec.network import MAX_LAYERS as MAX_LAYERS
from neuro_bpdl.spec.network import MAX_UNITS as MAX_UNITS
from neuro_bpdl.spec.network import Activation as Activation
from neuro_bpdl.spec.network import NetworkSpec as NetworkSpec
from neuro_bpdl.spec.network import Size as Size
from neuro_bpdl.spec.plasticity import RATES_ALLOWED as RATES_ALLOWED
from neuro_bpdl.spec.plasticity import PlasticitySpec as PlasticitySpec
from neuro_bpdl.spec.run import RunSpec as RunSpec
from neuro_bpdl.spec.training import TrainingSpec as TrainingSpec
