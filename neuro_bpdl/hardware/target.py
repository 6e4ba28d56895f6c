"""A hardware target: what a chip or a board is known to hold, with a source for every number.

Files live in ``hardware_configs``; a user's own TOML file works the same.
"""

from __future__ import annotations

import math
from importlib import resources
from pathlib import Path
from typing import Any, Literal

import numpy as np
from pydantic import Field

from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.files.toml_file import read_toml
from neuro_bpdl.hardware.entry import Entry
from neuro_bpdl.hardware.fields import BARRIER
from neuro_bpdl.hardware.reading import HEADER, check_complete, check_consistent, check_keys, read_entries
from neuro_bpdl.spec.base import Spec


class Target(Spec, frozen=True):
    """A chip, a board of identical chips, or the simulator; build one with `load_target`."""

    name: str
    title: str
    kind: Literal["chip", "board", "simulator"]
    chip: str | None = None
    costs_from: str | None = None
    cost_label: str | None = None
    entries: dict[str, Entry] = Field(default_factory=dict)

    def limit(self, name: str) -> float | None:
        """A number in base units, or None when it is unknown or the target has no such limit."""
        entry = self.entries.get(name)
        return None if entry is None else entry.amount

    def has(self, feature: str) -> bool | None:
        """Whether the target has a feature; None when that is unknown."""
        amount = self.limit(feature)
        return None if amount is None else bool(amount)

    def status(self, name: str) -> str:
        """How sure the number is: its confidence, "no limit" or "not checked (unknown)"."""
        if name not in self.entries:
            return "no limit" if self.kind == "simulator" else "not checked (unknown)"
        confidence = self.entries[name].confidence
        return "not checked (unknown)" if confidence == "unknown" else confidence

    def source(self, name: str) -> str:
        """Where the number comes from."""
        return self.entries[name].source if name in self.entries else f"{self.title}: no such limit"

    def barrier(self, tiles: int) -> Entry | None:
        """The barrier after a time step over ``tiles`` tiles.

        Straight lines between the numbers of tiles that the file names, flat
        beyond them; None when it knows none.
        """
        points = sorted((int(name.removeprefix(BARRIER)), entry) for name, entry in self.entries.items()
                        if name.startswith(BARRIER) and entry.value is not None)
        if not points:
            return None
        nearest = min(points, key=lambda point: abs(point[0] - tiles))[1]
        at = [count for count, _ in points]
        value, low, high = (
            float(np.interp(tiles, at, [ends[end] for _, entry in points if (ends := _ends(entry))]))
            for end in range(3)
        )
        banded = {} if low == high else {"low": low, "high": high}
        return Entry(value=value, unit="s", source=nearest.source, confidence=nearest.confidence, **banded)

    @property
    def chips(self) -> float:
        """Chips on the board: 1 for a chip, infinite for the simulator."""
        if self.kind == "simulator":
            return math.inf
        return self.limit("chips") or 1


def _ends(entry: Entry) -> tuple[float, float, float]:
    low, high = entry.band or (0.0, 0.0)
    return entry.amount or 0.0, low, high


def list_targets() -> tuple[str, ...]:
    """Names of the targets that come with the package, sorted."""
    folder = resources.files("neuro_bpdl.hardware_configs")
    return tuple(sorted(item.name[:-5] for item in folder.iterdir() if item.name.endswith(".toml")))


def load_target(name_or_path: str | Path) -> Target:
    """Read a target by name, or from a user's own TOML file.

    Raises
    ------
    InvalidInput
        Unknown name, unreadable file, or a field that is missing, unknown,
        contradictory, without unit, or of confidence "unknown" with a value.
    """
    return _load(str(name_or_path), base=None)


def _load(name: str, base: Path | None) -> Target:
    path = _locate(name, base)
    table = read_toml(path)
    check_keys(table, path.name)
    given = read_entries(table, path.name)
    kind = table.get("kind")
    if kind == "board":
        given = _with_chip(table, given, path)
    check_complete(table, given, path.name)
    check_consistent(table, given, path.name)
    header = {key: table[key] for key in HEADER if key in table and key != "sources"}
    target = Target(entries=given, **header)
    if target.costs_from is not None and _load(target.costs_from, base=path.parent).costs_from is not None:
        raise InvalidInput(f"{path.name}: costs_from", target.costs_from, "a target with costs of its own",
                           "e.g. costs_from = 'loihi1'")
    return target if kind != "board" else _inherit_costs(target, path)


def _locate(name: str, base: Path | None) -> Path:
    if name in list_targets():
        return Path(str(resources.files("neuro_bpdl.hardware_configs").joinpath(f"{name}.toml")))
    path = Path(name) if base is None else base / name
    if path.suffix == ".toml" and path.is_file():
        return path
    raise InvalidInput("target", name, ", ".join(list_targets()) + ", or the path of a .toml file")


def _with_chip(table: dict[str, Any], given: dict[str, Entry], path: Path) -> dict[str, Entry]:
    if "chip" not in table:
        raise InvalidInput(f"{path.name}: chip", None, "the target the board is made of", "give e.g. chip = 'loihi2'")
    chip = _load(str(table["chip"]), base=path.parent)
    if chip.kind != "chip":
        raise InvalidInput(f"{path.name}: chip", table["chip"], f"a target of kind 'chip', this one is a {chip.kind}")
    inherited = chip.entries
    if any(name.startswith(BARRIER) for name in given):
        inherited = {name: entry for name, entry in inherited.items() if not name.startswith(BARRIER)}
    return {**inherited, **given}


def _inherit_costs(board: Target, path: Path) -> Target:
    chip = _load(str(board.chip), base=path.parent)
    return board.model_copy(update={"costs_from": board.costs_from or chip.costs_from,
                                    "cost_label": board.cost_label or chip.cost_label})
