"""The commands of neuro-bpdl, one per module."""

from __future__ import annotations

from typing import Annotated

import typer

import neuro_bpdl
from neuro_bpdl.cli.bandit_command import bandit_app
from neuro_bpdl.cli.bench_command import bench_command
from neuro_bpdl.cli.classify_command import classify_command
from neuro_bpdl.cli.compare_command import compare_command
from neuro_bpdl.cli.control_command import control_app
from neuro_bpdl.cli.demo_command import demo_command
from neuro_bpdl.cli.doctor_command import doctor_command
from neuro_bpdl.cli.evaluate_command import evaluate_command
from neuro_bpdl.cli.export_command import export_command
from neuro_bpdl.cli.generate_command import generate_command
from neuro_bpdl.cli.inpaint_command import inpaint_command
from neuro_bpdl.cli.map_command import map_command
from neuro_bpdl.cli.recipes_command import recipes_command
from neuro_bpdl.cli.report_command import report_command
from neuro_bpdl.cli.reproduce_command import reproduce_command
from neuro_bpdl.cli.sweep_command import sweep_command
from neuro_bpdl.cli.train_command import train_command

app = typer.Typer(
    name="neuro-bpdl", rich_markup_mode="rich", pretty_exceptions_enable=False,
    help="Deep generative networks that learn with the rule a synapse can see: dW = S_pre · dV_post/dt.\n\n"
         "Examples:\n\n  neuro-bpdl demo\n\n  neuro-bpdl train --recipe digits-quick --out first\n\n"
         "  neuro-bpdl report first",
    epilog="Every command has --help with examples and --json.",
)  # fmt: skip


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"neuro-bpdl {neuro_bpdl.__version__}")
        raise typer.Exit


@app.callback()
def program(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and end.")
    ] = False,
) -> None:
    """What comes before a command."""


app.command("demo")(demo_command)
app.command("train")(train_command)
app.command("recipes")(recipes_command)
app.command("evaluate")(evaluate_command)
app.command("classify")(classify_command)
app.command("generate")(generate_command)
app.command("inpaint")(inpaint_command)
app.command("report")(report_command)
app.command("compare")(compare_command)
app.command("map")(map_command)
app.command("export")(export_command)
app.command("reproduce")(reproduce_command)
app.command("bench")(bench_command)
app.command("sweep")(sweep_command)
app.command("doctor")(doctor_command)
app.add_typer(control_app, name="control")
app.add_typer(bandit_app, name="bandit")
