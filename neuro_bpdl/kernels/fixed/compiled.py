"""The compiled interpreter of a program's rows: learning, inference and generation of any number of replicas.

Row for row what `LayerKernel` and `FixedNetwork.step` do, without Python
between them. LEARN of one replica does the whole carry at once, since while
the network rests nobody sees a weight between two steps of it.
"""

from __future__ import annotations

import numpy as np

from neuro_bpdl.description.operations import HELD
from neuro_bpdl.kernels.compiling import njit
from neuro_bpdl.kernels.fixed.compiled_learning import carry_on, learn_graded, learn_spikes
from neuro_bpdl.kernels.fixed.messages import forget, send
from neuro_bpdl.kernels.fixed.noise import bernoulli, gaussian
from neuro_bpdl.kernels.fixed.plan import (
    BASAL,
    BITS,
    BRANCH,
    IS_BERNOULLI,
    IS_FREE,
    LOWEST,
    NUDGE,
    OFFSET,
    POST,
    PULL_SHIFT,
    PULLS,
    SHIFT,
    SIZE,
    SOMA,
    STEP,
    STEP_SHIFT,
    SWING,
    SWING_BITS,
    TARGET,
    Draws,
    Live,
    Plan,
    branch_of,
    units_of,
)
from neuro_bpdl.kernels.fixed.soma import between, predict, pull, score
from neuro_bpdl.kernels.fixed.swing import rise, write
from neuro_bpdl.kernels.rows import (
    ADOPT,
    CARRY,
    CORRUPT,
    FILL,
    FORGET,
    HOLD,
    LEARN,
    LOAD,
    MOVE,
    PULL,
    READ,
    RECORD,
    SCORE,
    SEND,
    TURN,
)
from neuro_bpdl.kernels.rows import SWING as SWINGS
from neuro_bpdl.numbers.widths import NET_MAX, SOMA_MAX


@njit(cache=True, nogil=True)
def present(feed: np.ndarray, plan: Plan, live: Live, draws: Draws) -> None:  # noqa: C901, PLR0912 (a dispatch)
    """The rows of a plan for its replicas; ``feed`` is (replicas, feed size) int32. Everything is changed in place."""
    batch, period = feed.shape[0], draws.shared.size
    for k in range(plan.rows.shape[0]):
        step, op, subject, argument = plan.rows[k, 0], plan.rows[k, 1], plan.rows[k, 2], plan.rows[k, 3]
        clock = draws.presentation * period + step + 1
        if op == LOAD:
            _load(subject, argument, feed, plan, live)
        elif op == HOLD:
            _hold(subject, plan, live)
        elif op == ADOPT:
            _adopt(subject, False, plan, live)
        elif op == FILL:
            _adopt(subject, True, plan, live)
        elif op == SCORE:
            _score(subject, plan, live)
        elif op == PULL:
            _pull(subject, plan, live)
        elif op == MOVE:
            _move(subject, plan, live)
        elif op == CORRUPT:
            _corrupt(subject, plan, live, draws)
        elif op == SWINGS:
            _swing(subject, argument, plan, live, draws)
        elif op == SEND:
            send(subject, argument, batch, step, plan, live, draws)
        elif op == LEARN and plan.window:
            learn_spikes(subject, step, clock, plan, live, draws)
        elif op == LEARN:
            learn_graded(subject, argument, batch, (step, clock), plan, live, draws)
        elif op == CARRY:
            carry_on(subject, step, clock, plan, live, draws)
        elif op == TURN:
            _turn(subject, argument, plan, live, draws)
        elif op == READ:
            _read(subject, plan, live)
        elif op == FORGET:
            forget(subject, batch, plan, live)
        elif op == RECORD and live.records.size:
            _record(subject, plan, live)


@njit(cache=True)
def _record(record: int, plan: Plan, live: Live) -> None:
    for population in range(plan.populations.shape[0]):
        units_of(live.records[record], plan, population)[:] = units_of(live.soma, plan, population)


@njit(cache=True)
def _load(population: int, column: int, feed: np.ndarray, plan: Plan, live: Live) -> None:
    soma, missing = units_of(live.soma, plan, population), units_of(live.missing, plan, population)
    n, free = plan.populations[population, SIZE], plan.populations[population, IS_FREE] != 0
    for replica in range(feed.shape[0]):
        for i in range(n):
            value, at = feed[replica, column + i], replica * n + i
            missing[at] = free and value < 0
            soma[at] = np.int32((-1 - value if missing[at] else value) << BITS)


@njit(cache=True)
def _hold(projection: int, plan: Plan, live: Live) -> None:
    row = plan.projections[projection]
    predict(branch_of(live.current, plan, projection), row[OFFSET], row[SHIFT], plan.payloads[row[TARGET]],
            branch_of(live.held, plan, projection))  # fmt: skip


@njit(cache=True)
def _adopt(projection: int, missing_only: bool, plan: Plan, live: Live) -> None:
    target = plan.projections[projection, TARGET]
    soma, held = units_of(live.soma, plan, target), branch_of(live.held, plan, projection)
    missing = units_of(live.missing, plan, target)
    for i in range(soma.size):
        if missing[i] or not missing_only:
            soma[i] = np.int32(held[i] << BITS)


@njit(cache=True)
def _score(projection: int, plan: Plan, live: Live) -> None:
    row = plan.projections[projection]
    reflected = branch_of(live.current, plan, projection)
    predict(reflected, row[OFFSET], row[SHIFT], plan.payloads[row[TARGET]], reflected)
    held, drive = branch_of(live.held, plan, projection), units_of(live.drive, plan, row[TARGET])
    score(held, reflected, row[STEP], row[STEP_SHIFT], drive)


@njit(cache=True)
def _pull(projection: int, plan: Plan, live: Live) -> None:
    row = plan.projections[projection]
    held, soma = branch_of(live.held, plan, projection), units_of(live.soma, plan, row[TARGET])
    pull(held, soma, row[PULLS], row[PULL_SHIFT], units_of(live.drive, plan, row[TARGET]))


@njit(cache=True)
def _move(population: int, plan: Plan, live: Live) -> None:
    soma, drive, clipped = units_of(live.soma, plan, population), units_of(live.drive, plan, population), np.int32(0)
    for i in range(soma.size):
        total = np.int32(soma[i] + drive[i])
        kept = between(total, 0, SOMA_MAX)
        clipped = np.int32(clipped + np.int32(kept != total))
        soma[i], drive[i] = kept, np.int32(0)
    live.clipped[population, SOMA] += clipped


@njit(cache=True)
def _corrupt(population: int, plan: Plan, live: Live, draws: Draws) -> None:
    soma, noisy = units_of(live.soma, plan, population), units_of(live.noisy, plan, population)
    if plan.populations[population, IS_BERNOULLI]:
        bernoulli(soma, draws.uniform, plan.scale[population], plan.first * plan.populations[population, SIZE], noisy)
    else:
        normal, lowest = units_of(draws.normal, plan, population), plan.populations[population, LOWEST]
        gaussian(soma, normal, plan.spread[population], lowest, noisy)


@njit(cache=True)
def _swing(projection: int, argument: int, plan: Plan, live: Live, draws: Draws) -> None:
    """V̇ of a branch in place of the current that predicted it."""
    row = plan.projections[projection]
    swing, target = branch_of(live.current, plan, projection), row[TARGET]
    if argument == HELD:
        swing[:] = branch_of(live.held, plan, projection)
    else:
        predict(swing, row[OFFSET], row[SHIFT], plan.payloads[target], swing)
    clipped, squares = write(
        units_of(live.soma, plan, target), swing, plan.slope_shifts[target], row[SWING_BITS],
        (draws.seed, row[BRANCH], draws.presentation, plan.first * row[POST]), plan.populations[target, NUDGE],
    )  # fmt: skip
    live.clipped[target, SWING] += clipped
    live.squares[projection] = squares


@njit(cache=True)
def _turn(projection: int, sign: int, plan: Plan, live: Live, draws: Draws) -> None:
    """V̇ of an apical branch that rises to its layer's rate, or falls back from it."""
    row = plan.projections[projection]
    rate = branch_of(live.held, plan, plan.populations[row[TARGET], BASAL])
    selector = (draws.seed, row[BRANCH], draws.presentation, plan.first * row[POST])
    clipped = rise(rate, sign, row[SWING_BITS], selector, branch_of(live.current, plan, projection))
    live.clipped[row[TARGET], SWING] += clipped


@njit(cache=True)
def _read(projection: int, plan: Plan, live: Live) -> None:
    target, current = plan.projections[projection, TARGET], branch_of(live.current, plan, projection)
    soma = units_of(live.soma, plan, target)
    for i in range(soma.size):
        soma[i] = between(current[i], -NET_MAX, NET_MAX)
