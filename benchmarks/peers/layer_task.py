"""One plastic layer, 784 → 500: every peer runs the same spikes through the same leaky neurons and pair rule.

A time step is 1 ms. v decays by exp(−1/τ) and gathers Σ w·s of the step before; above the threshold the neuron fires
and v is 0. Traces x and y decay with τ and gain 1 at a spike. w += A₊ x where the postsynaptic neuron fires, w −= A₋ y
where the presynaptic one does, within [0, 255]. What a peer does differently its file says.
"""

from __future__ import annotations

from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

PRE, POST, RATE = 784, 500, 0.03
PEERS = (
    "ours:shared", "ours:per-synapse", "ours:fused", "brian2:cython", "brian2:cpp", "nest", "bindsnet", "ngclearn:scan",
    "ngclearn:loop", "lava:float", "lava:fixed", "brian2lava",
)  # fmt: skip
OURS, SAME = "ours:shared", ("ours:shared", "ours:fused", "lava:fixed")
Found = dict[str, Any]
MEAN_GATE, RATE_GATE = 0.03, 0.10  # how far a peer may be from the median one, relative


def write(path: Path, steps: int, seed: int) -> None:
    """The common file: Bernoulli spikes, first weights as whole numbers of 8 bits, and the constants."""
    rng = np.random.default_rng(seed)
    np.savez(path, spikes=rng.random((steps, PRE)) < RATE, weights=rng.integers(0, 256, (PRE, POST)), tau=20.0,
             threshold=42_800, plus=1.0, minus=1.25, high=255.0)  # fmt: skip


def row(found: list[Found], ours: list[Found], steps: int) -> dict[str, Any]:
    """Medians over rounds; ``ours`` is what ours wrote in the same rounds, beside which the ratios are taken.

    A clock on a machine with other work measures that work as well; what the processor gave to the run does not. Where
    Lava runs, that includes starting and ending its processes.
    """
    last = found[-1]
    return {
        "about": str(last["about"]),
        "steps/s": round(steps / median(float(each["seconds"]) for each in found), 1),
        "steps/CPU s": round(steps / median(float(each["cpu"]) for each in found), 1),
        **{f"ours is faster, {name}": round(median(float(each[name] / one[name]) for each, one in
                                                   zip(found, ours, strict=True)), 2) for name in ("seconds", "cpu")},
        "build s": [round(float(each["build"]), 2) for each in found],
        "mean weight": round(float(last["weights"].mean()), 3),
        "rate Hz": round(float(last["fired"]) / POST / steps * 1000, 2),
    }  # fmt: skip


def gates(rows: dict[str, dict[str, Any]], weights: dict[str, Any]) -> dict[str, Any]:
    """Who computes something else: too far from the median mean weight or rate; and what is equal to the bit."""
    far = {}
    for name, gate in (("mean weight", MEAN_GATE), ("rate Hz", RATE_GATE)):
        middle = median(each[name] for each in rows.values())
        far[name] = [peer for peer, each in rows.items() if abs(each[name] - middle) > gate * middle]
    there = [peer for peer in SAME if peer in weights]
    equal = len(there) > 1 and all(np.array_equal(weights[peer], weights[there[0]]) for peer in there)
    return {"beyond the gate": far, "equal to the bit": there if equal else []}
