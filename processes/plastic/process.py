"""A plastic projection: Lava's LearningDense with the S_pre · V̇ rule and a mailbox for its weights."""

from __future__ import annotations

from typing import Any

from lava.magma.core.learning.constants import GradedSpikeCfg
from lava.magma.core.learning.learning_rule import Loihi3FLearningRule
from lava.proc.dense.process import LearningDense
from numpy.typing import NDArray

from neuro_bpdl.backends.lava.shared import SharedArray

MESSAGE_BITS = 8
NO_DECAY = 10**9  # the trace x1 is overwritten by every spike; a tau of 0 would give NaN


class PlasticDense(LearningDense):  # type: ignore[misc]
    """F_l or G_l as Lava's stock learning connection.

    Nothing of the stock process is changed: the subclass only copies the
    weights to ``mailbox`` when a presentation has ended.

    Parameters
    ----------
    weights : (post, pre + 1)
        The last column belongs to the always-on bias unit.
    dw : str
        The rule as a sum of products, e.g. ``"2^-3*x0*x1*y1 - 2^-3*x0*x1*y2"``.
    period : int
        Time steps of a presentation.
    mailbox : SharedArray, (post, pre + 1)
    """

    def __init__(
        self, *, weights: NDArray[Any], dw: str, period: int, mailbox: SharedArray, name: str, seed: int = 1
    ) -> None:
        # Lava writes into the rule object it is given, so every connection gets its own.
        rule = Loihi3FLearningRule(dw=dw, x1_tau=NO_DECAY, x2_tau=1, t_epoch=1, rng_seed=seed)
        super().__init__(
            weights=weights,
            learning_rule=rule,
            num_message_bits=MESSAGE_BITS,
            graded_spike_cfg=GradedSpikeCfg.OVERWRITE,
            name=name,
            period=period,
            mailbox=mailbox,
        )
