"""network.json: how populations send where messages are trains of binary spikes, or changes of payloads."""

from __future__ import annotations

from typing import Any

from neuro_bpdl.kernels.fixed.trains import Trains
from neuro_bpdl.numbers.code import Train, phases
from neuro_bpdl.spec import Code


def code_record(code: Code) -> dict[str, Any] | None:
    """The code of a whole network; None where payloads are graded and whole."""
    if code.changes:
        return {"kind": code.kind, "sends": _CHANGES, "receives": _ADDED}
    if not code.spikes:
        return None
    return {"kind": code.kind, "window": code.window, "sends": _SENDS[code.kind], "receives": _RECEIVES}


_SENDS = {
    "regular": "v = phase * window, then at every time step v += drive; v >= window * mantissa: spike, "
               "v -= window * mantissa",
    "stochastic": "a spike with probability drive / (window * mantissa) at every time step, a draw for every unit",
}  # fmt: skip
_CHANGES = ("the payload less what was last sent through the same projection, states and held rates apart; from 0 in a "
            "presentation's first time step, and again in its second where tags are carried between them; whole where "
            "synapses learn")  # fmt: skip
_ADDED = "currents add up, those of states and of held rates apart; from 0 whenever senders begin from 0"
_RECEIVES = "currents add up over the window; the next step multiplies their sum by the sender's mantissa"


def train_record(trains: Trains, units: int) -> dict[str, Any]:
    """One population's spikes: ``states`` and reflected rates, and ``corrupted`` ones (CORRUPT and LEARN).

    A unit with payload p has the drive |p| · 2^shift, at most window · mantissa;
    a spike is worth mantissa · 2^-shift payloads.
    """
    return {
        "states": _train(trains.state, units) | {"always_on_spikes": trains.loud},
        "corrupted": _train(trains.noisy, units)
        | {"always_on_spikes": trains.loud_noisy, "always_on_spikes_at_learning": trains.quiet},
    }


def _train(train: Train, units: int) -> dict[str, Any]:
    start = {} if train.stochastic else {"phases": phases(units, train.mantissa).tolist()}
    return {"mantissa": train.mantissa, "shift": train.shift, **start}
