"""The second opinion: the same network on Nengo's own simulator, builder and neurons.

The only package that imports nengo (GPL-2, an optional extra). Importing it
without nengo raises `MissingDependency`. It shares weights, specs and random
streams with the other engines, and none of their arithmetic.
"""

from neuro_bpdl.errors import MissingDependency

try:
    import nengo  # noqa: F401
except ImportError as error:
    raise MissingDependency(
        "nengo: not installed, needed by the Nengo engine; install it with: pip install neuro-bpdl[nengo]"
    ) from error

from neuro_bpdl.engines.nengo.simulator import NengoSimulator
from neuro_bpdl.engines.nengo.timing import Timing

__all__ = ["NengoSimulator", "Timing"]
