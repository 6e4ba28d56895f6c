"""The table of phase operations: what every population and projection does at every time step.

A phase is one function here. From a program they make rows (operation,
subject, argument); one compiled loop interprets the rows of a whole network,
and a layer kernel those of its own population. What is sent at a step follows
from what the next step uses.

========  ==========  ==========================================================
row       subject     what it does
========  ==========  ==========================================================
LOAD      population  soma ← its columns of the feed (argument: the first one)
HOLD      projection  held ← φ(current): p_l or r_l of this branch
ADOPT     projection  soma of the target ← held
FILL      projection  the same for missing units only
SCORE     projection  drive += δ (held − φ(current)): the score of Eq 12; with β the mirrored one, on an apical branch
PULL      projection  drive += α (held − soma)
MOVE      population  soma ← soma + drive, inside the range of φ
CORRUPT   population  h̃ ← soma with noise
SWING     projection  V̇ ← soma − φ(current), as the compartment writes it (argument `HELD`: soma − held)
SEND      projection  current ← W · payload (argument: `STATE`, `NOISY`, or the projection whose held value is sent)
LEARN     projection  the source's traces meet V̇: dW = S_pre · V̇ (argument as SEND's, or `RISING`, `FALLING`: of its V̇)
TURN      projection  V̇ of an apical branch ← ± what its layer's basal one holds (argument: 1 or −1)
READ      projection  soma of the target ← current, as it is
CARRY     projection  what tags hold beyond half a weight unit goes into the weights
RECORD    record      the state is kept
FORGET    population  what it last sent and the currents that its branches have summed ← 0
========  ==========  ==========================================================

Where populations send spikes (`Program.code`), SEND and LEARN are repeated for
every time step of a message, with one spike each; currents add up until the next
step acts.

Where they send changes only, SEND adds: current += W · (payload − what was last
sent), for the currents from h and from held values apart (`current_of`).
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import IntEnum
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.description.network import Description
from neuro_bpdl.description.phases import LEARNING, Phase, Step
from neuro_bpdl.description.program import Program
from neuro_bpdl.description.projections import Way


class Op(IntEnum):
    """A row's operation."""

    LOAD = 0
    HOLD = 1
    ADOPT = 2
    FILL = 3
    SCORE = 4
    PULL = 5
    MOVE = 6
    CORRUPT = 7
    SWING = 8
    SEND = 9
    LEARN = 10
    CARRY = 11
    RECORD = 12
    TURN = 13
    READ = 14
    FORGET = 15


STATE, NOISY = -1, -2  # arguments of SEND and LEARN
RISING, FALLING = -3, -4  # arguments of LEARN: the positive or the negative part of the source's own V̇
ARRIVED, HELD = 0, 1  # arguments of SWING
OF_STATE, OF_HELD = 0, 1  # the two currents of a branch in a cycle: from h or h̃, and from a held p or r


class Row(NamedTuple):
    """One operation."""

    op: Op
    subject: int
    argument: int = 0


@cache
def operations(program: Program) -> tuple[tuple[Row, ...], ...]:
    """The rows of every time step, in the order in which they happen: first what acts, then what is sent."""
    table, arrived = [], frozenset[int]()
    fresh: frozenset[int] = frozenset()  # projections whose target holds what a clamped source still is
    following = (*program.steps[1:], None)
    for position, (now, then) in enumerate(zip(program.steps, following, strict=True)):
        acts = tuple(_acts(program, now, arrived))
        fresh = _still_fresh(program, fresh, acts)
        sends = tuple(_sends(program, now, then, fresh))
        arrived = frozenset(row.subject for row in sends if row.op is Op.SEND)
        records = (Row(Op.RECORD, program.records.index(position)),) if position in program.records else ()
        before, after = _forgets(program, position)
        table.append((*before, *acts, *after, *records, *sends, *_carries(program, now, position)))
        table += [(*_carries_between(program, now), *sends)] * (program.durations[position] - 1)
    return tuple(table)


def compiled(program: Program) -> NDArray[np.int64]:
    """The same as (rows, 4): time step, operation, subject, argument; a message in one row, with all its spikes."""
    table = operations(program)
    rows = [(at, *row) for at in program.starts for row in table[at]]
    return np.array(rows, np.int64).reshape(-1, 4)


def current_of(row: Row) -> int:
    """Which of a branch's two currents a row sends into, or uses: `OF_STATE` or `OF_HELD`."""
    held = row.op is Op.SCORE or (row.op is Op.SEND and row.argument >= 0)
    return OF_HELD if held else OF_STATE


def sends(program: Program) -> tuple[tuple[int, ...], ...]:
    """Per time step, the projections through which something is sent."""
    return tuple(
        tuple(row.subject for row in step if row.op in (Op.SEND, Op.LEARN)) for step in operations(program)
    )


def swinging(program: Program, way: Way) -> list[int]:
    """The projections of a way whose branch writes V̇ as it says itself (an apical one may turn the layer's instead)."""
    found = {row.subject for step in operations(program) for row in step if row.op is Op.SWING}
    return [projection for projection in program.description.of_way(way) if projection in found]


def _forgets(program: Program, position: int) -> tuple[tuple[Row, ...], tuple[Row, ...]]:
    """Before and after a step's acts, where changes are sent: sums are worth nothing once weights have changed.

    A presentation starts anew. Where tags are carried at the end of its first
    time step, so does what was sent in that.
    """
    if not program.code.changes or position > 1:
        return (), ()
    rows = tuple(Row(Op.FORGET, population) for population in range(len(program.description.populations)))
    if position == 0:
        return rows, ()
    return (), rows if program.learns and not program.once else ()


def _acts(program: Program, step: Step, arrived: frozenset[int]) -> Iterator[Row]:
    description = program.description
    if step.phase is Phase.LOAD:
        yield from (Row(Op.LOAD, fed, program.columns(fed).start) for fed in program.feeds)
    elif step.phase is Phase.SETTLE:
        yield from _adopt(description.into(step.layer or 0, Way.UP)[0])
    elif step.phase is Phase.DESCEND:
        yield from _descend(program, step.layer or 0)
    elif step.phase is Phase.REFLECT:
        yield from _reflect(program, sorted(arrived))
    elif step.phase is Phase.UPDATE:
        yield from _update(program, arrived)
    elif step.phase is Phase.CORRUPT:
        yield from (Row(Op.CORRUPT, population) for population in range(len(description.populations)))
    elif step.phase is Phase.LEARN:
        yield from (Row(Op.SWING, projection, ARRIVED) for projection in sorted(arrived))
        if program.once:  # what earlier presentations left; the rules see the tags of before
            yield from (Row(Op.CARRY, projection) for projection in range(len(description.projections)))
    else:
        yield from _taught(program, step)


def _taught(program: Program, step: Step) -> Iterator[Row]:
    """What only label populations bring: the answer is read; basal compartments swing, apical ones rise and fall."""
    description = program.description
    if step.phase is Phase.READ:
        yield Row(Op.READ, description.into(step.layer or 0, Way.UP)[0])
    elif step.phase is Phase.RISE:
        yield from (Row(Op.SWING, i, HELD) for i in description.of_way(Way.UP))
        yield from (Row(Op.TURN, i, 1) for i in _taught_down(program))
    elif step.phase is Phase.FALL:
        yield from (Row(Op.TURN, i, -1) for i in _taught_down(program))


def _taught_down(program: Program) -> tuple[int, ...]:
    """The feedback through which a teacher is heard: all but what ends on observed populations."""
    description = program.description
    ends = {i: description.populations[description.projections[i].target] for i in description.of_way(Way.DOWN)}
    return tuple(i for i, population in ends.items() if not population.observed)


def _adopt(projection: int) -> Iterator[Row]:
    yield Row(Op.HOLD, projection)
    yield Row(Op.ADOPT, projection)


def _descend(program: Program, layer: int) -> Iterator[Row]:
    """A layer takes its apical prediction; where it has been fed, its missing units do."""
    projection = program.description.into(layer, Way.DOWN)[0]
    yield Row(Op.HOLD, projection)
    yield Row(Op.FILL if layer in program.free else Op.ADOPT, projection)


def _reflect(program: Program, arrived: list[int]) -> Iterator[Row]:
    for projection in arrived:
        yield Row(Op.HOLD, projection)
        target = program.description.projections[projection].target
        if target in program.free and program.description.projections[projection].way is Way.DOWN:
            yield Row(Op.FILL, projection)


def _update(program: Program, arrived: frozenset[int]) -> Iterator[Row]:
    """Every population that infers: the scores that have arrived, the pull of the layers above."""
    description = program.description
    for layer, population in enumerate(description.populations):
        if population.observed or layer in program.clamped:
            continue
        yield from (Row(Op.SCORE, i) for way in Way for i in description.into(layer, way) if i in arrived)
        if not program.taught:
            yield from (Row(Op.PULL, i) for i in description.into(layer, Way.DOWN))
        yield Row(Op.MOVE, layer)


def _still_fresh(program: Program, fresh: frozenset[int], acts: tuple[Row, ...]) -> frozenset[int]:
    """A branch is fresh from HOLD until its clamped source takes another value."""
    description = program.description
    held = {row.subject for row in acts if row.op is Op.HOLD}
    kept = {i for i in held if description.projections[i].source in program.clamped}
    changed = {row.subject for row in acts if row.op is Op.LOAD}
    changed |= {description.projections[row.subject].target for row in acts if row.op is Op.ADOPT}
    return frozenset(i for i in fresh | kept if description.projections[i].source not in changed)


def _sends(program: Program, now: Step, then: Step | None, fresh: frozenset[int]) -> Iterator[Row]:
    description = program.description
    every = range(len(description.projections))
    if now.phase in LEARNING:
        yield from _learned(program, now.phase)
    elif then is None:
        return
    elif then.phase in (Phase.SETTLE, Phase.READ):
        yield Row(Op.SEND, description.into(then.layer or 0, Way.UP)[0], STATE)
    elif then.phase is Phase.DESCEND:
        yield Row(Op.SEND, description.into(then.layer or 0, Way.DOWN)[0], STATE)
    elif then.phase is Phase.REFLECT:
        used = (*description.of_way(Way.UP), *_taught_down(program)) if program.taught else every
        yield from (Row(Op.SEND, projection, STATE) for projection in used if projection not in fresh)
    elif then.phase is Phase.UPDATE:
        yield from _reflected(program)
    elif then.phase is Phase.LEARN:
        yield from (Row(Op.SEND, projection, NOISY) for projection in every)


def _reflected(program: Program) -> Iterator[Row]:
    """r_{l−1} through F_l, for every layer l that infers; p_{l+1} through G_{l+1}, for every one that is taught."""
    description = program.description
    if program.taught:
        yield from (Row(Op.SEND, i, description.partner(i)) for i in _taught_down(program))
        return
    for layer, population in enumerate(description.populations):
        if not population.observed and layer not in program.clamped:
            yield from (Row(Op.SEND, i, description.partner(i)) for i in description.into(layer, Way.UP))


def _learned(program: Program, phase: Phase) -> Iterator[Row]:
    """All learn from h̃; taught, F_l from what the layer below was predicted to be, G_l from V̇ of the layer above."""
    description = program.description
    if phase is Phase.LEARN:
        yield from (Row(Op.LEARN, i, NOISY) for i in range(len(description.projections)))
        return
    for i in description.of_way(Way.UP) if phase is Phase.RISE else ():
        below = description.into(description.projections[i].source, Way.UP)
        yield Row(Op.LEARN, i, below[0] if below else STATE)
    yield from (Row(Op.LEARN, i, RISING if phase is Phase.RISE else FALLING) for i in _taught_down(program))


def _carries(program: Program, now: Step, position: int) -> Iterator[Row]:
    """Synapses settle while nobody sends; at the first step, what the start left."""
    if program.learns and not program.once and (position == 0 or now.phase is Phase.REST):
        yield from (Row(Op.CARRY, projection) for projection in range(len(program.description.projections)))


def _carries_between(program: Program, now: Step) -> Iterator[Row]:
    """Between two spikes of LEARN what the first one left; the rules of the second see it gone."""
    if now.phase is Phase.LEARN:
        yield from (Row(Op.CARRY, projection) for projection in range(len(program.description.projections)))


def own_rows(program: Program, population: int) -> tuple[tuple[Row, ...], ...]:
    """Per time step, the rows of one population: its own, those of branches that end on it, what it sends."""
    return tuple(
        tuple(row for row in step if _owner(program.description, row) == population) for step in operations(program)
    )


def _owner(description: Description, row: Row) -> int | None:
    if row.op in (Op.LOAD, Op.MOVE, Op.CORRUPT, Op.FORGET):
        return row.subject
    if row.op in (Op.SEND, Op.LEARN):
        return description.projections[row.subject].source
    return None if row.op in (Op.CARRY, Op.RECORD) else description.projections[row.subject].target
