"""Recipes: complete, commented run specs that are known to work, and how a spec is put together from one."""

from neuro_bpdl.recipes.composing import FROM_IMAGES as FROM_IMAGES
from neuro_bpdl.recipes.composing import compose as compose
from neuro_bpdl.recipes.reading import Recipe as Recipe
from neuro_bpdl.recipes.reading import read_recipe as read_recipe
from neuro_bpdl.recipes.reading import recipe_names as recipe_names
