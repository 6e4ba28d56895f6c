"""Lava's hardware run configuration, once it is sure that it can exist."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from neuro_bpdl.engines.lava.availability import require_chip

if TYPE_CHECKING:
    from neuro_bpdl.engines.lava.neuro_core import Microcode


def chip_run_config(arithmetic: str = "fixed", microcode: Microcode | None = None, **options: Any) -> Any:
    """Lava's ``Loihi2HwCfg`` for the composed network.

    It prefers a neuro-core model of a process wherever the extension has one
    and falls back to the CPU's. Nothing in neuro-bpdl has been run with it:
    without ``microcode`` layers run on the CPU, see network.json's ``missing_for_a_chip``.

    Parameters
    ----------
    arithmetic : {"fixed"}
        A chip has no floating point.
    microcode : Microcode, optional
        Of an exported network: layers are then allocated on neuro cores (`neuro_core.layer_model`).
    options : dict
        Passed to ``Loihi2HwCfg``.

    Raises
    ------
    InvalidInput
        An arithmetic that no chip has.
    MissingDependency
        Intel's extension (or Lava) is not installed.
    """
    from neuro_bpdl.errors import InvalidInput

    if arithmetic != "fixed":
        raise InvalidInput("arithmetic", arithmetic, "fixed on a chip", "export with --arithmetic fixed")
    require_chip()
    from lava.magma.core.run_configs import Loihi2HwCfg

    from neuro_bpdl.processes.source.models import PySourceFixed
    from neuro_bpdl.processes.source.process import Source

    exceptions = {Source: PySourceFixed, **_layers(microcode), **options.pop("exception_proc_model_map", {})}
    return Loihi2HwCfg(
        select_tag="fixed_pt", select_sub_proc_model=True, exception_proc_model_map=exceptions, **options
    )


def _layers(microcode: Microcode | None) -> dict[type, type]:
    """Which model layers have."""
    if microcode is None:
        return {}
    from neuro_bpdl.engines.lava.neuro_core import layer_model
    from neuro_bpdl.processes.layer.process import Layer

    return {Layer: layer_model(microcode)}
