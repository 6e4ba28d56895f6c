"""neuro-bpdl compare"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from neuro_bpdl.cli import options as o
from neuro_bpdl.cli.output import console, echo_json, note

if TYPE_CHECKING:
    from neuro_bpdl.agreement.results import Agreement

Backends = Annotated[
    str,
    typer.Option("--backends", metavar="NAME,…", rich_help_panel=o.ENGINE,
                 help="Of theory, eager, lava, lava-composed, nengo, nengo-poisson, nengo-regular, nengo-lif."),
]  # fmt: skip
Arithmetic = Annotated[
    str, typer.Option("--arithmetic", metavar="float,fixed", rich_help_panel=o.ENGINE, help="For eager and lava.")
]
Count = Annotated[int, typer.Option("--n", metavar="N", help="Test images to compare on.")]
Seed = Annotated[int | None, typer.Option("--seed", metavar="N", show_default="the run's",
                                          help="Of noise, masks and draws.")]  # fmt: skip
Figures = Annotated[
    Path | None,
    typer.Option("--figures", metavar="FOLDER", show_default="none", rich_help_panel=o.OUTPUT,
                 help="Write objective.png, rates.png and images.png there."),
]  # fmt: skip
MISSED = 1


def compare_command(
    run: o.RunArgument,
    backends: Backends = "theory,eager,lava,nengo",
    arithmetic: Arithmetic = "float",
    data: o.Data = None,
    n: Count = 100,
    seed: Seed = None,
    figures: Figures = None,
    as_json: o.Json = False,
) -> None:
    """Every engine against theory: rates, objective, weight changes, images.

    A run with labels: rates and answers of one pass, and what the labels change in the weights.

    Exit code 1 when a published tolerance is missed.

    Examples:

      neuro-bpdl compare first --backends theory,eager,nengo --n 50

      neuro-bpdl compare first --backends theory,eager,lava,nengo --arithmetic float,fixed --json
    """
    from neuro_bpdl.agreement.compare import compare_engines
    from neuro_bpdl.agreement.engines import engines_of
    from neuro_bpdl.data import load
    from neuro_bpdl.training.evaluation import first_images
    from neuro_bpdl.training.run_dir import RunDir

    trained = RunDir.open(run)
    spec, checkpoint = trained.config.spec, trained.checkpoint()
    spec.require_one_task("RUN")
    seed = checkpoint.seed if seed is None else seed
    engines = engines_of(backends.split(","), arithmetic.split(","), spec.inference, spec.plasticity, seed)
    dataset = load(data or trained.data)
    images = first_images(dataset.test, n)
    labels = dataset.labels("test")[: len(images)] if spec.labels else None
    agreement = compare_engines(
        engines, checkpoint.params, images, spec.inference, spec.plasticity, seed=seed, labels=labels
    )
    print_agreement(agreement, {"run": str(run), "data": dataset.name, "seed": seed}, as_json)
    if figures is not None:
        save_figures(agreement, figures, dataset.image_shape)
    if not agreement.holds:
        raise typer.Exit(MISSED)


def print_agreement(agreement: Agreement, origin: dict[str, Any], as_json: bool) -> None:
    """JSON alone, or the table on stdout with its remarks on stderr."""
    if as_json:
        echo_json({**origin, **agreement.to_dict()})
        return
    from neuro_bpdl.agreement.table import (
        LAYER_COLUMNS,
        TERM_COLUMNS,
        agreement_table,
        layer_rows,
        plain_table,
        remarks,
        term_rows,
    )

    tables = [
        agreement_table(agreement),
        plain_table("\nRates, and units at one end for every image", LAYER_COLUMNS, layer_rows(agreement)),
    ]
    if not agreement.taught:
        tables += [plain_table("\nObjective over inference (nats per image)", TERM_COLUMNS, term_rows(agreement))]
    for table in tables:
        console().print(table)
    for line in remarks(agreement):
        note(line)
    missed = agreement.missed()
    note(f"{len(missed)} tolerances missed" if missed else "every tolerance is kept")


def save_figures(agreement: Agreement, folder: Path, image_shape: tuple[int, ...]) -> None:
    """Write the three figures as PNG; of a network with labels the rates alone.

    A folder that was made and got none of them goes again.

    Raises
    ------
    InvalidInput, NotWritten
        The folder cannot be made, or not be written.
    """
    from neuro_bpdl.agreement.figures import images_figure, objective_figure, scatter_figure
    from neuro_bpdl.errors import InvalidInput
    from neuro_bpdl.files.writing import write_bytes
    from neuro_bpdl.plotting.figures import png_bytes

    drawings = {"rates": scatter_figure(agreement)}
    if not agreement.taught:
        drawings |= {"objective": objective_figure(agreement), "images": images_figure(agreement, image_shape)}
    pictures = {name: png_bytes(drawing) for name, drawing in drawings.items()}
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InvalidInput("--figures", str(folder), "a folder that can be made", str(error.strerror)) from None
    try:
        for name, picture in pictures.items():
            write_bytes(folder / f"{name}.png", picture)
    finally:
        with suppress(OSError):
            folder.rmdir()  # only where it is empty
