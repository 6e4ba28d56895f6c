"""Few labels and many images: what an epoch teaches, and labels that the network infers itself.

An image without a label is learned by EM. The E-step reads what the network
takes it for, from one pass; the M-step teaches it that, by the event that
every label is. What is wrong would teach itself, so the surest come first,
more of them in every epoch, and of no class more than of another
(pseudo-labels: Lee 2013; the surest first: Cascante-Bonilla et al 2021). A
label is read from the image as it is and taught on the image moved.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.engines.registry import simulator_of
from neuro_bpdl.numbers.streams import Stream, stream
from neuro_bpdl.parameters import Parameters
from neuro_bpdl.spec import RunSpec
from neuro_bpdl.training.checkpoint import Progress
from neuro_bpdl.training.labelled import moved, shifted, told

Array = NDArray[Any]
ALL_TAUGHT = 2 / 3  # of the epochs: from then on every unlabelled image is taught
CHUNK = 10_000  # images read at once: bounds the memory


def shown(spec: RunSpec, rows: Array, epoch: int, params: Parameters) -> tuple[Array, Array | None]:
    """What an epoch presents as the network's own task, and the labels that it teaches besides: arguments of `lessons`.

    Rows of images where these are learned, with the labels beside them; else rows of images and labels.
    """
    if spec.joint:
        return rows, lessons(spec, rows, epoch, params)
    few = spec.training.labelled is not None
    return lessons(spec, rows, epoch, params) if few else moved(spec, rows, epoch), None


def lessons(spec: RunSpec, rows: Array, epoch: int, params: Parameters) -> Array:
    """What an epoch teaches: every labelled row ``repeat`` times, inferred ones once, each time moved anew.

    (M, n_0 + classes), in random order, M a multiple of the batch.

    Parameters
    ----------
    rows : (N, n_0 + classes)
        As of `labelled.learned_rows`: zeros where there is no label.
    params : Parameters
        The network at the start of the epoch, which infers.
    """
    known = np.flatnonzero(told(spec, rows))
    rng = stream(spec.training.seed, Stream.SHIFT, 1, epoch)
    order = np.concatenate([rng.permutation(known) for _ in range(spec.training.repeat)])
    if spec.training.unlabelled == "inferred":
        found, labels = _inferred(spec, rows, epoch, params)
        order = rng.permutation(np.concatenate([order, found]))
        rows = rows.copy()
        rows[found, rows.shape[1] - spec.classes + labels] = 1
    order = order[: len(order) // spec.training.batch * spec.training.batch]
    return shifted(spec, rows[order], rng) if spec.training.shift else rows[order]


def share_taught(spec: RunSpec, epoch: int) -> float:
    """The share of unlabelled images that an epoch teaches their inferred label: none in the first, all in the end."""
    return min(1.0, epoch / (ALL_TAUGHT * spec.training.epochs))


def images_in_all(spec: RunSpec, images: int) -> int:
    """How many images a whole training presents at most; ``images`` is how many there are to learn from."""
    training, counts = spec.training, [images] * spec.training.epochs
    if training.labelled is not None and not spec.joint:
        unknown = images - training.labelled if training.unlabelled == "inferred" else 0
        shares = (share_taught(spec, epoch) for epoch in range(training.epochs))
        counts = [training.labelled * training.repeat + int(share * unknown) for share in shares]
    return sum(count // training.batch * training.batch for count in counts)


def lessons_before(spec: RunSpec, progress: Progress) -> int:
    """Minibatches of labels taught in the epochs that are done; with inferred labels, at least so many."""
    if not progress.epoch:
        return 0
    images = spec.training.labelled or progress.images // progress.epoch
    return progress.epoch * (images * spec.training.repeat // spec.training.batch)


def surest(net: Array, most: int) -> Array:
    """The images whose answers are surest, ``most`` or less of every answer, by their number.

    Parameters
    ----------
    net : (M, classes)
        Net inputs of the label population: the largest is the answer, its lead over the next one says how sure.
    """
    answers, highest = net.argmax(axis=1), np.sort(net, axis=1)[:, -2:]
    order = np.lexsort((highest[:, 0] - highest[:, 1], answers))  # answer by answer, the surest first
    sizes = np.bincount(answers, minlength=net.shape[1])
    place = np.arange(len(net)) - np.repeat(np.cumsum(sizes) - sizes, sizes)  # among those of the same answer
    return np.sort(order[place < most])


def _inferred(spec: RunSpec, rows: Array, epoch: int, params: Parameters) -> tuple[Array, Array]:
    """Which rows are taught a label that the network infers, and these labels."""
    unknown, pixels = np.flatnonzero(~told(spec, rows)), rows.shape[1] - spec.classes
    most = int(share_taught(spec, epoch) * len(unknown) / spec.classes)
    if not most:
        return unknown[:0], unknown[:0]
    simulator = simulator_of(spec, params)
    chunks = (unknown[begin : begin + CHUNK] for begin in range(0, len(unknown), CHUNK))
    net = np.concatenate([simulator.classify(rows[part, :pixels]) for part in chunks])
    chosen = surest(net, most)
    return unknown[chosen], net[chosen].argmax(axis=1)
