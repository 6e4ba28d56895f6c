"""LEARN and CARRY of a compiled presentation: what S_pre and V̇ make of tags, and tags of weights."""

from __future__ import annotations

import numpy as np

from neuro_bpdl.description.operations import FALLING, RISING
from neuro_bpdl.kernels.compiling import njit
from neuro_bpdl.kernels.fixed.carry import carry
from neuro_bpdl.kernels.fixed.learn_and_carry import average_and_carry
from neuro_bpdl.kernels.fixed.learning import learn, learn_averaged
from neuro_bpdl.kernels.fixed.messages import payload_of, train_of
from neuro_bpdl.kernels.fixed.pairs import learn_pairs
from neuro_bpdl.kernels.fixed.plan import (
    LEARN_STEADY,
    LEFT,
    MANTISSA,
    MATRIX,
    PARTNER,
    POST,
    QUIET,
    RANGE,
    SIZE,
    SOURCE,
    TAGS,
    TARGET,
    WEIGHTS,
    Draws,
    Live,
    Plan,
    branch_of,
    matrix_of,
    pending_of,
    units_of,
    wide_of,
)
from neuro_bpdl.kernels.fixed.spiking import learn_train
from neuro_bpdl.kernels.fixed.swing import decayed
from neuro_bpdl.numbers.widths import CARRY_STEPS


@njit(cache=True)
def _traced(projection: int, argument: int, batch: int, plan: Plan, live: Live) -> np.ndarray:
    """S_pre of every replica, (batch, pre): a trace has no sign; counts the messages that bring it."""
    source = plan.projections[projection, SOURCE]
    n, own = plan.populations[source, SIZE], argument in (RISING, FALLING)
    payloads, sent = np.empty((batch, n + 1), np.int32), 0
    swing, sign = branch_of(live.current, plan, plan.projections[projection, PARTNER]), -1 if argument == FALLING else 1
    for replica in range(batch):
        if own:
            for i in range(n):
                payloads[replica, i] = sign * swing[replica * n + i]
        else:
            payload_of(projection, argument, replica, plan, live, payloads[replica])
        for i in range(n):
            payloads[replica, i] = max(payloads[replica, i], np.int32(plan.once))
            sent += payloads[replica, i] != 0
        payloads[replica, n] = 0 if own else plan.populations[source, QUIET]
        sent += not own
    if plan.part == 0:
        live.messages[projection, 0] += sent
        live.messages[projection, 1] += sent
    return payloads


@njit(cache=True)
def learn_graded(
    projection: int, argument: int, batch: int, at: tuple[int, int], plan: Plan, live: Live, draws: Draws
) -> None:
    """LEARN ``at`` a time step of the presentation and of the run, and the carry after it unless learning is `once`."""
    step, clock = at
    row, payloads = plan.projections[projection], _traced(projection, argument, batch, plan, live)
    swing, lost = branch_of(live.current, plan, projection), live.clipped[row[TARGET]]
    if draws.trace[step] >= 0:
        for _ in range(draws.shared.size if plan.once else 1):
            swing = decayed(swing, draws.trace[step])
    matrix, pending = matrix_of(plan, live, projection), pending_of(plan, live, projection)
    rule, selector = (row[MANTISSA], row[LEFT]), (draws.seed, row[MATRIX], clock)
    swings = swing.reshape((batch, row[POST]))
    if not plan.once:
        steps = draws.shared[step : step + 1 + CARRY_STEPS]
        rows = pending.size * plan.part // plan.parts, pending.size * (plan.part + 1) // plan.parts
        average_and_carry(matrix, payloads, swings, rule, steps, selector, rows, wide_of(plan, live, projection),
                          lost[TAGS:])  # fmt: skip
        return
    if plan.part:
        return
    if batch == 1:
        lost[TAGS] += learn(matrix, payloads[0], swing, row[MANTISSA], row[LEFT], draws.shared[step], draws.seed,
                            row[MATRIX], clock)  # fmt: skip
    else:
        lost[TAGS] += learn_averaged(matrix, payloads, swings, row[MANTISSA], row[LEFT],
                                     draws.shared[step], draws.seed, row[MATRIX], clock)  # fmt: skip
    for replica in range(batch):
        for i in range(pending.size):
            pending[i] = pending[i] or payloads[replica, i] > plan.once


@njit(cache=True)
def learn_spikes(projection: int, step: int, clock: int, plan: Plan, live: Live, draws: Draws) -> None:
    """LEARN of one replica from spikes, one after the other."""
    row, lost = plan.projections[projection], live.clipped[plan.projections[projection, TARGET]]
    source, n = row[SOURCE], plan.populations[row[SOURCE], SIZE]
    noisy, payload = units_of(live.noisy, plan, source), np.empty(n + 1, np.int32)
    train = train_of(plan, source, True)
    for i in range(n):
        payload[i] = max(noisy[i], np.int32(0))
        live.clipped[source, RANGE] += np.int64(payload[i]) << train[2] > train[0] * train[1]
    payload[n] = plan.trains[source, LEARN_STEADY]
    branch, waiting = branch_of(live.current, plan, projection), pending_of(plan, live, projection)
    rule, spiking = (row[MANTISSA], row[LEFT]), (draws.seed, source, draws.image, draws.shared.size)
    matrix, selector = matrix_of(plan, live, projection), (draws.seed, row[MATRIX], clock)
    if plan.paired:
        sent = learn_pairs(matrix, payload, branch, waiting, rule, train, spiking, step, selector,
                           lost[TAGS : WEIGHTS + 1])  # fmt: skip
    else:
        sent = learn_train(
            matrix, payload, branch, waiting, rule, train, spiking, step, selector,
            draws.shared[step : step + plan.window], draws.trace[step : step + plan.window],
            lost[TAGS : WEIGHTS + 1],
        )  # fmt: skip
    live.messages[projection, 0] += sent
    live.messages[projection, 1] += sent


@njit(cache=True)
def carry_on(projection: int, step: int, clock: int, plan: Plan, live: Live, draws: Draws) -> None:
    """One time step of the carry of tags into weights."""
    row, matrix, wide = plan.projections[projection], matrix_of(plan, live, projection), wide_of(plan, live, projection)
    pending = pending_of(plan, live, projection)
    changed = pending.copy()
    _, lost = carry(matrix, pending, draws.shared[step], draws.seed, row[MATRIX], clock)
    live.clipped[row[TARGET], WEIGHTS] += lost
    for i in range(wide.shape[0]):
        if changed[i]:
            wide[i] = matrix[0, i]
