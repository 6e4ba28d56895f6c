"""What a compiled presentation in integers reads and changes: arrays by column, and views of them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from neuro_bpdl.kernels.compiling import njit
from neuro_bpdl.numbers.widths import SOMA_FRACTION_BITS

BITS = np.int32(SOMA_FRACTION_BITS)
SOMA, SWING, TAGS, WEIGHTS, RANGE = range(5)  # columns of events.SATURATIONS
# Columns of `Plan.projections`.
(SOURCE, TARGET, DOWNWARD, PRE, POST, AT, OFFSET, SHIFT, STEP, STEP_SHIFT, PULLS, PULL_SHIFT,
 MANTISSA, LEFT, SWING_BITS, MATRIX, BRANCH, PARTNER, PENDING, BLOCK) = range(20)  # fmt: skip
# Columns of `Plan.populations`.
SIZE, LOUD, QUIET, LOWEST, IS_FREE, IS_BERNOULLI, NUDGE, BASAL = range(8)
# Columns of `Plan.trains`.
WORTH, NOISY_WORTH, WORTH_SHIFT, STEADY, NOISY_STEADY, LEARN_STEADY = range(6)


class Plan(NamedTuple):
    """The integers of a network that stay.

    Attributes
    ----------
    rows : (rows, 4) int64
        The program: see `description.operations.compiled`.
    projections, populations : (…, columns) int64
        The columns are named above. AT is where a matrix (2, pre, post) begins among the weights.
    payloads : (populations, T) int32
        Tables of `curves.payloads`, the shorter ones with their last payload to the end.
    slope_shifts : (populations, 128) int32
        See `curves.slope_shifts`; 0 without φ′.
    spread : (populations,) float32
        Standard deviation of the corruption, as a soma state.
    scale : (populations,) float64
        The soma state for an activity of 1.
    edges, branches : (…, 2) int64
        Where the replicas of this plan begin and end in the block of a population or projection: see
        `kernels.state.State`.
    trains : (populations, columns) int64
        Where messages are spikes, what they are worth (mantissas and shift)
        and how many the always-on unit sends; the columns are named above.
    window, stochastic : int
        Time steps of a message, 0 where payloads are graded; whether spikes are drawn.
    paired : int
        Whether V̇ is told in spikes.
    once : int
        Whether synapses learn once a presentation: see `Program.once`.
    changes : int
        Whether changes only are sent.
    first : int
        The first replica of this plan: see `shares`.
    part, parts : int
        Which of so many parts of every matrix learns here.
    """

    rows: np.ndarray
    projections: np.ndarray
    populations: np.ndarray
    payloads: np.ndarray
    slope_shifts: np.ndarray
    spread: np.ndarray
    scale: np.ndarray
    edges: np.ndarray
    branches: np.ndarray
    trains: np.ndarray
    window: int
    stochastic: int
    paired: int
    once: int
    changes: int
    first: int
    part: int
    parts: int


class Live(NamedTuple):
    """What a presentation changes.

    Attributes
    ----------
    weights : flat int16
        All matrices, one after the other.
    pending : flat bool
        Presynaptic units whose synapses may have something to carry.
    wide : flat float32
        The weights alone, for products of several replicas; empty where none are made.
    payloads, products : flat float32
        Scratch for those products: new memory at every one would cost as much as the product.
    soma, noisy, held, current : flat int32
        See `kernels.state.State`.
    drive : flat int32
        What SCORE and PULL add up for MOVE.
    missing : flat bool
    messages : (projections, 2) int64
    clipped : (populations, 5) int64
    squares : (projections,) int64
        Σ V̇² of every branch.
    records : (records, units) int32
        Somas at recorded positions; no rows where nobody asks.
    last : (2, batch × units of all sources) int32
        Where changes are sent: what was last sent, for the currents from states and from held rates; else empty.
    summed : (2, as `current`) int32
        The currents that those changes add up to.
    """

    weights: np.ndarray
    pending: np.ndarray
    wide: np.ndarray
    payloads: np.ndarray
    products: np.ndarray
    soma: np.ndarray
    noisy: np.ndarray
    held: np.ndarray
    current: np.ndarray
    drive: np.ndarray
    missing: np.ndarray
    messages: np.ndarray
    clipped: np.ndarray
    squares: np.ndarray
    records: np.ndarray
    last: np.ndarray
    summed: np.ndarray


class Draws(NamedTuple):
    """What is random in a presentation.

    Attributes
    ----------
    normal : flat float64, as somas
    uniform : (3, batch × n of the top) float64
        For Bernoulli corruption; (3, 0) where it is Gaussian.
    shared : (time steps,) int64
        One draw for all synapses at each time step, or PER_SYNAPSE.
    trace : (time steps,) float64
        Rounds the decay of V̇ where draws are shared; negative where they are not.
    seed, presentation : int
    image : int
        Number of the first replica's image: selects the spikes that are drawn.
    """

    normal: np.ndarray
    uniform: np.ndarray
    shared: np.ndarray
    trace: np.ndarray
    seed: int
    presentation: int
    image: int


@njit(cache=True, inline="always")
def units_of(values: np.ndarray, plan: Plan, population: int) -> np.ndarray:
    return values[plan.edges[population, 0] : plan.edges[population, 1]]


@njit(cache=True, inline="always")
def branch_of(values: np.ndarray, plan: Plan, projection: int) -> np.ndarray:
    return values[plan.branches[projection, 0] : plan.branches[projection, 1]]


@njit(cache=True, inline="always")
def last_of(plan: Plan, live: Live, projection: int, current: int) -> np.ndarray:
    """What a source last sent through a projection, (replicas × (units + 1),) from the plan's first on."""
    batch, pre = live.last.shape[1] // live.pending.size, plan.projections[projection, PRE]
    start = plan.projections[projection, PENDING] * batch
    return live.last[current, start + plan.first * pre : start + batch * pre]


@njit(cache=True, inline="always")
def matrix_of(plan: Plan, live: Live, projection: int) -> np.ndarray:
    row = plan.projections[projection]
    size = row[PRE] * row[POST]
    return live.weights[row[AT] : row[AT] + 2 * size].reshape((2, row[PRE], row[POST]))


@njit(cache=True, inline="always")
def wide_of(plan: Plan, live: Live, projection: int) -> np.ndarray:
    """The weights of a projection, (pre, post) float32, where there is `Live.wide`; else no rows."""
    row = plan.projections[projection]
    start, pre = row[AT] // 2, row[PRE] if live.wide.size else 0
    return live.wide[start : start + pre * row[POST]].reshape((pre, row[POST]))


@njit(cache=True, inline="always")
def pending_of(plan: Plan, live: Live, projection: int) -> np.ndarray:
    start = plan.projections[projection, PENDING]
    return live.pending[start : start + plan.projections[projection, PRE]]
