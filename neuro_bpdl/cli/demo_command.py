"""neuro-bpdl demo: everything once, on Lava's CPU simulator."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated, Any

import typer

from neuro_bpdl.cli import completing
from neuro_bpdl.cli import options as o
from neuro_bpdl.cli.evaluate_command import evaluation_rows, sample_rows
from neuro_bpdl.cli.inpaint_command import inpainting_table
from neuro_bpdl.cli.output import emit, label_of, note
from neuro_bpdl.cli.train_command import start_run

Out = Annotated[
    Path | None,
    typer.Option("--out", metavar="RUN", show_default="runs/demo, or the first free of runs/demo-2, …",
                 rich_help_panel=o.OUTPUT,
                 help="New folder."),
]  # fmt: skip
RecipeName = Annotated[
    str, typer.Option("--recipe", metavar="NAME", help="What is trained.", autocompletion=completing.recipe)
]
Epochs = Annotated[
    int | None, typer.Option("--epochs", metavar="N", show_default="the recipe's",
                             help="Times that every image is seen.")
]
Seed = Annotated[int, typer.Option("--seed", metavar="N", help="Of everything that is drawn.")]
Backend = Annotated[str, typer.Option("--backend", metavar="lava|eager", help="What trains.", rich_help_panel=o.ENGINE)]


def demo_command(
    recipe: RecipeName = "chip-quick",
    out: Out = None,
    epochs: Epochs = None,
    limit: o.Limit = None,
    seed: Seed = 0,
    backend: Backend = "lava",
    as_json: o.Json = False,
) -> None:
    """Train, generate, fill in, judge, compare, map and report: everything once, on Lava's CPU simulator.

    By the recipe chip-quick, in Loihi's fixed point, with the same network in float beside it (in RUN/float).

    Examples:

      neuro-bpdl demo

      neuro-bpdl demo --recipe digits-chip        (seconds)
    """
    from neuro_bpdl.files.folders import next_free
    from neuro_bpdl.workflows.demo import demonstrate, float_beside

    began = time.perf_counter()
    given = {"limit": limit, "seed": seed, "epochs": epochs, "backend": backend}
    spec = o.run_spec(None, given, recipe)
    path = out or next_free(Path("runs", "demo"))
    result = demonstrate(spec, float_beside(recipe, spec), path, start_run, note).to_dict()
    result["seconds"] = round(time.perf_counter() - began, 1)
    emit(result, as_json, "neuro-bpdl demo", _rows(result))


def _rows(result: dict[str, Any]) -> dict[str, Any]:
    evaluation, hidden = result["evaluation"], result["inpainting"]
    inpainted = inpainting_table({**hidden, "out": "", "picture": ""})
    rows = {"learned by": label_of(result["training"]), **evaluation_rows(evaluation)}
    beside = evaluation_rows(result["float_beside"])
    rows["the same in float"] = f"{beside['reconstruction error']}; from the top {beside['from the top layer']}"
    rows |= sample_rows(result["samples"])
    for name in ("error on hidden pixels", "mean image", "one pass"):
        rows[f"inpainting: {name}"] = inpainted[name]
    agreement = result["agreement"]
    verdict = "every tolerance kept" if agreement["holds"] else f"{agreement['missed']} tolerances missed"
    rows["agreement with theory"] = f"{', '.join(agreement['engines'])}: {verdict}"
    return {**rows, "time": f"{result['seconds']} s", "report": result["report"]}
