"""neuron.json: the program of every neuron of an exported network."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from neuro_bpdl.errors import CheckpointError
from neuro_bpdl.export.folder import MEND, read_json, verify
from neuro_bpdl.kernels.network import NetworkKernel

NEURON = "neuron.json"


def neurons_of(kernel: NetworkKernel) -> dict[str, Any] | None:
    """The document as JSON gives it back; None in float and with spikes, which have no such program."""
    from neuro_bpdl.kernels.fixed.network import FixedNetwork  # numba is slow to import

    if not isinstance(kernel, FixedNetwork) or kernel.program.code.spikes:
        return None
    from neuro_bpdl.neuron.document import neuron_document

    document: dict[str, Any] = json.loads(json.dumps(neuron_document(kernel)))
    return document


def read_neurons(path: str | Path) -> dict[str, Any]:
    """The neuron document of an exported folder.

    Raises
    ------
    CheckpointError
        The folder has none, because it is older or in float, or it was changed.
    """
    folder = Path(path)
    if not (folder / NEURON).exists():
        raise CheckpointError(f"{folder / NEURON}: not there; {MEND} in fixed point with graded payloads")
    verify(folder, (NEURON,))
    return read_json(folder / NEURON)
