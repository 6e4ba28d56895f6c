"""Does a network fit a chip, where does everything go, and what does a presentation cost.

Targets Loihi: rules, widths and sizes are checked; nothing is run on a chip.
"""

from neuro_bpdl.hardware.case import Violation
from neuro_bpdl.hardware.counts import Step, presentation_counts, presentation_steps
from neuro_bpdl.hardware.energy import Counts, Estimate, estimate, published_learners
from neuro_bpdl.hardware.entry import Entry
from neuro_bpdl.hardware.mapping import Mapping, largest_fitting, map_network
from neuro_bpdl.hardware.options import MapOptions
from neuro_bpdl.hardware.rules import check, check_run, require_fit
from neuro_bpdl.hardware.target import Target, list_targets, load_target

__all__ = [
    "Counts", "Entry", "Estimate", "MapOptions", "Mapping", "Step", "Target", "Violation", "check", "check_run",
    "estimate", "largest_fitting", "list_targets", "load_target", "map_network", "presentation_counts",
    "presentation_steps", "published_learners", "require_fit",
]
