"""For people who build with Nengo: ``neuro_bpdl.nengo.network(params)`` is a `nengo.Network`.

Needs the extra ``nengo``; importing this module without it raises `MissingDependency`.
"""

from neuro_bpdl.engines.nengo import NengoSimulator, Timing
from neuro_bpdl.engines.nengo.public import BPDLNetwork, network
from neuro_bpdl.engines.nengo.response import Response, measure_response

__all__ = ["BPDLNetwork", "NengoSimulator", "Response", "Timing", "measure_response", "network"]
