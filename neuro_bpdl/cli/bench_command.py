"""``neuro-bpdl bench``: how fast every engine is, beside the floors of BLAS and memory in the same run."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

from neuro_bpdl.errors import InvalidInput

TABLE_WIDTH = 120  # on a narrower terminal lines wrap, but no number is cut


def bench_command(
    suite: Annotated[
        str, typer.Argument(help="fused (Lava's models), eager (sizes, depth, batch), threads or all.")
    ] = "eager",
    json_output: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> None:
    """Time the engines while they learn, each in its own process; run it on an idle machine."""
    from neuro_bpdl.bench.cases import SUITES
    from neuro_bpdl.bench.suite import run_suite

    if suite not in SUITES:
        raise InvalidInput("suite", suite, ", ".join(SUITES))
    result = run_suite(suite, lambda line: typer.echo(line, err=True))
    if json_output:
        typer.echo(json.dumps(result, indent=2))
    else:
        _show(result)


def _show(result: dict[str, Any]) -> None:
    from rich.console import Console
    from rich.table import Table

    columns = {
        "images/s": ("images_per_second", ".4g"),
        "steps/s": ("time_steps_per_second", ".4g"),
        "synops/s": ("synaptic_operations_per_second", ".3g"),
        "x BLAS": ("vs_blas", ".2f"),
        "BLAS ms": ("blas_floor_ms", ".3g"),
        "memory ms": ("memory_floor_ms", ".3g"),
        "peak MiB": ("peak_memory_mib", ".0f"),
    }
    table = Table("engine", *columns)
    for timing in result["cases"]:
        table.add_row(timing["name"], *(format(timing[field], form) for field, form in columns.values()))
    console = Console()
    console.print(table, width=max(console.width, TABLE_WIDTH), crop=False, no_wrap=True)
    console.print(f"compile seconds, first call: {result['compile_seconds']:.1f}; later: {result['load_seconds']:.1f}")
    for name, ratio in result["ratios"].items():
        console.print(f"{name}: {ratio:.0f} x")
