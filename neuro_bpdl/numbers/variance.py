"""The least residual variance σ² that a layer can have.

A rate that travels is a payload of 7 bits, so even a perfect prediction is off
by rounding: 1/127 wide, variance (1/127)²/12. A smaller σ²_l would say that the
network knows a rate better than it is ever told, and σ²_l = 0 (one image whose
residual is exactly 0 and a memory of one image) makes log p(x, h) infinite.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from neuro_bpdl.numbers import widths

VARIANCE_FLOOR = (1 / widths.PAYLOAD_MAX) ** 2 / 12


def floored(variance: Any) -> Any:
    """``variance``, nowhere below `VARIANCE_FLOOR`; NaN stays NaN."""
    return np.maximum(variance, VARIANCE_FLOOR)
