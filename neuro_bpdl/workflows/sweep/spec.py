"""SWEEP.toml: a run, and which of its fields take which values."""

from __future__ import annotations

import difflib
import itertools
import math
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

import pydantic
from pydantic import BaseModel, Field

from neuro_bpdl.data.streams import DRAW, random_bits
from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.files.json_file import digest
from neuro_bpdl.files.toml_file import read_toml
from neuro_bpdl.recipes.composing import Place, compose
from neuro_bpdl.recipes.reading import read_recipe
from neuro_bpdl.spec import RunSpec
from neuro_bpdl.spec.base import Spec

MAX_JOBS = 100_000
RECIPE, SEED = "recipe", "training.seed"
Seed = Annotated[int, Field(ge=0, lt=2**31)]
Values = Annotated[tuple[Any, ...], Field(min_length=1)]
Measure = Literal["reconstruction", "from_top", "objective"]


class Interval(Spec):
    """Numbers from ``low`` to ``high``, all equally likely, or all equally likely in the logarithm."""

    low: float
    high: float
    scale: Literal["linear", "log"] = "linear"
    whole: bool = False

    @pydantic.model_validator(mode="after")
    def _in_order(self) -> Interval:
        if not (math.isfinite(self.low) and math.isfinite(self.high) and self.low < self.high):
            raise InvalidInput("random.fields", (self.low, self.high), "finite numbers, low below high")
        if self.scale == "log" and self.low <= 0:
            raise InvalidInput("random.fields", self.low, 'low above 0 with scale = "log"')
        return self

    def at(self, share: float) -> float | int:
        """The number at ``share`` of the way, 0 ≤ share < 1."""
        if self.scale == "log":
            value = self.low * (self.high / self.low) ** share
        else:
            value = self.low + (self.high - self.low) * share
        return round(value) if self.whole else float(f"{value:.6g}")  # six digits: a table that people read


class RandomSpec(Spec):
    """``draws`` points, each field drawn by itself: from an interval, or one of a list."""

    draws: int = Field(ge=1)
    seed: Seed = 0
    fields: dict[str, Interval | Values] = Field(min_length=1)

    def point(self, draw: int) -> dict[str, Any]:
        """Values of all fields, a function of seed, number and the fields' order."""
        shares = random_bits(self.seed, DRAW, draw, shape=(len(self.fields),)) / 2.0**64
        return {
            name: found.at(share) if isinstance(found, Interval) else found[int(share * len(found))]
            for (name, found), share in zip(self.fields.items(), shares.tolist(), strict=True)
        }


@dataclass(frozen=True)
class Job:
    """One run: the values of what is swept, its seed, and all of its spec."""

    values: dict[str, Any]
    spec: RunSpec

    @cached_property
    def point(self) -> str:
        """A name for the run but for its seed; runs with another seed share it."""
        fields = self.spec.model_dump(mode="json")
        fields["training"].pop("seed")
        return digest(fields)[:10]

    @property
    def name(self) -> str:
        """The name of the run's folder: equal for equal specs, in whatever sweep they are."""
        return f"{self.point}-s{self.seed}"

    @property
    def seed(self) -> int:
        """The training's seed."""
        return self.spec.training.seed


class SweepSpec(Spec):
    """A recipe (or the defaults) with ``base`` on top, in every combination of ``grid``, draw of ``random`` and seed.

    Names are a run's fields, such as "plasticity.noise", and "recipe". What
    nobody chose follows the engine, as on the command line (`recipes.composing`).

    ``best`` is what points are ranked by: the error of the reconstruction
    through h_1, or from the top layer, or log p(x, h) after inference.
    """

    recipe: str | None = None
    base: dict[str, Any] = Field(default_factory=dict)
    grid: dict[str, Values] = Field(default_factory=dict)
    random: RandomSpec | None = None
    seeds: Annotated[tuple[Seed, ...], Field(min_length=1)] = (0,)
    best: Measure = "from_top"

    @classmethod
    def from_toml(cls, path: str | Path) -> SweepSpec:
        """Read a sweep's file.

        Raises
        ------
        InvalidInput
            The file is missing or no TOML, a field of a sweep or of a run does not exist or has a value
            it cannot have, or there are no jobs or more than `MAX_JOBS`.
        """
        return cls(**read_toml(Path(path), "SWEEP"))

    @pydantic.model_validator(mode="after")
    def _sensible(self) -> SweepSpec:
        for name in (*self.fields, *(".".join(place) for place in places(self.base))):
            require_field(name)
        drawn = set() if self.random is None else set(self.random.fields)
        if twice := drawn & set(self.grid):
            raise InvalidInput("random.fields", min(twice), "fields that grid has not", "name it in one of them")
        if len(set(self.seeds)) < len(self.seeds):
            raise InvalidInput("seeds", self.seeds, "each seed once")
        if self.count > MAX_JOBS:
            raise InvalidInput("SWEEP", f"{self.count} jobs", f"1 to {MAX_JOBS}", "take fewer values, draws or seeds")
        return self

    @property
    def fields(self) -> tuple[str, ...]:
        """What is swept, the grid's fields first."""
        return (*self.grid, *(() if self.random is None else self.random.fields))

    @property
    def count(self) -> int:
        """How many combinations there are, equal ones counted each."""
        draws = 1 if self.random is None else self.random.draws
        return math.prod(map(len, self.grid.values())) * draws * len(self.seeds)

    @property
    def jobs(self) -> tuple[Job, ...]:
        """All jobs, equal ones once.

        Raises
        ------
        InvalidInput
            A value that a field cannot have.
        """
        jobs = (Job(point, self._spec(point, seed)) for point in self._points() for seed in self.seeds)
        return tuple({job.name: job for job in jobs}.values())

    def _spec(self, point: dict[str, Any], seed: int) -> RunSpec:
        values = {**point, SEED: seed}
        recipe = values.pop(RECIPE, self.recipe)
        fields = {} if recipe is None else read_recipe(recipe).fields
        return compose(fields, {**places(self.base), **{tuple(name.split(".")): v for name, v in values.items()}})

    def _points(self) -> Any:
        draws = [{}] if self.random is None else [self.random.point(draw) for draw in range(self.random.draws)]
        for values in itertools.product(*self.grid.values()):
            for drawn in draws:
                yield {**dict(zip(self.grid, values, strict=True)), **drawn}


def require_field(name: str) -> None:
    """Refuse what is no field of a run; raises InvalidInput."""
    known = [RECIPE, *_fields(RunSpec)]
    if name == SEED:
        raise InvalidInput("grid", name, "seeds by themselves", "write seeds = [0, 1, 2]")
    if name not in known:
        close = difflib.get_close_matches(name, known, n=1)
        raise InvalidInput("SWEEP", name, "a field of a run, such as plasticity.learning_rate",
                           f"did you mean {close[0]}?" if close else "see docs/sweep.md")  # fmt: skip


def _fields(kind: type[BaseModel], prefix: str = "") -> list[str]:
    """Dotted names of all fields; of one that is a spec those of its fields (and its own, if it may be None)."""
    names = []
    for name, field in kind.model_fields.items():
        kinds = [field.annotation, *get_args(field.annotation)]  # of `LabelSpec | None` the first
        inner = next((one for one in kinds if isinstance(one, type) and issubclass(one, BaseModel)), None)
        if inner is None or inner is not field.annotation:
            names.append(prefix + name)
        if inner is not None:
            names += _fields(inner, f"{prefix}{name}.")
    return names


def places(base: dict[str, Any]) -> dict[Place, Any]:
    """The fields of a base by their places: ("training", "epochs") for what is in its [base.training]."""
    found: dict[Place, Any] = {}
    for name, value in base.items():
        inner = value.items() if isinstance(value, dict) else ()
        found |= {(name, field): one for field, one in inner} if inner else {(name,): value}
    return found
