"""Spike-timing-dependent plasticity out of ΔW ∝ S_pre · dV_post/dt (Eq 1), simulated with spikes.

The post-synaptic voltage V is driven by a fluctuating input (an
Ornstein–Uhlenbeck process of time constant τ, the membrane's); spikes are
drawn from a rate that grows with V. The weight changes by V̇ at every
pre-synaptic spike and by nothing else: the post-synaptic spikes are only
looked at, and yet the change, sorted by t_post − t_pre, is the STDP window,
because V̇ is positive before a spike and negative after it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.errors import InvalidInput

Array = NDArray[np.floating]
BI_POO = {"tau_plus_ms": 16.8, "tau_minus_ms": 33.7}  # double exponential fitted to Bi & Poo 1998, as widely quoted


@dataclass(frozen=True)
class SpikingPair:
    """Time in ms, rates in Hz, voltage in units of its standard deviation."""

    duration_ms: int = 2_000_000
    dt_ms: float = 1.0
    tau_ms: float = 17.0
    smoothing_ms: float = 3.0
    pre_rate_hz: float = 5.0
    post_rate_hz: float = 5.0
    gain: float = 1.0

    def __post_init__(self) -> None:
        for name in ("duration_ms", "dt_ms", "tau_ms", "pre_rate_hz", "post_rate_hz", "gain"):
            if getattr(self, name) <= 0:
                raise InvalidInput(f"SpikingPair.{name}", getattr(self, name), "a positive number")


@dataclass(frozen=True)
class Trains:
    """One simulation: V, its derivative per ms, and both spike trains as booleans, one entry a time step."""

    voltage: Array
    derivative: Array
    pre: NDArray[np.bool_]
    post: NDArray[np.bool_]


@dataclass(frozen=True)
class Window:
    """ΔW against Δt = t_post − t_pre (ms): mean, standard error, and number of spike pairs per bin."""

    lag_ms: Array
    change: Array
    standard_error: Array
    pairs: Array


def simulate(pair: SpikingPair, rng: np.random.Generator) -> Trains:
    """Draw V, then both spike trains; the pre-synaptic one is independent of V."""
    from scipy.signal import lfilter

    steps = int(pair.duration_ms / pair.dt_ms)
    decay = np.exp(-pair.dt_ms / pair.tau_ms)
    noise = rng.standard_normal(steps) * np.sqrt(1 - decay**2)
    voltage = lfilter([1.0], [1.0, -decay], noise)
    if pair.smoothing_ms > 0:  # the membrane's capacitance: without it V has no derivative
        keep = np.exp(-pair.dt_ms / pair.smoothing_ms)
        voltage = lfilter([1 - keep], [1.0, -keep], voltage)
    voltage = voltage / voltage.std()
    rate = np.exp(pair.gain * voltage - 0.5 * pair.gain**2) * pair.post_rate_hz
    post = rng.random(steps) < rate * pair.dt_ms / 1000
    pre = rng.random(steps) < pair.pre_rate_hz * pair.dt_ms / 1000
    derivative = np.gradient(voltage, pair.dt_ms)
    return Trains(voltage, derivative, pre, post)


def derivative_from_spikes(
    post: NDArray[np.bool_], fast_ms: float = 4.0, slow_ms: float = 16.0, dt_ms: float = 1.0
) -> Array:
    """V̇ as two-factor hardware sees it: a fast minus a slow trace of the post-synaptic spikes, equal areas."""
    from scipy.signal import lfilter

    fast, slow = (np.exp(-dt_ms / tau) for tau in (fast_ms, slow_ms))
    return lfilter([1 - fast], [1, -fast], post) - lfilter([1 - slow], [1, -slow], post)


def derivative_from_tag(post: NDArray[np.bool_], epoch: int = 1, tau_ms: float = 10.0, dt_ms: float = 1.0) -> Array:
    """V̇ as the synaptic tag keeps it: this trace minus the trace one epoch ago, an exact backward difference."""
    from scipy.signal import lfilter

    keep = np.exp(-dt_ms / tau_ms)
    trace = lfilter([1.0], [1, -keep], post)
    earlier = np.concatenate([np.zeros(epoch), trace[:-epoch]])
    return trace - earlier


def window(trains: Trains, derivative: Array, half_width_ms: int = 60, dt_ms: float = 1.0) -> Window:
    """The change at pre-synaptic spikes, sorted by the lag to every post-synaptic spike within ``half_width_ms``.

    Every pair (pre spike, post spike) counts once, with the V̇ at the pre
    spike; the mean over all pre spikes, whatever the post-synaptic neuron
    did, is subtracted (it is 0 up to sampling noise).
    """
    reach = int(half_width_ms / dt_ms)
    inside = np.flatnonzero(trains.pre)
    inside = inside[(inside >= reach) & (inside < len(trains.pre) - reach)]
    change = derivative[inside] - derivative[inside].mean()
    lags = np.arange(-reach, reach + 1)
    mean, error, pairs = np.zeros(len(lags)), np.zeros(len(lags)), np.zeros(len(lags))
    for i, lag in enumerate(lags):
        hit = change[trains.post[inside + lag]]
        pairs[i] = len(hit)
        if len(hit) > 1:
            mean[i], error[i] = hit.mean(), hit.std(ddof=1) / np.sqrt(len(hit))
    return Window(lags * dt_ms, mean, error, pairs)


def pair_window(
    pre: NDArray[np.bool_], post: NDArray[np.bool_], change: Array, half_width_ms: int = 60, dt_ms: float = 1.0
) -> Window:
    """`window` of every pair of two populations; the standard error is that of the mean over postsynaptic neurons.

    Parameters
    ----------
    pre : (steps, n_pre), post : (steps, n_post)
    change : (steps, n_post, n_pre)
        ΔW of every synapse at every time step; read at presynaptic spikes.
    """
    reach = int(half_width_ms / dt_ms)
    time, unit = np.nonzero(pre)
    inside = (time >= reach) & (time < len(pre) - reach)
    time, unit = time[inside], unit[inside]
    at_spike = change[time, :, unit]  # (spikes, n_post)
    at_spike = at_spike - at_spike.mean()
    lags = np.arange(-reach, reach + 1)
    mean, error, pairs = np.zeros(len(lags)), np.zeros(len(lags)), np.zeros(len(lags))
    for i, lag in enumerate(lags):
        hit = post[time + lag]
        count, total = hit.sum(axis=0), np.where(hit, at_spike, 0).sum(axis=0)
        pairs[i] = count.sum()
        if np.count_nonzero(count) > 1:
            mean[i] = total.sum() / pairs[i]
            residual = total - mean[i] * count  # per postsynaptic neuron: its pairs share a potential
            error[i] = np.sqrt((residual**2).sum()) / pairs[i]
    return Window(lags * dt_ms, mean, error, pairs)


def decay_constant(curve: Window, side: int, start_ms: float = 5.0, stop_ms: float = 40.0) -> float:
    """τ (ms) of an exponential fitted to one side (+1 or −1) of the window, least squares on the mean change."""
    from scipy.optimize import curve_fit

    lag = side * curve.lag_ms
    chosen = (lag >= start_ms) & (lag <= stop_ms)
    value = side * curve.change[chosen]
    (_, tau), _ = curve_fit(lambda t, a, tau: a * np.exp(-t / tau), lag[chosen], value, p0=(value.max(), 15.0))
    return float(tau)


def oddness(curve: Window) -> float:
    """Correlation of ΔW(Δt) with −ΔW(−Δt): 1 for an odd window, −1 for an even one."""
    return float(np.corrcoef(curve.change, -curve.change[::-1])[0, 1])


def slope_experiment(
    slopes: Array, trials: int, rng: np.random.Generator, half_width_ms: int = 40
) -> tuple[Array, Array]:
    """The paper's figure 1: V ramps through a pre-synaptic spike at t = 0 with a slope that is swept.

    The post-synaptic neuron fires at a rate proportional to V (relative to 1
    at t = 0); a rising V puts its spikes after the pre-synaptic one on
    average, and the weight changes by the slope.

    Returns
    -------
    (len(slopes),) mean t_post − t_pre in ms, and (len(slopes),) ΔW per pre spike.
    """
    t = np.arange(-half_width_ms, half_width_ms + 1)
    lag = []
    for slope in slopes:
        rate = np.clip(1 + slope * t, 0, None) * 0.05
        spikes = rng.random((trials, len(t))) < rate
        lag.append(float((spikes * t).sum() / max(1, spikes.sum())))
    return np.array(lag), np.array(slopes, dtype=float)
