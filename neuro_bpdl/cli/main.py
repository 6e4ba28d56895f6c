"""The program neuro-bpdl: one command per module; refusals become one line and exit code 2."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Sequence

import typer

from neuro_bpdl.cli.bench_command import bench_command
from neuro_bpdl.cli.compare_command import compare_command
from neuro_bpdl.cli.demo_command import demo_command
from neuro_bpdl.cli.evaluate_command import evaluate_command
from neuro_bpdl.cli.export_command import export_command
from neuro_bpdl.cli.generate_command import generate_command
from neuro_bpdl.cli.inpaint_command import inpaint_command
from neuro_bpdl.cli.map_command import map_command
from neuro_bpdl.cli.output import INTERRUPTED
from neuro_bpdl.cli.report_command import report_command
from neuro_bpdl.cli.reproduce_command import reproduce_command
from neuro_bpdl.cli.train_command import train_command
from neuro_bpdl.errors import HardwareLimit, InvalidInput, NeuroBpdlError

REFUSED = 2
OPTIONS = {  # arguments of functions under the name they have here
    "data": "--data", "fraction": "--missing", "kind": "--kind", "limit": "--limit", "seed": "--seed", "out": "--out",
    "batch": "--batch", "inference.order": "order", "inference.langevin": "langevin",
    "inference.alpha": "--alpha", "target": "--target",
}  # fmt: skip
# typer has its own copy of click in some versions: this is the class that its errors derive from
UsageProblem: type[Exception] = next(kind for kind in typer.BadParameter.__mro__ if kind.__name__ == "ClickException")

app = typer.Typer(
    name="neuro-bpdl", add_completion=False, rich_markup_mode="rich", pretty_exceptions_enable=False,
    help="Deep generative networks that learn with the rule a synapse can see: dW = S_pre · dV_post/dt.",
    epilog="Start with: neuro-bpdl demo. Every command has --help with examples and --json.",
)  # fmt: skip
app.command("demo")(demo_command)
app.command("train")(train_command)
app.command("evaluate")(evaluate_command)
app.command("generate")(generate_command)
app.command("inpaint")(inpaint_command)
app.command("report")(report_command)
app.command("compare")(compare_command)
app.command("map")(map_command)
app.command("export")(export_command)
app.command("reproduce")(reproduce_command)
app.command("bench")(bench_command)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the program; leaves with its exit code."""
    sys.exit(run(sys.argv[1:] if arguments is None else arguments))


def run(arguments: Sequence[str]) -> int:
    """Run one command line.

    Returns
    -------
    0, 2 when the input was refused (one line on stderr says why), 130 after Ctrl-C, or the command's own code.
    """
    try:
        code = app(list(arguments) or ["--help"], prog_name="neuro-bpdl", standalone_mode=False)
    except UsageProblem as error:
        return _refuse(_usage(error, arguments))
    except HardwareLimit as error:
        typer.echo(f"neuro-bpdl: {error}", err=True)  # lists every violation, one per line
        return REFUSED
    except InvalidInput as error:
        option = OPTIONS.get(error.argument, error.argument)
        return _refuse(str(InvalidInput(option, error.value, error.allowed, error.mend)))
    except NeuroBpdlError as error:
        return _refuse(str(error))
    except (KeyboardInterrupt, typer.Abort):
        typer.echo("interrupted", err=True)
        return INTERRUPTED
    return code if isinstance(code, int) else 0


def _refuse(message: str) -> int:
    typer.echo("neuro-bpdl: " + " ".join(message.split()), err=True)
    return REFUSED


def _usage(error: Exception, arguments: Sequence[str]) -> str:
    """An option's value of the wrong type, in the form of our own errors; else what typer says."""
    names = list(getattr(getattr(error, "param", None), "opts", ()))
    given = [value for name, value in itertools.pairwise(arguments) if name in names]
    said = str(getattr(error, "message", "") or error)
    if given:
        return str(InvalidInput(names[0], given[-1], said.removeprefix("Input should be "), "see --help"))
    return f"{_formatted(error)} (see neuro-bpdl --help)"


def _formatted(error: Exception) -> str:
    form = getattr(error, "format_message", None)
    return str(form() if form is not None else error)
