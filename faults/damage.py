"""`fuzz` as cases, in blocks: mutated files of a run, an export, a target, a config, data, an agent and a sweep."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from faults.fuzz import formats, fuzz, summary
from faults.harness import Broken, Case, attack
from faults.newer_formats import newer_formats
from faults.templates import Templates

MUTATIONS = 25_500  # some turn out to change nothing and do not count
BLOCKS = 4


def cases(made: Templates) -> Iterator[Case]:
    """`BLOCKS` of every format."""
    names = {"checkpoint": 5, "config.json": 3, "metrics.jsonl": 3, "network.json": 1, "weights": 1,
             "checksums.json": 1, "target": 2.5, "config": 2, "data": 1.5, "labels' checkpoint": 1,
             "labels' config.json": 1, "agent": 1, "agent's config.json": 1, "sweep": 1}  # fmt: skip
    for name, share in names.items():
        for block in range(BLOCKS):
            count = int(MUTATIONS * share / sum(names.values()) / BLOCKS) + 1
            yield Case("changed files", f"{name}, {count} mutations, seed {block}",
                       attack(_mutated, made, name, count, block))  # fmt: skip


def _mutated(folder: Path, made: Templates, name: str, count: int, seed: int) -> None:
    found = [
        *formats(folder, made.whole("eager float"), made.chip),
        *newer_formats(folder, made.whole("labels"), made.whole("control"), made.sweep),
    ]
    form = next(form for form in found if form.name == name)
    verdict = fuzz(form, count, seed)
    if verdict.broken:
        raise Broken(f"{len(verdict.broken)} of {verdict.tried}: {summary(verdict.broken)}")
