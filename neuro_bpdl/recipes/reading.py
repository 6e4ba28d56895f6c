"""The TOML files of this folder."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.files.toml_file import read_toml
from neuro_bpdl.spec import RunSpec

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Recipe:
    """A complete run spec with a name.

    Attributes
    ----------
    about : str
        What it is for, in a line.
    pixels : int
        Of the images that its layers and rates are for.
    fields : dict
        Those of a `RunSpec`.
    """

    name: str
    about: str
    pixels: int
    fields: dict[str, Any]

    @property
    def spec(self) -> RunSpec:
        """The recipe as it is."""
        return RunSpec(**self.fields)

    @property
    def text(self) -> str:
        """The file, comments included."""
        return (FOLDER / f"{self.name}.toml").read_text(encoding="utf-8")

    def require_pixels(self, pixels: int, data: str) -> None:
        """Refuse images of another size than the recipe is for.

        Raises
        ------
        InvalidInput
        """
        if pixels == self.pixels:
            return
        others = [name for name in recipe_names() if read_recipe(name).pixels == pixels]
        mend = f"choose {' or '.join(others)}, or give --layers" if others else "give --layers of your own"
        raise InvalidInput("--recipe", self.name, f"images of {self.pixels} pixels; {data} has {pixels}", mend)


@cache
def recipe_names() -> tuple[str, ...]:
    """All recipes, in alphabetical order."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.toml")))


@cache
def read_recipe(name: str) -> Recipe:
    """The recipe of that name.

    Raises
    ------
    InvalidInput
        There is none.
    """
    if name not in recipe_names():
        raise InvalidInput("--recipe", name, ", ".join(recipe_names()), "neuro-bpdl recipes explains them")
    fields = read_toml(FOLDER / f"{name}.toml")
    return Recipe(name, fields.pop("about"), fields.pop("pixels"), fields)
