"""Does every engine compute the same network? Rates, objective, updates and images against theory."""

from neuro_bpdl.agreement.compare import Engine, compare_engines
from neuro_bpdl.agreement.results import Agreement, Check, EngineAgreement
from neuro_bpdl.agreement.tolerances import Tolerance, tolerance_for

__all__ = ["Agreement", "Check", "Engine", "EngineAgreement", "Tolerance", "compare_engines", "tolerance_for"]
