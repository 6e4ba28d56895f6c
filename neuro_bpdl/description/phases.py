"""The phases of a presentation: what happens at one time step.

Signals take one time step from population to population. A phase says what
populations do with the currents that have just arrived; what is sent follows
from what the next phase will use (`operations`), so nothing is broadcast in vain.

=========  ====================================================================
LOAD       the fed populations take their values from outside
SETTLE     layer k: h_k = f_k(h_{k−1})
DESCEND    layer k: h_k = g_{k+1}(h_{k+1}); known pixels stay
REFLECT    all: p_l = f_l(h_{l−1}) and r_l = g_{l+1}(h_{l+1}) have arrived; send r_l up
UPDATE     all: q_l = f_l(r_{l−1}) has arrived; h_l += δ(p_l − q_l) + α(r_l − h_l)
CORRUPT    all: draw h̃_l and send it both ways
LEARN      all: V̇ = h_l − prediction from h̃; send h̃ again, synapses learn
READ       layer k takes its net input as it is, for the host to read
RISE       taught: V̇ = h_l − p_l; its positive part goes down, where layer l − 1 rises to p_{l−1}; F and G learn
FALL       taught: the negative part goes down, and layer l − 1 falls back; G learns
REST       nobody sends; what synapses have learned settles
=========  ====================================================================
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Phase(Enum):
    """What happens at a time step."""

    LOAD = "load"
    SETTLE = "settle"
    DESCEND = "descend"
    REFLECT = "reflect"
    UPDATE = "update"
    CORRUPT = "corrupt"
    LEARN = "learn"
    READ = "read"
    RISE = "rise"
    FALL = "fall"
    REST = "rest"


LEARNING = (Phase.LEARN, Phase.RISE, Phase.FALL)  # synapses change


@dataclass(frozen=True)
class Step:
    """A phase, and the one population that acts in it (None: all of them)."""

    phase: Phase
    layer: int | None = None

    def involves(self, layer: int) -> bool:
        """Whether population ``layer`` acts in this step."""
        return self.layer is None or self.layer == layer
