"""``neuro-bpdl map``: does a network fit a chip, where does it go, what does an image cost."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from neuro_bpdl.cli import completing
from neuro_bpdl.cli import options as o
from neuro_bpdl.cli.output import echo_json

Source = Annotated[
    Path | None,
    typer.Argument(metavar="[RUN|FILE.toml]", show_default="none", help="A run's folder or a config file."),
]
Sizes = Annotated[
    str,
    typer.Option("--sizes", metavar="N,…", show_default="the run's",
                 help="Units of all layers instead, the pixels first: 784,1000,100."),
]  # fmt: skip
TargetName = Annotated[
    str,
    typer.Option("--target", metavar="TARGET", help="A target's name or the path of its TOML file.",
                 autocompletion=completing.target),
]  # fmt: skip
Visible = Annotated[
    int | None,
    typer.Option("--visible", metavar="N", show_default="the data's", help="Pixels of an image, for a config file."),
]
Picture = Annotated[
    Path | None,
    typer.Option("--picture", metavar="FILE", show_default="none", rich_help_panel=o.OUTPUT,
                 help="Draw the chips into this .png, .pdf or .svg file."),
]  # fmt: skip


def map_command(
    source: Source = None,
    sizes: Sizes = "",
    target: TargetName = "loihi2",
    visible: Visible = None,
    json_output: o.Json = False,
    picture: Picture = None,
) -> None:
    """Split a network over the cores of a chip and say what fits, what does not and what an image costs.

    Examples:

      neuro-bpdl map first --target loihi2

      neuro-bpdl map --sizes 784,1000,100 --target loihi1 --picture chips.png
    """
    from neuro_bpdl.cli.mapped import mapped, show
    from neuro_bpdl.hardware.picture import save

    found = mapped(source, sizes, target, visible)
    if picture is not None:
        save(found.mapping, picture)
    if json_output:
        echo_json(found.to_dict(), indent=1)
    else:
        show(found)
