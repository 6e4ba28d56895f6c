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


LAYER_COLUMNS = ("engine", "layer", "r", "rmse", "dead", "saturated", "units")
TERM_COLUMNS = ("engine", "log p(x | h1)", "log p(h | layer above)", "total")


def layer_rows(agreement: Agreement) -> list[tuple[str, ...]]:
    """`LAYER_COLUMNS` of theory and every engine: how near the rates are, and which units carry nothing."""
    return [
        (engine.name, f"h_{layer.layer}", f"{layer.r:.5f}", f"{layer.rmse:.5f}", str(layer.dead), str(layer.saturated),
         str(layer.units))
        for engine in (agreement.theory, *agreement.engines) for layer in engine.layers
    ]  # fmt: skip


def term_rows(agreement: Agreement) -> list[tuple[str, ...]]:
    """`TERM_COLUMNS` of theory and every engine: nats per image before and after inference; none with labels."""
    rows: list[tuple[str, ...]] = []
    if agreement.taught:
        return rows
    for engine in (agreement.theory, *agreement.engines):
        terms = [engine.terms["reconstruction"], engine.terms["latent"]]
        ends = [*terms, [sum(both) for both in zip(*terms, strict=True)]]
        rows.append((engine.name, *(f"{values[0]:.1f} to {values[-1]:.1f}" for values in ends)))
    return rows


def plain_table(title: str, columns: tuple[str, ...], rows: list[tuple[str, ...]]) -> Table:
    """Text right-aligned under its heads, the first column left."""
    from rich.table import Table

    table = Table(title=title, title_justify="left", box=None)
    for k, column in enumerate(columns):
        table.add_column(column, justify="right" if k else "left")
    for row in rows:
        table.add_row(*row)
    return table


def remarks(agreement: Agreement) -> list[str]:
    """What the table does not say: layers still moving, which engine is nearest, times."""
    times = ", ".join(f"{e.name} {e.seconds:.1f} s" for e in (agreement.theory, *agreement.engines))
    lines = [
        f"{engine.name}: {100 * engine.same_answers:g} % of the answers are theory's"
        for engine in agreement.engines if engine.same_answers is not None
    ]  # fmt: skip
    lines += [*agreement.moving(), "nearest to theory first: " + ", ".join(agreement.nearest()), "time: " + times]
    return lines
