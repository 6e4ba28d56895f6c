"""The compiled interpreter of a program's rows for one replica in floating point.

Row for row what `LayerKernel` and `FloatNetwork.step` do, in the same order,
without Python between them.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from neuro_bpdl.description.operations import FALLING, HELD, NOISY, RISING, STATE
from neuro_bpdl.kernels.compiling import njit
from neuro_bpdl.kernels.float.curves import LOW, keep, rates, slopes
from neuro_bpdl.kernels.float.synapses import currents, learn
from neuro_bpdl.kernels.rows import (
    ADOPT,
    CARRY,
    CORRUPT,
    FILL,
    HOLD,
    LEARN,
    LOAD,
    MOVE,
    PULL,
    RECORD,
    SCORE,
    SEND,
    SWING,
    TURN,
)
from neuro_bpdl.spec.plasticity import BERNOULLI_DRAWS

SOURCE, TARGET, AT, PRE, POST, BASAL, PARTNER = range(7)  # columns of `Plan.projections`
STEP, ALPHA, RATE = range(3)  # of `Plan.steps`
IS_FREE, IS_BERNOULLI, CLIPS, IS_GATED = range(4)  # of `Plan.populations`


class Plan(NamedTuple):
    """What stays.

    Attributes
    ----------
    rows : (rows, 4) int64
        The program: see `description.operations.compiled`.
    projections, populations : (…, columns) int64
        The columns are named above. AT is where a matrix (PRE, POST) begins among the weights; BASAL is the
        projection into the basal compartment of the target.
    steps : (projections, 3)
        δ or β, α of the target, and the learning rate.
    curves : (populations, `curves.LENGTH`)
    boost : (populations,)
        2^nudge.
    edges, branches : int64
        Where blocks begin: see `kernels.state.State`.
    """

    rows: np.ndarray
    projections: np.ndarray
    populations: np.ndarray
    steps: np.ndarray
    curves: np.ndarray
    boost: np.ndarray
    edges: np.ndarray
    branches: np.ndarray


class Live(NamedTuple):
    """What a presentation changes.

    Attributes
    ----------
    weights, soma, noisy, held, current : flat
        See `kernels.state.State`.
    moving : flat
        What SCORE and PULL make of a soma, for MOVE.
    begun, missing : bool
        Populations that have begun to move; units that are missing.
    scratch : flat
        Room for the largest population.
    messages : (projections, 2) int64
    squares : (projections,) float64
        Σ (h − prediction)² of every branch.
    records : (records, units)
        Somas at recorded positions; no rows where nobody asks.
    """

    weights: np.ndarray
    soma: np.ndarray
    noisy: np.ndarray
    held: np.ndarray
    current: np.ndarray
    moving: np.ndarray
    begun: np.ndarray
    missing: np.ndarray
    scratch: np.ndarray
    messages: np.ndarray
    squares: np.ndarray
    records: np.ndarray


@njit(cache=True)
def present(feed: np.ndarray, noise: np.ndarray, uniform: np.ndarray, plan: Plan, live: Live) -> None:
    """All time steps of one presentation. Everything is changed in place.

    Parameters
    ----------
    feed : (feed size,)
    noise : flat, as somas
        Gaussian corruption of this presentation, in the units of activity.
    uniform : (3, n of the top) float64
        For Bernoulli corruption.
    """
    for k in range(plan.rows.shape[0]):
        op, subject, argument = plan.rows[k, 1], plan.rows[k, 2], plan.rows[k, 3]
        if op == RECORD:
            if live.records.size:
                live.records[subject, :] = live.soma
        elif op in (LOAD, MOVE, CORRUPT):
            _of_population(op, subject, argument, feed, noise, uniform, plan, live)
        elif op in (SEND, LEARN):
            _of_source(op, subject, argument, plan, live)
        elif op != CARRY:  # synapses in floating point have no tags
            _of_target(op, subject, argument, plan, live)


@njit(cache=True)
def _of_population(
    op: int, population: int, column: int, feed: np.ndarray, noise: np.ndarray, uniform: np.ndarray, plan: Plan,
    live: Live,
) -> None:  # fmt: skip
    a, b = plan.edges[population], plan.edges[population + 1]
    soma, curve, about = live.soma[a:b], plan.curves[population], plan.populations[population]
    if op == LOAD:
        _load(feed[column : column + b - a], about[IS_FREE] != 0, live.missing[a:b], soma)
    elif op == MOVE:
        keep(live.moving[a:b] if live.begun[population] else soma, curve, soma)
        live.begun[population] = False
    elif about[IS_BERNOULLI]:
        _bernoulli(soma, uniform, live.noisy[a:b])
    else:
        noisy = live.noisy[a:b]
        for i in range(noisy.size):
            noisy[i] = soma[i] + noise[a + i]
        if about[CLIPS]:
            keep(noisy, curve, noisy)


@njit(cache=True)
def _load(feed: np.ndarray, free: bool, missing: np.ndarray, soma: np.ndarray) -> None:
    for i in range(soma.size):
        missing[i] = free and feed[i] < 0
        soma[i] = -1 - feed[i] if missing[i] else feed[i]


@njit(cache=True)
def _bernoulli(soma: np.ndarray, uniform: np.ndarray, out: np.ndarray) -> None:
    for i in range(soma.size):
        count = 0
        for draw in range(BERNOULLI_DRAWS):
            count += uniform[draw, i] < soma[i]
        out[i] = count / BERNOULLI_DRAWS


@njit(cache=True)
def _of_target(op: int, branch: int, argument: int, plan: Plan, live: Live) -> None:
    population, a, b = plan.projections[branch, TARGET], plan.branches[branch], plan.branches[branch + 1]
    held, current, curve, start = live.held[a:b], live.current[a:b], plan.curves[population], plan.edges[population]
    soma, missing = live.soma[start : start + b - a], live.missing[start : start + b - a]
    if op == HOLD:
        rates(curve, current, held)
    elif op in (ADOPT, FILL):
        for i in range(soma.size):
            if op == ADOPT or missing[i]:
                soma[i] = held[i]
    elif op in (SCORE, PULL):
        _drive(op, branch, held, current, soma, plan, live)
    elif op == SWING:
        _write(argument, branch, held, soma, current, plan, live)
    elif op == TURN:
        at = plan.branches[plan.projections[branch, BASAL]]
        for i in range(current.size):
            current[i] = argument * live.held[at + i]
    else:  # READ
        soma[:] = current


@njit(cache=True)
def _drive(
    op: int, branch: int, held: np.ndarray, current: np.ndarray, soma: np.ndarray, plan: Plan, live: Live
) -> None:
    """What moves a soma, added to what has moved it at this step."""
    population = plan.projections[branch, TARGET]
    start, factors = plan.edges[population], plan.steps[branch]
    moving, rate = live.moving[start : start + soma.size], live.scratch[: soma.size]
    before = moving if live.begun[population] else soma
    live.begun[population] = True
    if op == SCORE:
        rates(plan.curves[population], current, rate)
        _step(before, factors[STEP], held, rate, moving)
    else:
        _step(before, factors[ALPHA], held, soma, moving)


@njit(cache=True)
def _write(
    argument: int, branch: int, held: np.ndarray, soma: np.ndarray, swing: np.ndarray, plan: Plan, live: Live
) -> None:
    """V̇ of a branch in place of the current that predicted it."""
    population, predicted = plan.projections[branch, TARGET], live.scratch[: soma.size]
    if argument == HELD:
        predicted[:] = held
    else:
        rates(plan.curves[population], swing, predicted)
    live.squares[branch] = _swing(soma, predicted, plan.boost[population], swing)
    if plan.populations[population, IS_GATED]:
        slopes(plan.curves[population], predicted, swing)


@njit(cache=True)
def _step(start: np.ndarray, factor: float, wanted: np.ndarray, found: np.ndarray, out: np.ndarray) -> None:
    for i in range(out.size):
        out[i] = start[i] + factor * (wanted[i] - found[i])


@njit(cache=True)
def _swing(soma: np.ndarray, predicted: np.ndarray, boost: float, swing: np.ndarray) -> float:
    """V̇ = 2^nudge (h − prediction); returns Σ (h − prediction)²."""
    total = 0.0
    for i in range(soma.size):
        residual = soma[i] - predicted[i]
        total += residual * residual
        swing[i] = residual * boost
    return total


@njit(cache=True)
def _of_source(op: int, projection: int, argument: int, plan: Plan, live: Live) -> None:
    row, own = plan.projections[projection], argument in (RISING, FALLING)
    size, first, start = row[PRE] - 1, plan.edges[row[SOURCE]], plan.branches[projection]
    weights = live.weights[row[AT] : row[AT] + row[PRE] * row[POST]].reshape((row[PRE], row[POST]))
    current = live.current[start : start + row[POST]]
    if argument == STATE:
        payload = live.soma[first : first + size]
    elif argument == NOISY:
        payload = live.noisy[first : first + size]
    elif own:
        at = plan.branches[row[PARTNER]]
        payload = live.current[at : at + size]
    else:
        payload = live.held[plan.branches[argument] : plan.branches[argument] + size]
    if op == SEND:
        live.messages[projection, 0] += currents(weights, payload, 1.0, current)
        return
    if own or (argument == NOISY and not plan.populations[row[SOURCE], CLIPS]):
        payload = _trace(payload, -1 if argument == FALLING else 1, 0.0 if own else plan.curves[row[SOURCE], LOW],
                         live.scratch[:size])  # fmt: skip
    sent = learn(weights, payload, 0.0 if own else 1.0, current, plan.steps[projection, RATE])
    live.messages[projection, 0] += sent
    live.messages[projection, 1] += sent


@njit(cache=True)
def _trace(payload: np.ndarray, sign: int, lowest: float, out: np.ndarray) -> np.ndarray:
    """A trace has no sign: what is below the lowest rate counts as that."""
    for i in range(payload.size):
        value = sign * payload[i]
        out[i] = lowest if value < lowest else value
    return out
