"""Checks on the text of a target file; every error names the file and the field."""

from __future__ import annotations

import math
from typing import Any

from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.hardware.entry import Entry
from neuro_bpdl.hardware.fields import BARRIER, BOARD, ORDERED_PAIRS, SECTIONS, SIGNED, UNITS

WHOLE = frozenset({"core", "chip", "compartment", "neuron", "synapse", "axon", "trace", "replica", "bit"})
HEADER = ("name", "title", "kind", "chip", "costs_from", "cost_label", "sources")


def check_keys(table: dict[str, Any], file: str) -> None:
    """Refuse a key that no target file has."""
    for key, value in table.items():
        if key not in HEADER and key not in SECTIONS and key != "barrier":
            raise InvalidInput(f"{file}: {key}", value, ", ".join((*HEADER, *SECTIONS, "barrier")), "remove the field")
        table_wanted = key in SECTIONS or key in ("sources", "barrier")
        if isinstance(value, dict) != table_wanted or (not table_wanted and not isinstance(value, str)):
            raise InvalidInput(f"{file}: {key}", value, "a table" if table_wanted else "text", "correct the field")
    for source, text in table.get("sources", {}).items():
        if not isinstance(text, str):
            raise InvalidInput(f"{file}: sources.{source}", text, "text", "say where the number comes from")


def read_entries(table: dict[str, Any], file: str) -> dict[str, Entry]:
    """Every number of the file, by name; refuses unknown names, wrong units and senseless values."""
    sources = table.get("sources", {})
    known = {section: dict(fields) for section, fields in SECTIONS.items()}
    if table.get("kind") == "board":
        known["limits"].update(BOARD)
    entries = {
        name: _entry(f"{file}: {section}.{name}", fields, fields_known.get(name), sources)
        for section, fields_known in known.items()
        for name, fields in table.get(section, {}).items()
    }
    return entries | {
        f"{BARRIER}{tiles}": _entry(f"{file}: barrier.{tiles}", fields, "s" if tiles.isdecimal() else None, sources)
        for tiles, fields in table.get("barrier", {}).items()
    }


def _entry(place: str, fields: Any, dimension: str | None, sources: dict[str, str]) -> Entry:
    if dimension is None:
        raise InvalidInput(place, fields, "only the fields of a target file", "remove the field")
    if not isinstance(fields, dict):
        raise InvalidInput(place, fields, "a table with value, unit, source, confidence")
    source = fields.get("source")
    named = sources.get(source, source) if isinstance(source, str) else source
    try:
        entry = Entry(**(fields | {"source": named} if "source" in fields else fields))
    except InvalidInput as error:
        raise InvalidInput(f"{place}.{error.argument.split('.')[1]}", error.value, error.allowed, error.mend) from None
    _sensible(place, entry, dimension)
    return entry


def _sensible(place: str, entry: Entry, dimension: str) -> None:
    if UNITS[entry.unit][0] != dimension:
        fitting = [unit for unit, (kind, _) in UNITS.items() if kind == dimension]
        raise InvalidInput(f"{place}.unit", entry.unit, " or ".join(fitting))
    if entry.value is None:
        return
    if dimension in WHOLE and not float(entry.amount or 0).is_integer():
        raise InvalidInput(f"{place}.value", entry.value, f"a whole number of {dimension}s", "round it")
    if (dimension == "flag") != isinstance(entry.value, bool):
        raise InvalidInput(f"{place}.value", entry.value, "true or false" if dimension == "flag" else "a number")
    signed = place.rsplit(".", 1)[1] in SIGNED
    if not math.isfinite(entry.value) or (dimension != "flag" and not signed and entry.value <= 0):
        raise InvalidInput(f"{place}.value", entry.value, "a finite number above 0")


def check_complete(table: dict[str, Any], given: dict[str, Entry], file: str) -> None:
    """Refuse a chip or board that leaves a number out: unknown has to be said."""
    if table.get("kind") == "simulator":
        return
    board = table.get("kind") == "board"
    for section, names in SECTIONS.items():
        for name in (*names, "chips") if board and section == "limits" else names:
            if name not in given:
                raise InvalidInput(f"{file}: {section}.{name}", None, "a table with value, unit, source, confidence",
                                   "give it, with confidence = 'unknown' and no value if nobody knows")
    if not any(name.startswith(BARRIER) for name in given):
        raise InvalidInput(f"{file}: barrier", None, "a time for at least one number of tiles",
                           "e.g. 32 = { unit = 'ns', source = ..., confidence = 'unknown' }")


def check_consistent(table: dict[str, Any], given: dict[str, Entry], file: str) -> None:
    """Refuse fields that contradict each other."""
    kind = table.get("kind")
    if kind != "board" and "chip" in table:
        raise InvalidInput(f"{file}: chip", table["chip"], "only in a target of kind 'board'")
    if kind == "simulator" and given:
        raise InvalidInput(f"{file}: {next(iter(given))}", "a limit", "no limits in a simulator", "say kind = 'chip'")
    for low, high in ORDERED_PAIRS:
        ends = [given[name].amount if name in given else None for name in (low, high)]
        if ends[0] is not None and ends[1] is not None and ends[0] > ends[1]:
            raise InvalidInput(f"{file}: {low}", ends[0], f"at most {high} = {ends[1]:g}")
    _cores_add_up(given, file)


def _cores_add_up(given: dict[str, Entry], file: str) -> None:
    names = ("cores", "chips", "cores_per_chip")
    total, chips, each = (given[name].amount if name in given else None for name in names)
    if total is not None and chips is not None and each is not None and total != chips * each:
        raise InvalidInput(f"{file}: limits.cores", int(total),
                           f"chips x cores_per_chip = {chips:g} x {each:g} = {chips * each:g}")
