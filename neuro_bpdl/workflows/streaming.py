"""Learning online from a stream that need not end: no epoch, no order, every window once, as it comes."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.engines.protocol import Simulator
from neuro_bpdl.errors import InvalidInput

Array = NDArray[Any]
BLOCK = 100  # pictures presented at once: a Lava run takes 0.3 s to start


def learn_stream(
    simulator: Simulator, pictures: Iterable[Array], *, batch: int = 1, block: int = BLOCK, first: int = 0
) -> Iterator[int]:
    """Present pictures in the order in which they come and learn from each; yields how many have been learned.

    Nothing is kept: memory does not grow with the stream, and the network may
    be looked at whenever this yields. A block is as many pictures as are
    presented at once; what is learned does not depend on it. Pictures that do
    not fill a minibatch at the end of the stream are left out.

    Parameters
    ----------
    pictures : iterable of (n_0,) in [0, 1]
        Such as `data.events.stream.windows`.
    batch : int
        The simulator's.
    first : int
        Number of the first presentation, where a network goes on.

    Raises
    ------
    InvalidInput
        A block that is no multiple of the batch, or a picture of another size than the network sees.
    """
    if block < batch or block % batch:
        raise InvalidInput("block", block, f"a multiple of the batch, {batch}")
    pixels, stream, learned = simulator.parameters().network.sizes[0], iter(pictures), 0
    while rows := list(itertools.islice(stream, block)):
        rows = rows[: len(rows) // batch * batch]
        for row in rows:
            if row.shape != (pixels,):
                raise InvalidInput("pictures", row.shape, f"{pixels} pixels each, as the network sees")
        if rows:
            simulator.learn(np.stack(rows), np.arange(len(rows)), first + learned // batch)
            learned += len(rows)
            yield learned
