"""A trained network for elsewhere: a NIR graph, or everything that a Loihi chip would be sent."""

from neuro_bpdl.export.both import export_both, load_both
from neuro_bpdl.export.chip import ChipExport, export_chip, load_export
from neuro_bpdl.export.nir_export import NirExport, export_nir
from neuro_bpdl.export.rebuild import LavaNetwork, build_lava

__all__ = ["ChipExport", "LavaNetwork", "NirExport", "build_lava", "export_both", "export_chip", "export_nir",
           "load_both", "load_export"]
