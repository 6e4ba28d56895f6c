"""Lava processes: one folder per process, holding process.py and models.py only.

Lava looks for models by executing every file beside a process, so nothing
else may live in these folders, and their imports are absolute.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from neuro_bpdl.engines.lava.newer_pythons import let_lava_be_imported

let_lava_be_imported()

_PLACES = {
    "Layer": "neuro_bpdl.processes.layer.process", "PlasticDense": "neuro_bpdl.processes.plastic.process",
    "Network": "neuro_bpdl.processes.network.process", "Source": "neuro_bpdl.processes.source.process",
    "connect": "neuro_bpdl.engines.lava.wiring", "chain": "neuro_bpdl.engines.lava.wiring",
}  # fmt: skip
__all__ = ["Layer", "Network", "PlasticDense", "Source", "chain", "connect"]


def __getattr__(name: str) -> Any:
    """The processes by name, imported when they are asked for: Lava is slow to import, and may be missing."""
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_PLACES[name]), name)
