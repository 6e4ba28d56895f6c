"""A trained network for elsewhere: a NIR graph, or everything that a Loihi chip would be sent."""

from neuro_bpdl.export.nir_export import NirExport, export_nir

__all__ = ["NirExport", "export_nir"]
