"""What populations send in a compiled presentation: payloads, or counts of spikes, and the currents they cause."""

from __future__ import annotations

import numpy as np

from neuro_bpdl.description.operations import NOISY, OF_HELD, OF_STATE, STATE
from neuro_bpdl.kernels.compiling import njit
from neuro_bpdl.kernels.fixed.currents import currents, dense_currents, place
from neuro_bpdl.kernels.fixed.plan import (
    BITS,
    BLOCK,
    LOUD,
    NOISY_STEADY,
    NOISY_WORTH,
    POST,
    PRE,
    RANGE,
    SIZE,
    SOURCE,
    STEADY,
    TARGET,
    WORTH,
    WORTH_SHIFT,
    Draws,
    Live,
    Plan,
    branch_of,
    last_of,
    matrix_of,
    units_of,
    wide_of,
)
from neuro_bpdl.kernels.fixed.spiking import counts
from neuro_bpdl.numbers.widths import SOMA_FRACTION_BITS

HALF = np.int32(1 << (SOMA_FRACTION_BITS - 1))


@njit(cache=True)
def payload_of(projection: int, argument: int, replica: int, plan: Plan, live: Live, out: np.ndarray) -> int:
    """What a source sends through a projection, its bias unit last; returns how many units send."""
    source = plan.projections[projection, SOURCE]
    n = plan.populations[source, SIZE]
    if argument == STATE:
        values, bits, half = units_of(live.soma, plan, source), BITS, HALF
    elif argument == NOISY:
        values, bits, half = units_of(live.noisy, plan, source), np.int32(0), np.int32(0)
    else:
        values, bits, half = branch_of(live.held, plan, argument), np.int32(0), np.int32(0)
    out[n] = plan.populations[source, LOUD]
    return 1 + _fill(values[replica * n : (replica + 1) * n], half, bits, out[:n])


@njit(cache=True)
def _message(
    projection: int, argument: int, replica: int, step: int, plan: Plan, live: Live, draws: Draws, out: np.ndarray
) -> int:
    """`payload_of`, how it has changed, or its counts of spikes; returns how many messages that is."""
    sent = payload_of(projection, argument, replica, plan, live, out)
    if plan.changes:
        return _change(last_of(plan, live, projection, _current(argument)), replica, out)
    if plan.window == 0:
        return sent
    source = plan.projections[projection, SOURCE]
    return _count(source, argument == NOISY, replica, step, plan, live, draws, out)


@njit(cache=True, inline="always")
def _current(argument: int) -> int:
    """See `description.operations.current_of`."""
    return OF_HELD if argument >= 0 else OF_STATE


@njit(cache=True)
def _change(last: np.ndarray, replica: int, out: np.ndarray) -> int:
    """Payloads become differences to the last ones; returns how many are not 0."""
    sent, first = np.int32(0), replica * out.size
    for i in range(out.size):
        payload = np.int32(out[i])
        change = np.int32(payload - last[first + i])
        last[first + i] = payload
        sent = np.int32(sent + np.int32(change != 0))
        out[i] = change
    return int(sent)


@njit(cache=True)
def _add_up(projection: int, argument: int, plan: Plan, live: Live) -> None:
    """The current that changes have caused becomes the sum of all since FORGET."""
    current = branch_of(live.current, plan, projection)
    summed = branch_of(live.summed[_current(argument)], plan, projection)
    for i in range(current.size):
        summed[i] += current[i]
        current[i] = summed[i]


@njit(cache=True)
def forget(population: int, batch: int, plan: Plan, live: Live) -> None:
    for projection in range(plan.projections.shape[0]):
        for current in range(live.last.shape[0]):
            if plan.projections[projection, SOURCE] == population:
                last_of(plan, live, projection, current)[: batch * plan.projections[projection, PRE]] = 0
            if plan.projections[projection, TARGET] == population:
                branch_of(live.summed[current], plan, projection)[:] = 0


@njit(cache=True)
def train_of(plan: Plan, population: int, noisy: bool) -> tuple[int, int, int, int]:
    row = plan.trains[population]
    return plan.window, row[NOISY_WORTH] if noisy else row[WORTH], row[WORTH_SHIFT], plan.stochastic


@njit(cache=True)
def _count(
    population: int, noisy: bool, replica: int, step: int, plan: Plan, live: Live, draws: Draws, out: np.ndarray
) -> int:
    """Payloads become counts of spikes; returns all spikes."""
    n, sent = plan.populations[population, SIZE], 0
    payload, found = np.empty(n, np.int32), np.empty(n, np.int32)
    for i in range(n):
        payload[i] = np.int32(out[i])
    selector = draws.seed, population, draws.image + plan.first + replica, draws.shared.size
    live.clipped[population, RANGE] += counts(payload, train_of(plan, population, noisy), selector, step, found)
    for i in range(n):
        out[i] = found[i]
        sent += abs(found[i])
    always = plan.trains[population, NOISY_STEADY if noisy else STEADY]
    out[n] = always
    return sent + always


@njit(cache=True)
def _fill(values: np.ndarray, half: np.int32, bits: np.int32, out: np.ndarray) -> int:
    """Payloads of rates, or of states with so many fraction bits; returns how many are not 0."""
    sent = np.int32(0)
    for i in range(out.size):
        payload = np.int32(np.int32(values[i] + half) >> bits)
        sent = np.int32(sent + np.int32(payload != 0))
        out[i] = payload
    return int(sent)


@njit(cache=True)
def send(projection: int, argument: int, batch: int, step: int, plan: Plan, live: Live, draws: Draws) -> None:
    row = plan.projections[projection]
    pre, post = row[PRE], row[POST]
    out = branch_of(live.current, plan, projection).reshape((batch, post))
    weights, payload, active = matrix_of(plan, live, projection)[0], np.empty(pre, np.int32), np.empty(pre, np.int32)
    for replica in range(batch):
        live.messages[projection, 0] += _message(projection, argument, replica, step, plan, live, draws, payload)
        if live.wide.size:
            place(payload, replica, batch, row[BLOCK], live.payloads)
        else:
            currents(weights, payload, active, out[replica])
    if live.wide.size:
        product = live.products[: batch * post].reshape((batch, post))
        dense_currents(wide_of(plan, live, projection), live.payloads, row[BLOCK], product, out)
    _finish(projection, argument, out, plan, live)


@njit(cache=True)
def _finish(projection: int, argument: int, out: np.ndarray, plan: Plan, live: Live) -> None:
    """From what payloads, changes or spikes cause to the current of a rate."""
    if plan.changes:
        _add_up(projection, argument, plan, live)
    else:
        _weigh(out, argument, plan.projections[projection, SOURCE], plan)


@njit(cache=True)
def _weigh(out: np.ndarray, argument: int, source: int, plan: Plan) -> None:
    """Summed currents of counted spikes times what a spike is worth."""
    if plan.window == 0:
        return
    worth = np.int32(plan.trains[source, NOISY_WORTH if argument == NOISY else WORTH])
    for replica in range(out.shape[0]):
        for i in range(out.shape[1]):
            out[replica, i] = np.int32(out[replica, i] * worth)
