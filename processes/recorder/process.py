"""Lava's stock learning connection, with its weights kept after every learning epoch."""

from __future__ import annotations

from typing import Any

from lava.proc.dense.process import LearningDense
from numpy.typing import NDArray

from neuro_bpdl.engines.lava.shared import SharedArray

WEIGHT_BITS = 9  # sign included; 8 would cut the last bit


class RecordedDense(LearningDense):  # type: ignore[misc]
    """LearningDense on binary spikes; nothing of it is changed.

    Parameters
    ----------
    weights : (post, pre)
    learning_rule : Lava learning rule
        Its own object: Lava writes into it.
    history : SharedArray, (epochs, post, pre)
        The weights after every learning epoch.
    """

    def __init__(self, *, weights: NDArray[Any], learning_rule: Any, history: SharedArray, name: str) -> None:
        super().__init__(
            weights=weights, learning_rule=learning_rule, num_weight_bits=WEIGHT_BITS, name=name, history=history,
            period=learning_rule.t_epoch,
        )  # fmt: skip
