"""Lava as an engine. Importing this package does not import Lava, but lets newer Pythons do so."""

from neuro_bpdl.engines.lava.newer_pythons import let_lava_be_imported

let_lava_be_imported()
