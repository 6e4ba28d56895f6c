"""A plastic projection: Lava's LearningDense with the S_pre · V̇ rule and a mailbox for its weights."""

from __future__ import annotations

from typing import Any

from lava.magma.core.learning.constants import GradedSpikeCfg
from lava.magma.core.learning.learning_rule import Loihi3FLearningRule
from lava.proc.dense.process import LearningDense
from numpy.typing import NDArray

from neuro_bpdl.backends.lava.shared import SharedArray
from neuro_bpdl.kernels.rounding import LAVA_RULE_SEED

MESSAGE_BITS = 8
WEIGHT_BITS = 9  # sign included; with 8 Lava would cut the last bit of the first weights, and of a resumed run's
NO_DECAY = 10**17  # exp(-1/τ) is exactly 1: x1 is overwritten by every spike; a tau of 0 would give NaN


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
    mailbox : SharedArray, (post, pre + 1), or (2, pre + 1, post) with tags
    dt : str, optional
        The rule of the tags.
    tags : (post, pre + 1), optional
        Where the tags start.
    first : int
        Number of the first presentation: fixed point goes on with its draws from there.
    """

    def __init__(
        self,
        *,
        weights: NDArray[Any],
        dw: str,
        period: int,
        mailbox: SharedArray,
        name: str,
        dt: str | None = None,
        tags: NDArray[Any] | None = None,
        first: int = 0,
        seed: int = LAVA_RULE_SEED,
    ) -> None:
        # Lava writes into the rule object it is given, so every connection gets its own.
        rule = Loihi3FLearningRule(dw=dw, dt=dt, x1_tau=NO_DECAY, x2_tau=1, t_epoch=1, rng_seed=seed)
        super().__init__(
            weights=weights,
            tag_1=tags,
            learning_rule=rule,
            num_weight_bits=WEIGHT_BITS,
            num_message_bits=MESSAGE_BITS,
            graded_spike_cfg=GradedSpikeCfg.OVERWRITE,
            name=name,
            period=period,
            mailbox=mailbox,
            first=first,
        )
