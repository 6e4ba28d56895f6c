"""Recipes are complete, and what is put on top of them wins."""

from __future__ import annotations

import re

import pytest

from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.recipes import compose, read_recipe, recipe_names
from neuro_bpdl.spec import RunSpec


@pytest.mark.parametrize("name", recipe_names())
def test_a_recipe_says_every_field(name: str) -> None:
    """A default that changes must not change a recipe."""
    recipe = read_recipe(name)
    optional = {"target", "limit", "labels", "labelled"}
    joint = set() if recipe.spec.joint else {"teaching_rate"}  # fields of joint networks only
    if not recipe.spec.training.labelled:  # fields of few labels only
        joint |= {"unlabelled"} if recipe.spec.joint else {"unlabelled", "repeat"}
    for section, value in RunSpec().model_dump().items():
        if isinstance(value, dict):
            taught = {"shift"} if recipe.spec.labels is None else set()  # fields of networks with labels only
            assert set(recipe.fields[section]) - optional == set(value) - optional - taught - joint, section
        else:
            assert section in recipe.fields or section in optional
    assert recipe.about and recipe.text.startswith("# ")


@pytest.mark.parametrize("name", recipe_names())
def test_a_recipe_is_for_the_images_it_names(name: str) -> None:
    recipe = read_recipe(name)
    recipe.require_pixels({"digits": 64}.get(recipe.spec.data, 784), recipe.spec.data)
    with pytest.raises(InvalidInput, match=rf"--recipe: got '{name}', allowed: images of {recipe.pixels} pixels"):
        recipe.require_pixels(25, "stamps")


def test_all_recipes_that_readers_are_promised() -> None:
    promised = {"paper", "generative", "chip", "generative-quick", "chip-quick"}
    assert promised | {"labels", "labels-float", "labels-quick", "joint", "joint-quick", "joint-chip-quick",
                       "semi"} <= set(recipe_names())


def test_no_such_recipe() -> None:
    with pytest.raises(InvalidInput, match=re.escape("--recipe: got 'soup', allowed: chip, chip-quick")):
        read_recipe("soup")


def test_single_fields_go_on_top() -> None:
    base = read_recipe("generative")
    spec = compose(base.fields, {("training", "epochs"): 7, ("layers",): (5, 3)})
    assert spec.training.epochs == 7 and spec.layers == (5, 3)
    assert spec.training.batch == base.spec.training.batch
    assert read_recipe("generative").spec == base.spec  # nothing was written into the recipe


def test_an_engine_without_float32_gives_it_up() -> None:
    fields = read_recipe("generative").fields
    assert compose(fields, {("engine", "backend"): "eager"}).engine.precision == "float32"
    for changed in ({("engine", "arithmetic"): "fixed", ("engine", "backend"): "eager"},
                    {("engine", "backend"): "lava", ("engine", "model"): "composed", ("training", "batch"): 1}):
        assert compose(fields, changed).engine.precision == "float64"


def test_what_nobody_chose_follows_the_engine() -> None:
    online = compose({}, {("engine", "arithmetic"): "fixed"})
    assert (online.training.batch, online.plasticity.learning_rate) == (1, "auto")
    chosen = compose({"training": {"batch": 4}}, {("engine", "arithmetic"): "fixed"})
    assert chosen.training.batch == 4


def test_without_a_learning_rate_all_that_images_decide_is_left_to_them() -> None:
    spec = compose({}, {("plasticity", "noise"): 0.2})
    assert (spec.training.batch, spec.training.start, spec.training.ground) == (0, "data", "auto")
    assert spec.plasticity.noise == 0.2  # what was given wins
    typed = compose({}, {("plasticity", "learning_rate"): 0.1})
    assert typed.training == RunSpec().training and typed.plasticity == RunSpec().plasticity


@pytest.mark.parametrize("place", [("nothing",), ("training", "nothing"), ("engine", "nothing")])
def test_unknown_fields(place: tuple[str, ...]) -> None:
    with pytest.raises(InvalidInput, match=r"nothing: got 1, allowed: only the fields of the spec"):
        compose({}, {place: 1})
