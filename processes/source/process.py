"""The host's side of the chip: a source of images (or of samples of the top layer)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from lava.magma.core.process.ports.ports import OutPort
from lava.magma.core.process.process import AbstractProcess
from numpy.typing import NDArray


class Source(AbstractProcess):  # type: ignore[misc]
    """Sends ``batch`` rows at the first time step of every presentation.

    Parameters
    ----------
    rows : (N, n) rates
    order : (presentations × batch,) int
        Which rows, in which order.
    batch : int
    period : int
        Time steps of a presentation.
    encode : callable
        From rates to the numbers that the network loads.
    """

    def __init__(
        self,
        *,
        rows: NDArray[Any],
        order: NDArray[np.int64],
        batch: int,
        period: int,
        encode: Callable[[NDArray[Any]], NDArray[Any]],
        name: str = "source",
    ) -> None:
        super().__init__(rows=rows, order=order, batch=batch, period=period, encode=encode, name=name)
        self.feed_out = OutPort(shape=(batch, rows.shape[1]))
