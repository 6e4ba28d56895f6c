"""Rates beyond what a spike train holds: named where they are more than one in a hundred messages."""

from __future__ import annotations

import warnings
from typing import Any

from numpy.typing import NDArray

from neuro_bpdl.description.operations import Op, compiled
from neuro_bpdl.description.program import Program
from neuro_bpdl.errors import NeuroBpdlWarning

CLIPPED_SHARE = 0.01


def name_clipped(program: Program, clipped: NDArray[Any], images: int) -> None:
    """Warn, once a call, of every population that clips more than `CLIPPED_SHARE` of its messages.

    Parameters
    ----------
    clipped : (populations,)
        Rates that were beyond the range of their train, in all images.
    """
    description, sends = program.description, [0] * len(program.description.populations)
    for _, op, subject, _ in compiled(program).tolist():
        if op in (Op.SEND, Op.LEARN):
            sends[description.projections[subject].source] += 1
    messages = [count * size * images for count, size in zip(sends, description.sizes, strict=True)]
    named = [
        f"layer {layer}: {lost / all_of_them:.1%}"
        for layer, (lost, all_of_them) in enumerate(zip(clipped, messages, strict=True))
        if lost > CLIPPED_SHARE * all_of_them
    ]
    if named:
        warnings.warn(
            f"rates beyond the range of their spike trains ({program.code}) were clipped in {', '.join(named)} of the "
            "messages; graded payloads, or an activation with a smaller range, lose none", NeuroBpdlWarning,
            stacklevel=2,
        )  # fmt: skip
