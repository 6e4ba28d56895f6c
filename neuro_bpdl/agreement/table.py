"""The comparison as a table for the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neuro_bpdl.agreement.results import Agreement, EngineAgreement

if TYPE_CHECKING:
    from rich.table import Table

COLUMNS = ("engine", "what", "where", "value", "allowed", "verdict")


def agreement_table(agreement: Agreement, *, every: bool = True) -> Table:
    """One row per check, engines one below the other.

    Parameters
    ----------
    every : bool
        False leaves out the rows that hold.
    """
    from rich.table import Table

    table = Table(title=f"Agreement with theory on {len(agreement.images)} images", title_justify="left", box=None)
    for column in COLUMNS:
        table.add_column(column, justify="right" if column in ("value", "allowed") else "left")
    for engine in agreement.engines:
        _add_engine(table, engine, every)
    return table


def _add_engine(table: Table, engine: EngineAgreement, every: bool) -> None:
    name = engine.name
    for check in engine.checks():
        if check.holds and not every:
            continue
        limit = f"{'≥' if check.at_least else '≤'} {check.limit:.9g}"
        verdict = "holds" if check.holds else "MISSED"
        table.add_row(name, check.quantity, check.where, f"{check.value:.5g}", limit, verdict)
        name = ""
    for layer in engine.layers:
        worst = layer.largest
        place = f"image {worst.image}, unit {worst.unit}"
        table.add_row(name, f"largest in h_{layer.layer}", place, f"{worst.difference:.5g}", "", "")
        name = ""


def remarks(agreement: Agreement) -> list[str]:
    """What the table does not say: layers still moving, which engine is nearest, times."""
    times = ", ".join(f"{e.name} {e.seconds:.1f} s" for e in (agreement.theory, *agreement.engines))
    lines = [*agreement.moving(), "nearest to theory first: " + ", ".join(agreement.nearest()), "time: " + times]
    return lines
