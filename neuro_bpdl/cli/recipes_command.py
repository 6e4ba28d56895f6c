"""neuro-bpdl recipes"""

from __future__ import annotations

from typing import Annotated, Any

import typer

from neuro_bpdl.cli.options import Json
from neuro_bpdl.cli.output import echo_json, printable, show
from neuro_bpdl.recipes import Recipe, read_recipe, recipe_names

Name = Annotated[str | None, typer.Argument(metavar="[NAME]", show_default="all", help="Print this one whole.")]


def recipes_command(name: Name = None, as_json: Json = False) -> None:
    """List the recipes, or print one as the file it is, comments included.

    A recipe is a complete spec that is known to work; train --recipe NAME starts from it.

    Examples:

      neuro-bpdl recipes

      neuro-bpdl recipes chip
    """
    chosen = [read_recipe(name) for name in ([name] if name else recipe_names())]
    if as_json:
        echo_json({recipe.name: _facts(recipe) for recipe in chosen})
    elif name:
        typer.echo(printable(chosen[0].text), nl=False)
    else:
        show("Recipes (neuro-bpdl train --recipe NAME)", {recipe.name: recipe.about for recipe in chosen})


def _facts(recipe: Recipe) -> dict[str, Any]:
    return {"about": recipe.about, "pixels": recipe.pixels, "spec": recipe.spec.model_dump(mode="json")}
