"""Messages as spike trains: how many spikes, which of them at a time step, and what synapses learn from each.

The compiled twin of `neuro_bpdl.numbers.code.Train`. Stochastic spikes have
a draw for every image, population, time step and unit, so that batch and
engine cannot change them.
"""

from __future__ import annotations

import numpy as np

from neuro_bpdl.kernels.compiling import njit
from neuro_bpdl.kernels.fixed.carry import carry
from neuro_bpdl.kernels.fixed.learning import learn_row
from neuro_bpdl.kernels.fixed.rounding import draw32, row_key, stream_key
from neuro_bpdl.kernels.fixed.swing import decayed
from neuro_bpdl.numbers.code import GOLDEN, GOLDEN_BITS
from neuro_bpdl.numbers.widths import PRODUCT_SHIFT

SPIKE_STREAM = 1 << 20  # numbers of the populations' draws, beyond those of matrices and branches
ALWAYS = -1  # instead of a unit: one that integrates from 0


@njit(cache=True, inline="always")
def drive_of(payload: int, window: int, mantissa: int, shift: int) -> int:
    """See `Train.drive`."""
    drive = np.int64(abs(np.int64(payload)) << shift)
    return int(min(drive, np.int64(window * mantissa)))


@njit(cache=True, inline="always")
def phase_of(unit: int, mantissa: int) -> int:
    """See `numbers.code.phases`."""
    return 0 if unit < 0 else (((unit * GOLDEN) & ((1 << GOLDEN_BITS) - 1)) * mantissa) >> GOLDEN_BITS


@njit(cache=True, inline="always")
def fires(drive: int, unit: int, step: int, window: int, mantissa: int) -> bool:
    """Whether a regular train has a spike at time step ``step``; see `Train.fires`."""
    start, threshold = phase_of(unit, mantissa) * window, window * mantissa
    return (start + drive * (step + 1)) // threshold > (start + drive * step) // threshold


@njit(cache=True, inline="always")
def drawn(drive: int, full: int, key: np.uint32, unit: int) -> bool:
    """Whether a stochastic train has a spike where a message can have ``full``/mantissa spikes."""
    return bool((np.uint64(draw32(key, unit)) * np.uint64(full)) >> np.uint64(32) < np.uint64(drive))


@njit(cache=True)
def draw_key(seed: int, population: int, image: int, period: int, time_step: int) -> np.uint32:
    """Selects the draws of a population for one image at one time step of its presentation."""
    return row_key(stream_key(seed, SPIKE_STREAM + population, image * period + time_step), 0)


@njit(cache=True)
def counts(
    payload: np.ndarray, train: tuple[int, int, int, int], selector: tuple[int, int, int, int], time_step: int,
    out: np.ndarray,
) -> int:  # fmt: skip
    """Signed spike counts of a message in ``out``, by the spikes of every time step where they are drawn.

    Parameters
    ----------
    payload : (n,) int32
    train : (W, mantissa, shift, 1 where spikes are drawn)
    selector : (seed, population, image, period)
    time_step : int
        Of the presentation, at which the message begins.

    Returns
    -------
    int
        Payloads that W spikes do not hold.
    """
    window, mantissa, shift, stochastic = train
    full, clipped = window * mantissa, 0
    for i in range(payload.size):
        clipped += int(abs(np.int64(payload[i])) << shift > full)
        drive = drive_of(payload[i], window, mantissa, shift)
        out[i] = 0 if stochastic else (drive + phase_of(i, mantissa)) // mantissa
    for step in range(window if stochastic else 0):
        key = draw_key(*selector, time_step + step)
        for i in range(payload.size):
            out[i] += payload[i] != 0 and drawn(drive_of(payload[i], window, mantissa, shift), full, key, i)
    for i in range(payload.size):
        if payload[i] < 0:
            out[i] = -out[i]
    return clipped


@njit(cache=True)
def spikes(
    payload: np.ndarray, train: tuple[int, int, int, int], selector: tuple[int, int, int, int], time_step: int,
    step: int, out: np.ndarray,
) -> None:  # fmt: skip
    """Spikes −1, 0 or 1 of one time step of a message that began at ``time_step``; arguments as of `counts`."""
    window, mantissa, shift, stochastic = train
    key = draw_key(*selector, time_step + step)
    for i in range(payload.size):
        drive = drive_of(payload[i], window, mantissa, shift)
        fired = drawn(drive, window * mantissa, key, i) if stochastic else fires(drive, i, step, window, mantissa)
        out[i] = 0 if not fired or payload[i] == 0 else (-1 if payload[i] < 0 else 1)


@njit(cache=True)
def learn_from_spikes(
    matrix: np.ndarray, spike: np.ndarray, swing: np.ndarray, rule: tuple[int, int], draw: int,
    selector: tuple[int, int, int],
) -> int:  # fmt: skip
    """dt = m·2^e x0 y1 − m·2^e x0 y2 of one time step; returns how many tags saturated.

    Parameters
    ----------
    matrix : (2, pre, post) int16, tags changed in place
    spike : (pre,) int32, x0
    swing : (post,) int32, y1 − y2
    rule : (mantissa, left shift)
    draw : int
        0 … 127 for the whole matrix, or PER_SYNAPSE.
    selector : (seed, number of the matrix, time step)
    """
    gain, lost = np.int32(rule[0] << PRODUCT_SHIFT), 0  # a single trace is not scaled
    key = stream_key(selector[0], selector[1], selector[2])
    for i in range(spike.size):
        if spike[i] != 0:
            lost += learn_row(matrix[1, i], swing, gain, np.int32(rule[1]), draw, row_key(key, i))
    return lost


@njit(cache=True)
def learn_train(
    matrix: np.ndarray, payload: np.ndarray, swing: np.ndarray, pending: np.ndarray, rule: tuple[int, int],
    train: tuple[int, int, int, int], spiking: tuple[int, int, int, int], time_step: int,
    matrix_draws: tuple[int, int, int], shared: np.ndarray, traces: np.ndarray, lost: np.ndarray,
) -> int:  # fmt: skip
    """LEARN of a whole message: dW at every spike, between two of them the carry; returns the spikes.

    Parameters
    ----------
    payload : (pre,) int32
        The last one is the always-on unit's number of spikes.
    pending : (pre,) bool
        See `carry.carry`; updated.
    spiking, time_step :
        Selector and first time step of the spikes, as of `counts`.
    matrix_draws : (seed, number, clock)
        Select the draws of the synapses at the first time step.
    shared, traces : (W,)
        Draws for all synapses, or PER_SYNAPSE; those that round the decay of V̇.
    lost : (2,)
        Counts saturated tags and weights.
    """
    n, window, sent = payload.size - 1, train[0], 0
    spike = np.empty(n + 1, np.int32)
    for step in range(window):
        clock, now = matrix_draws[2] + step, swing
        if shared[step] >= 0:
            now = decayed(swing, traces[step])
        if step:
            lost[1] += carry(matrix, pending, shared[step], matrix_draws[0], matrix_draws[1], clock)[1]
        spikes(payload[:n], train, spiking, time_step, step, spike[:n])
        spike[n] = fires(payload[n], ALWAYS, step, window, 1)
        lost[0] += learn_from_spikes(matrix, spike, now, rule, shared[step], (matrix_draws[0], matrix_draws[1], clock))
        for i in range(n + 1):
            pending[i] = pending[i] or spike[i] != 0
            sent += spike[i] != 0
    return sent
