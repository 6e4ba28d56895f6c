"""The common layer as Brian2's equations."""

from __future__ import annotations

from typing import Any

import brian2 as b
import numpy as np


def layer(d: Any, traces: str) -> tuple[Any, Any, Any]:
    """Spikes, neurons and plastic synapses of the common file; ``traces`` is "event-driven" or "clock-driven"."""
    b.defaultclock.dt = 1 * b.ms
    pre, post = d["weights"].shape
    common = {name: float(d[name]) for name in ("threshold", "high", "plus", "minus")} | {"tau": float(d["tau"]) * b.ms}
    common["threshold"] *= np.exp(-1 / float(d["tau"]))
    times, units = np.nonzero(d["spikes"])
    source = b.SpikeGeneratorGroup(pre, units, times * b.ms)
    neurons = b.NeuronGroup(post, "dv/dt = -v/tau : 1", threshold="v > threshold", reset="v = 0", method="exact",
                            namespace=common)  # fmt: skip
    synapses = b.Synapses(
        source, neurons, f"w : 1\ndx/dt = -x/tau : 1 ({traces})\ndy/dt = -y/tau : 1 ({traces})",
        on_pre="v_post += w\nx += 1\nw = clip(w - minus*y, 0, high)",
        on_post="y += 1\nw = clip(w + plus*x, 0, high)", namespace=common,
    )  # fmt: skip
    synapses.connect()
    synapses.w = d["weights"].ravel()
    return source, neurons, synapses
