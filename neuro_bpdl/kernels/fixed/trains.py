"""What every population's spikes are worth, where messages are trains of spikes (`neuro_bpdl.numbers.code`)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.numbers import widths
from neuro_bpdl.numbers.activations import transfer
from neuro_bpdl.numbers.code import Train
from neuro_bpdl.spec import Code, NetworkSpec, PlasticitySpec

Array = NDArray[Any]
SPIKE_RANGE = 6.0  # activity that a train holds: hidden layers of pwl-softplus rarely go beyond, and 8 costs resolution


@dataclass(frozen=True)
class Trains:
    """The trains of one population.

    Attributes
    ----------
    state, noisy : Train
        Of rates, and of corrupted ones. Pixels whose noise is not clipped
        need room above white in the second: their spikes are worth twice as much.
    loud, loud_noisy : int
        Spikes of the always-on unit per message. It says the same in both, so
        that an odd window may leave its last time step out.
    quiet : int
        Its spikes where synapses learn: an activity of 1.
    """

    state: Train
    noisy: Train
    loud: int
    loud_noisy: int
    quiet: int

    @property
    def loud_payload(self) -> float:
        """What the always-on unit sends, in payloads."""
        return self.loud * self.state.worth

    def of(self, *, noisy: bool) -> tuple[Train, int]:
        """The train of a message, and the always-on unit's spikes in it."""
        return (self.noisy, self.loud_noisy) if noisy else (self.state, self.loud)


def trains_of(
    network: NetworkSpec, plasticity: PlasticitySpec, highs: list[float], code: Code
) -> tuple[Trains, ...] | None:
    """The trains of every layer, whose largest payload stands for ``highs``; None where payloads are graded."""
    if not code.spikes:
        return None
    for layer, size in enumerate(network.sizes):
        _require_room(layer, size, code.window)
    return tuple(
        _trains(high, transfer(name).high, code, noisy_range=transfer(name).high if plasticity.clips(layer) else high)
        for layer, (high, name) in enumerate(zip(highs, network.activations, strict=True))
    )


def _trains(high: float, highest: float, code: Code, noisy_range: float) -> Trains:
    held = min(highest, SPIKE_RANGE)
    state = Train.reaching(_payloads(held, high), code.window, stochastic=code.kind == "stochastic")
    wider = noisy_range > highest
    noisy = Train(state.window, 2 * state.mantissa, state.shift, state.stochastic) if wider else state
    loud = (code.window // 2 * 2, code.window // 2) if wider else (code.window, code.window)
    if code.window == 1:
        loud = (1, 1)
    quiet = max(1, round(_payloads(1.0, high) / noisy.worth))
    return Trains(state, noisy, *loud, min(quiet, code.window))


def _payloads(activity: float, high: float) -> int:
    return min(math.ceil(widths.PAYLOAD_MAX * activity / high), widths.PAYLOAD_MAX)


def _require_room(layer: int, size: int, window: int) -> None:
    """Summed currents times the worth of a spike stay within 32 bits."""
    largest = 4 * 2**5 * widths.WEIGHT_MAX  # two worths of 5 bits each, and whatever a shift leaves
    if (size + 1) * window * largest >= 2**31:
        raise InvalidInput("window", window, f"at most {2**31 // ((size + 1) * largest)} with {size} units in layer "
                           f"{layer}", "a smaller window or layer")  # fmt: skip
