"""``neuro-bpdl bench``: how fast every engine is, beside the floors of BLAS and memory in the same run."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from neuro_bpdl.cli.options import Json
from neuro_bpdl.cli.output import console, echo_json
from neuro_bpdl.errors import InvalidInput

TABLE_WIDTH = 120  # on a narrower terminal lines wrap, but no number is cut

Suite = Annotated[
    str,
    typer.Argument(metavar="[fused|eager|threads|all]", help="Lava's models; sizes, depth and batch; threads; or all."),
]


def bench_command(
    suite: Suite = "eager",
    json_output: Json = False,
) -> None:
    """Time the engines while they learn, each in its own process; run it on an idle machine.

    Examples:

      neuro-bpdl bench

      neuro-bpdl bench fused --json
    """
    from neuro_bpdl.bench.cases import SUITES
    from neuro_bpdl.bench.suite import run_suite

    if suite not in SUITES:
        raise InvalidInput("suite", suite, ", ".join(SUITES))
    result = run_suite(suite, lambda line: typer.echo(line, err=True))
    if json_output:
        echo_json(result)
    else:
        _show(result)


def _show(result: dict[str, Any]) -> None:
    from rich.table import Table

    columns = {
        "images/s": ("images_per_second", ".4g"),
        "steps/s": ("time_steps_per_second", ".4g"),
        "synops/s": ("synaptic_operations_per_second", ".3g"),
        "x BLAS": ("vs_blas", ".2f"),
        "in order": ("vs_in_order", ".2f"),
        "BLAS ms": ("blas_floor_ms", ".3g"),
        "memory ms": ("memory_floor_ms", ".3g"),
        "peak MiB": ("peak_memory_mib", ".0f"),
    }
    table = Table("engine", *columns)
    for timing in result["cases"]:
        table.add_row(timing["name"], *(format(timing[field], form) for field, form in columns.values()))
    screen = console()
    screen.print(table, width=max(screen.width, TABLE_WIDTH), crop=False, no_wrap=True)
    screen.print(f"compile seconds, first call: {result['compile_seconds']:.1f}; later: {result['load_seconds']:.1f}")
    for name, ratio in result["ratios"].items():
        screen.print(f"{name}: {ratio:.0f} x")
