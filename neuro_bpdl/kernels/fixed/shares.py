"""A presentation's work for several threads: each has some replicas, and where synapses learn some rows of each matrix.

Replicas meet in LEARN alone, and a synapse's change follows from what all
replicas have sent, whoever adds it up: no number depends on how many share.
Threads live as long as one presentation, so none is there when Lava forks.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby, pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.description.operations import Op
from neuro_bpdl.kernels.fixed.plan import Live, Plan

Array = NDArray[Any]
OP = 1  # column of a plan's rows


class Job(NamedTuple):
    """What one thread does in one turn: the rows of ``plan`` for the replicas ``feed`` selects."""

    plan: Plan
    live: Live
    feed: slice


def shared(plan: Plan, live: Live, batch: int, threads: int) -> list[list[Job]]:
    """The turns of a presentation, each of which ends before the next begins.

    Parameters
    ----------
    plan, live :
        Of the whole batch. Counters and scratch of ``live`` become those of the first thread.
    """
    threads = min(threads, batch)
    if threads == 1:
        return [[Job(plan, live, slice(None))]]
    bounds = [batch * k // threads for k in range(threads + 1)]
    lives = [live, *(_another(live) for _ in range(threads - 1))]
    turns = []
    for kind, rows in _turns(plan.rows):
        here = plan._replace(rows=rows)
        if kind is None:
            some = [_replicas(here, batch, first, end) for first, end in pairwise(bounds)]
            feeds = [slice(first, end) for first, end in pairwise(bounds)]
        else:
            parts = threads if kind is Op.LEARN else 1  # what a carry finds after LEARN is nothing
            some, feeds = [here._replace(part=k, parts=parts) for k in range(parts)], [slice(None)] * parts
        turns.append([Job(*job) for job in zip(some, lives, feeds, strict=False)])
    return turns


def run(turns: Sequence[Sequence[Job]], work: Callable[[Job], None]) -> None:
    """Every turn, the first of its jobs in this thread."""
    most = max(map(len, turns))
    if most == 1:
        for (job,) in turns:
            work(job)
        return
    with ThreadPoolExecutor(most - 1) as helpers:
        for mine, *others in turns:
            waiting = [helpers.submit(work, job) for job in others]
            work(mine)
            for one in waiting:
                one.result()


def add_up(turns: Sequence[Sequence[Job]]) -> None:
    """What the other threads have counted becomes the first one's, whose numbers are the network's."""
    lives = max(turns, key=len)
    for job in lives[1:]:
        for name in ("messages", "clipped", "squares"):
            counted = getattr(job.live, name)
            getattr(lives[0].live, name)[...] += counted
            counted[...] = 0


def _turns(rows: Array) -> list[tuple[Op | None, Array]]:
    """Rows that belong to replicas (None), LEARN or CARRY, in their order."""
    own = {Op.LEARN: Op.LEARN, Op.CARRY: Op.CARRY}
    places = groupby(range(len(rows)), key=lambda k: own.get(Op(rows[k, OP])))
    found = []
    for kind, group in places:
        first, *others = group
        found.append((kind, np.ascontiguousarray(rows[first : first + 1 + len(others)])))
    return found


def _replicas(plan: Plan, batch: int, first: int, end: int) -> Plan:
    """The plan of some replicas."""
    edges, branches = (
        np.stack((a + (b - a) // batch * first, a + (b - a) // batch * end), axis=1)
        for a, b in (plan.edges.T, plan.branches.T)
    )
    return plan._replace(edges=edges, branches=branches, first=first)


def _another(live: Live) -> Live:
    """The same memory with counters and scratch of its own."""
    own = ("payloads", "products", "messages", "clipped", "squares")
    return live._replace(**{name: np.zeros_like(getattr(live, name)) for name in own})
