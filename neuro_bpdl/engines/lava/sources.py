"""What feeds a network on Lava: a source process for each population that the program loads."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.engines.lava.availability import require_lava
from neuro_bpdl.kernels.network import NetworkKernel


def connect_sources(
    network: Any, kernel: NetworkKernel, rows: NDArray[Any], order: NDArray[np.int64], batch: int
) -> list[Any]:
    """Sources of images (or of samples of the top), and of labels where the program clamps the top as well.

    Parameters
    ----------
    network : processes.network.process.Network
    kernel : NetworkKernel
        Knows the program and the numbers that the network loads.
    rows : (N, feed size)
        The fed populations' values, one after the other.

    Returns
    -------
    list of Source, wired to ``network``.
    """
    require_lava()
    from neuro_bpdl.processes.source.process import Source

    program, sources = kernel.program, []
    for fed, port in zip(program.feeds, (network.feed_in, network.label_in), strict=False):
        columns = program.columns(fed)
        source = Source(
            rows=rows[:, columns], order=order, batch=batch, period=len(program),
            encode=partial(kernel.to_feed, columns=columns), name=f"source_{fed}",
        )  # fmt: skip
        source.feed_out.connect(port)
        sources.append(source)
    return sources
