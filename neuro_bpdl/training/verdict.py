"""Whether a training has learned: one that ends worse than the mean image, or swings, is told so.

A network whose steps are too long for its images does not diverge: its rates have ends, so the error stays a number,
jumps from epoch to epoch, and log p(x, h) can even rise. Errors beside the mean image's tell.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any

SWING = 1.25  # an error that grows by more within an epoch has jumped
JUMPS = 2  # one is an accident
WORSE = 1.5  # than the best epoch's: what was learned is lost


@dataclass(frozen=True)
class Verdict:
    """Where a training has failed, why, and what to do.

    Attributes
    ----------
    layer : int
        The lowest hidden layer whose reconstruction is at fault.
    """

    layer: int
    reason: str
    remedy: str

    def __str__(self) -> str:
        return f"has not learned: from h_{self.layer} {self.reason}; {self.remedy}"

    def to_dict(self) -> dict[str, Any]:
        """For metrics.jsonl and JSON."""
        return asdict(self)


def verdict(lines: Sequence[Mapping[str, Any]], depth: int, rates: str) -> Verdict | None:
    """What is wrong with a training, or None.

    Parameters
    ----------
    lines : of metrics.jsonl, the one before learning first
    depth : int
        L, the number of hidden layers.
    rates : str
        The learning rates, for the remedy.
    """
    layers = {1: "reconstruction_mse", depth: "deep_reconstruction_mse"}
    for layer, key in layers.items():
        shares = [line[key] / line["mean_image_mse"] if line["mean_image_mse"] else 0.0 for line in lines]
        reason = _fault(shares[1:])
        if reason:
            return Verdict(layer, reason + _ends(lines[-1], layer), _remedy(rates))
    return None


def _fault(shares: list[float]) -> str:
    """What is wrong with errors over the mean image's, epoch by epoch."""
    if not shares:
        return ""
    if shares[-1] >= 1:
        return f"the error is {shares[-1]:.2f} of the mean image's"
    jumps = sum(after > SWING * before for before, after in pairwise(shares))
    if jumps >= JUMPS and shares[-1] > WORSE * min(shares):
        return f"the error swings from epoch to epoch, {min(shares):.2f} to {max(shares):.2f} of the mean image's"
    return ""


def _ends(line: Mapping[str, Any], layer: int) -> str:
    """Units that say nothing, which long steps make of them."""
    stuck = line["dead"][layer - 1] + line["saturated"][layer - 1]
    return f" ({stuck} of its units are at an end of their range for every image)" if stuck else ""


def _remedy(rates: str) -> str:
    return (f"its steps are too long for these images: leave --learning-rate out, and rates follow from the images, or "
            f"lower it ({rates}) to a tenth")  # fmt: skip
