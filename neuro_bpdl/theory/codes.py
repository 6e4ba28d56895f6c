"""What a receiver of W binary spikes learns of a rate: mean and variance, for a unit whose phase nobody knows.

A rate r in units of the largest that W spikes hold is received as count/W.

    regular, phase uniform:  mean r,  variance f (1 − f)/W²,  f the fraction of r·W
    stochastic:              mean r,  variance r (1 − r)/W
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.spec import Code

Array = NDArray[Any]


def received(rate: Array, code: Code) -> tuple[Array, Array]:
    """Mean and variance of count/W where ``rate``, 0 … 1 of what W spikes hold, is sent; rates beyond 1 are clipped.

    A graded payload says the rate itself.
    """
    held = np.clip(rate, 0.0, 1.0)
    if code.kind == "stochastic":
        return held, held * (1 - held) / code.window
    if code.kind == "regular":
        fraction = held * code.window % 1.0
        return held, fraction * (1 - fraction) / code.window**2
    return held, np.zeros_like(held)
