"""A population whose membrane potential follows its input, with V̇ for the synapses that end on it."""

from __future__ import annotations

from lava.magma.core.process.ports.ports import InPort, OutPort
from lava.magma.core.process.process import AbstractProcess

from neuro_bpdl.engines.lava.shared import SharedArray

SWING_SHIFT = 6  # V̇ is written in units of 2^6 of the potential's


class Membrane(AbstractProcess):  # type: ignore[misc]
    """n neurons: u decays and gathers current, V follows u, spikes are drawn from a rate exp(gain·V).

    No spike resets V: what S_pre · V̇ does to a pair is then V's doing alone.

    Parameters
    ----------
    n : int
    decay_u, decay_v : int
        Leak per time step of u and of V, in 1/4096, as Loihi has them.
    unit : float
        What one standard deviation of V is, in the potential's integers.
    rate : float
        Mean spikes per time step.
    gain : float
        Of the escape rate, per standard deviation of V.
    seed : int
        Of the spikes.
    potentials : SharedArray, (time steps, n)
    spikes : SharedArray, (time steps, n) bool
        Where V and the spikes of every time step go.

    Ports
    -----
    a_in : (n,) input current
    s_out, bap_out : (n,) spikes, for other neurons and for the synapses that end here
    y1_out, y2_out, y3_out : (n,)
        y1 = V̇⁺, y2 = V̇⁻ of this time step; y3 stays 0.
    """

    def __init__(
        self, *, n: int, decay_u: int, decay_v: int, unit: float, rate: float, gain: float, seed: int,
        potentials: SharedArray, spikes: SharedArray, name: str = "membrane",
    ) -> None:  # fmt: skip
        super().__init__(
            n=n, decay_u=decay_u, decay_v=decay_v, unit=unit, rate=rate, gain=gain, seed=seed,
            potentials=potentials, spikes=spikes, name=name,
        )  # fmt: skip
        self.a_in = InPort(shape=(n,))
        self.s_out, self.bap_out = OutPort(shape=(n,)), OutPort(shape=(n,))
        self.y1_out, self.y2_out, self.y3_out = (OutPort(shape=(n,)) for _ in range(3))
