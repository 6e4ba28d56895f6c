"""``neuro-bpdl reproduce``: the paper's experiments, from data to figure and JSON."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from neuro_bpdl.cli.options import Json
from neuro_bpdl.cli.output import echo_json, note


def reproduce_command(
    experiment: Annotated[
        str,
        typer.Argument(metavar="fig1|fig2|fig3|fig4|fig5|parzen|samplers|labels|reward|all", help="Which experiment."),
    ],
    quick: Annotated[
        bool, typer.Option("--quick", help="A small network on mnist-mini: minutes instead of hours.")
    ] = False,
    out: Annotated[
        Path, typer.Option("--out", metavar="FOLDER", help="Where results and networks go.")
    ] = Path("reproduced"),
    seed: Annotated[int, typer.Option("--seed", metavar="N", min=0, max=2**31 - 1000, help="First seed.")] = 0,
    seeds: Annotated[
        int, typer.Option("--seeds", metavar="N", min=1, max=100, help="Networks per table row, without --quick.")
    ] = 3,
    epochs: Annotated[
        int | None,
        typer.Option(
            "--epochs", metavar="N", min=2, max=1000, show_default="each network's own",
            help="Training epochs of every network, without --quick.",
        ),
    ] = None,
    networks: Annotated[
        str | None, typer.Option("--networks", metavar="NAME,…", show_default="all",
                                 help="Only these of smooth, hardware, fixed.")
    ] = None,
    again: Annotated[bool, typer.Option("--again", help="Run experiments that are finished once more.")] = False,
    as_json: Json = False,
) -> None:
    """Run the paper's experiments: a figure (PNG) and every number (JSON) per experiment.

    A finished experiment is not run again with the same settings, and a
    training that was interrupted goes on after its last finished epoch.

    Examples:

      neuro-bpdl reproduce all --quick

      neuro-bpdl reproduce fig4 --seeds 1 --networks smooth
    """
    from neuro_bpdl.experiments import settings
    from neuro_bpdl.experiments.registry import EXPERIMENTS, run_all

    chosen = settings.quick(seed) if quick else settings.full(seed, seeds, epochs)
    if networks is not None:
        chosen = chosen.only(*networks.split(","))
    names = list(EXPERIMENTS) if experiment == "all" else [experiment]
    say = note if as_json else typer.echo
    results = run_all(names, chosen, out / ("quick" if quick else "full"), say=say, again=again)
    if as_json:
        echo_json(dict(zip(names, results, strict=True)))
