"""A plastic projection: Lava's LearningDense with the S_pre · V̇ rule and a mailbox for its weights."""

from __future__ import annotations

from typing import Any

from lava.magma.core.learning.constants import GradedSpikeCfg
from lava.magma.core.learning.learning_rule import Loihi2FLearningRule, Loihi3FLearningRule
from lava.proc.dense.process import LearningDense
from numpy.typing import NDArray

from neuro_bpdl.engines.lava.shared import SharedArray
from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.kernels.fixed.rounding import LAVA_RULE_SEED
from neuro_bpdl.numbers.widths import (
    LITERAL_EXPONENT_MAX,
    LITERAL_EXPONENT_MIN,
    MESSAGE_BITS,
    PAIR_IMPULSE,
    PAIR_TAU,
)
from neuro_bpdl.spec.code import TWO

WEIGHT_BITS = 9  # sign included; with 8 Lava would cut the last bit of the first weights, and of a resumed run's
SIGNALS = {2: ("bap",), 3: ("bap", "y1", "y2", "y3")}  # a two-factor connection never empties the other ports
NO_DECAY = 10**17  # exp(-1/τ) is exactly 1: x1 is overwritten by every spike; a tau of 0 would give NaN


class PlasticDense(LearningDense):  # type: ignore[misc]
    """F_l or G_l as Lava's stock learning connection.

    Nothing of the stock process is changed; its Vars (weights, x1, y1, tag_1, dw, …) are Lava's. It stands alone:
    ``PlasticDense(weights=W)`` learns by S_pre · V̇ in the arithmetic of the run configuration's tag, to which W is
    rounded.

    Parameters
    ----------
    weights : (post, pre)
        Behind a `Layer` pre counts the always-on bias unit, the last column. Numbers of an integer type are what the
        fixed-point model holds.
    rule : str, optional
        dW as a sum of products, e.g. ``"2^-3*x0*x1*y1 - 2^-3*x0*x1*y2"``: x1 is half of what was sent, y1 and y2 are
        V̇⁺ and V̇⁻. S_pre · V̇ at ``learning_rate``, as near as one literal comes, unless given.
    learning_rate : float
        Of that rule.
    highs : (float, float)
        Activity that the largest payload of the two ends stands for: 1, or the ceiling of an activation that has
        another.
    dt : str, optional
        The rule of the tags.
    tags : (post, pre), optional
        Where the tags start.
    period : int
        Time steps of a presentation, after which the weights are copied to the mailbox.
    mailbox : SharedArray, (post, pre), or (2, pre, post) with tags; optional
    first : int
        Number of the first presentation: fixed point goes on with its draws from there.
    epoch : int
        Time steps between two applications of the rules.
    spikes : {"", "binary", "signed"}
        Graded payloads, spikes, or spikes with a sign bit (pixels whose noise
        is not clipped); the rule of spikes reads x0, and x1 stays 0.
    message_bits : int
        Of graded payloads.
    factors : {3, 2}
        3: the rule reads y1 and y2 as the neuron writes them. 2: a rule of
        pairs, whose x1 and y1 are traces of spikes (`neuro_bpdl.kernels.fixed.pairs`).

    Attributes
    ----------
    hears : tuple of str
        Learning signals that it takes from its target.
    """

    def __init__(
        self,
        *,
        weights: NDArray[Any],
        rule: str | None = None,
        learning_rate: float = 0.1,
        highs: tuple[float, float] = (1.0, 1.0),
        dt: str | None = None,
        tags: NDArray[Any] | None = None,
        period: int = 1,
        mailbox: SharedArray | None = None,
        first: int = 0,
        seed: int = LAVA_RULE_SEED,
        spikes: str = "",
        message_bits: int = MESSAGE_BITS,
        factors: int = 3,
        epoch: int = 1,
        name: str = "plastic",
    ) -> None:
        if factors not in SIGNALS:
            raise InvalidInput("PlasticDense.factors", factors, "2 or 3")
        dw, self.hears = rule or nearest_rule(learning_rate), SIGNALS[factors]
        # Lava writes into the rule object it is given, so every connection gets its own.
        super().__init__(
            weights=weights,
            tag_1=tags,
            learning_rule=two_factor(dw, dt, seed) if factors == TWO else three_factor(dw, dt, seed, epoch),
            num_weight_bits=WEIGHT_BITS,
            num_message_bits=0 if spikes == "binary" else message_bits,
            graded_spike_cfg=GradedSpikeCfg.USE_REGULAR_IMPULSE if spikes else GradedSpikeCfg.OVERWRITE,
            name=name,
            given=weights,
            own_rule=rule is not None,
            learning_rate=learning_rate,
            highs=highs,
            period=period,
            mailbox=mailbox,
            first=first,
            seed=seed,
            epoch=epoch,
        )


def three_factor(dw: str, dt: str | None, seed: int, epoch: int = 1) -> Loihi3FLearningRule:
    """A rule on graded spikes, which overwrite x1 (it does not decay), or on binary ones, which leave it 0."""
    return Loihi3FLearningRule(dw=dw, dt=dt, x1_impulse=0, x1_tau=NO_DECAY, x2_tau=1, t_epoch=epoch, rng_seed=seed)


def two_factor(dw: str, dt: str | None, seed: int) -> Loihi2FLearningRule:
    """A rule on pairs of spikes: x1 and y1 are `PAIR_IMPULSE` at a spike and 1 one time step later."""
    return Loihi2FLearningRule(dw=dw, dt=dt, x1_impulse=PAIR_IMPULSE, x1_tau=PAIR_TAU, y1_impulse=PAIR_IMPULSE,
                               y1_tau=PAIR_TAU, x2_tau=1, t_epoch=1, rng_seed=seed)  # fmt: skip


def nearest_rule(learning_rate: float) -> str:
    """S_pre · V̇ in float: x1 is half the payload, so the literal is twice the rate, with a mantissa of 3 bits.

    Raises
    ------
    InvalidInput
        A rate beyond the smallest or the largest literal.
    """
    literals = [(m * 2.0**e, m, e) for e in range(LITERAL_EXPONENT_MIN, LITERAL_EXPONENT_MAX + 1) for m in range(1, 8)]
    low, high = literals[0][0] / 2, literals[-1][0] / 2
    if not low / 2 <= learning_rate <= high:
        raise InvalidInput("PlasticDense.learning_rate", learning_rate, f"{low:.3g} to {high:.3g}", "or give rule=")
    _, m, e = min(literals, key=lambda one: (abs(one[0] - 2 * learning_rate), one[1]))
    text = f"2^{e}" if m == 1 else f"{m}*2^{e}"
    return f"{text}*x0*x1*y1-{text}*x0*x1*y2"
