"""neuro-bpdl bandit train"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from neuro_bpdl.cli.options import LEARNING, OUTPUT, Json
from neuro_bpdl.cli.output import emit, finished, note
from neuro_bpdl.errors import InvalidInput

ABOUT = """An agent that sees an image, says a class, and hears only whether it was right.

Examples:

  neuro-bpdl bandit train mnist --seeds 3 --out bandit
"""
bandit_app = typer.Typer(
    no_args_is_help=True, add_completion=False, rich_markup_mode="rich",
    help=ABOUT,
)  # fmt: skip

Data = Annotated[
    str | None,
    typer.Argument(metavar="[DATA]", show_default="--resume's", help="mnist, mnist-mini, digits or FILE.npz."),
]
Out = Annotated[
    Path | None,
    typer.Option("--out", metavar="RUN", show_default="runs/bandit-DATA", help="New folder.", rich_help_panel=OUTPUT),
]
Resume = Annotated[
    Path | None, typer.Option("--resume", metavar="RUN", show_default="none", help="Go on with a run that was cut.")
]
Hidden = Annotated[
    int | None,
    typer.Option("--hidden", metavar="N", show_default="300", rich_help_panel=LEARNING, help="Hidden units."),
]
Passes = Annotated[
    int | None,
    typer.Option("--passes", metavar="N", show_default="5", rich_help_panel=LEARNING, help="Passes over the images."),
]
Teacher = Annotated[
    str | None, typer.Option("--teacher", metavar="reward|label", show_default="reward", rich_help_panel=LEARNING,
                             help="label: the supervised ceiling, all else equal.")
]  # fmt: skip
Limit = Annotated[int | None, typer.Option("--limit", metavar="N", show_default="all", help="The first N images only.")]
Seed = Annotated[int | None, typer.Option("--seed", metavar="N", show_default="0", help="First seed.")]
Seeds = Annotated[
    int, typer.Option("--seeds", metavar="N", min=1, max=1000, help="So many seeds, one after the other.")
]


@bandit_app.callback(help=ABOUT)
def bandit() -> None:
    """Makes a group of one command."""


@bandit_app.command("train")
def train(
    data: Data = None,
    out: Out = None,
    resume: Resume = None,
    hidden: Hidden = None,
    passes: Passes = None,
    teacher: Teacher = None,
    limit: Limit = None,
    seed: Seed = None,
    seeds: Seeds = 1,
    as_json: Json = False,
) -> None:
    """Learn labels from rewards, in integers, one interaction at a time.

    Examples:

      neuro-bpdl bandit train mnist --seeds 3 --out bandit

      neuro-bpdl bandit train mnist --teacher label --out ceiling
    """
    from neuro_bpdl.control.bandit import BanditSpec
    from neuro_bpdl.control.bandit_run import BanditRun

    given = {"data": data, "hidden": hidden, "passes": passes, "teacher": teacher, "limit": limit, "seed": seed}
    chosen = {name: value for name, value in given.items() if value is not None}
    if resume is not None:
        if chosen or out is not None:
            raise InvalidInput("--resume", str(resume), "nothing beside it", "a run goes on with its own settings")
        with BanditRun.open(resume).locked() as run:
            result = finished(run, "bandit", _tell)
        _report(result, run.path, as_json)
        return
    if data is None:
        raise InvalidInput("DATA", None, "images with labels", "e.g. neuro-bpdl bandit train mnist")
    try:
        spec = BanditSpec(**chosen)
    except InvalidInput as error:
        option = "--" + error.argument.removeprefix("BanditSpec.").split(".")[0]
        raise InvalidInput(option, error.value, error.allowed, error.mend) from None
    with BanditRun.creating(out or _free_name(spec.data), spec, seeds) as run:
        result = finished(run, "bandit", _tell)
    _report(result, run.path, as_json)


def _tell(seed: int, line: dict[str, Any]) -> None:
    note(f"seed {seed}: pass {line['pass']}, rewarded {line['rewarded']:.3f}, test {100 * line['test_accuracy']:.2f} %")


def _report(result: dict[str, Any], path: Path, as_json: bool) -> None:
    rows = {
        "run": path, "data": result["data"], "teacher": result["teacher"], "hidden units": result["hidden"],
        "computed by": " ".join(result[key] for key in ("backend", "arithmetic", "rounding")),
    }  # fmt: skip
    for seed, passes in result["runs"].items():
        rows[f"seed {seed}"] = "test " + ", ".join(f"{100 * line['test_accuracy']:.2f}" for line in passes) + " %"
    emit({**result, "run": str(path)}, as_json, "Trained", rows)


def _free_name(data: str) -> Path:
    stem = "bandit-" + Path(data).stem
    paths = (Path("runs") / (stem if number == 1 else f"{stem}-{number}") for number in range(1, 10_000))
    return next(path for path in paths if not path.exists())
