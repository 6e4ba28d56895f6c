"""Durations: how simulated seconds stand for Algorithm 2's steps."""

from __future__ import annotations

import math
from dataclasses import dataclass

from neuro_bpdl.errors import InvalidInput

RATE_STEPS = 4
SPIKE_STEPS = 10
LIF_STEPS = 10
MAX_RATE = 200.0
RELAXATIONS = 12
"""Time constants (of factor ½ for a rate network) that a settling or swinging phase lasts."""


@dataclass(frozen=True)
class Timing:
    """All durations of a presentation, in seconds of simulated time.

    Attributes
    ----------
    tau : float
        One inference step: N steps of Algorithm 2 take N·τ. For spikes also
        the integration window: the synapse averages them over it.
    dt : float
        Nengo's time step.
    synapse : float or None
        Time constant of the synapses. An exponential filter averages Poisson
        spikes as well as a box of twice its time constant, so τ/2 is a
        window of τ. None for rates.
    settle_tau, settle : float
        Pull of a soma to its basal compartment, and its duration per layer.
    swing_tau, swing : float
        Pull of a compartment's membrane to its prediction, then to its soma,
        and the duration of each.
    """

    tau: float
    dt: float
    synapse: float | None
    settle_tau: float
    settle: float
    swing_tau: float
    swing: float

    @classmethod
    def of(
        cls, neurons: str, dt: float | None = None, window: float | None = None, max_rate: float = MAX_RATE
    ) -> Timing:
        """Durations for "rate" or spiking neurons; LIF ones need `LIF_STEPS` time steps between their fastest spikes.

        Raises
        ------
        InvalidInput
            A window or dt that is not positive, or a dt that does not divide
            the window.
        """
        tau = 0.1 if window is None else window
        if not tau > 0:
            raise InvalidInput("window", window, "a number of seconds above 0")
        lif = math.ceil(LIF_STEPS * max_rate * tau)
        steps = {"rate": RATE_STEPS, "lif": lif}.get(neurons, SPIKE_STEPS)
        dt = tau / steps if dt is None else dt
        if not 0 < dt <= tau or abs(tau / dt - round(tau / dt)) > 1e-6:
            raise InvalidInput("dt", dt, f"a whole fraction of the window of {tau:g} s", f"try {tau / steps:g}")
        if neurons == "rate":
            return cls(tau, dt, None, dt, dt, 2 * dt, RELAXATIONS * dt)
        settle_tau = tau if neurons == "poisson" else tau / 2  # Poisson noise at the start decays slowly: average it
        return cls(tau, dt, tau / 2, settle_tau, 5 * settle_tau, tau / 2, 4 * tau)

    def steps(self, duration: float) -> int:
        """Time steps in a duration."""
        return max(1, round(duration / self.dt))
