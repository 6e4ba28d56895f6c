"""What the experiments run with: networks, sizes and seeds. `FULL` is the paper's scale, `QUICK` takes minutes."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from pydantic import Field

from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.recipes import compose, read_recipe
from neuro_bpdl.spec import InferenceSpec, RunSpec
from neuro_bpdl.spec.base import Spec

PAPER_INFERENCE = InferenceSpec(steps=15, delta=0.1, alpha=0.001)
PAPER_GENERATION = InferenceSpec(steps=15, delta=0.1, alpha=0.3)
# Among these, and among 1 to `MAX_ROUNDS` rounds, the Parzen table chooses on validation images.
CANDIDATES = tuple(
    InferenceSpec(steps=steps, delta=delta, alpha=alpha)
    for steps, delta, alpha in (
        (5, 0.3, 0.1), (5, 0.3, 0.3), (1, 0.1, 0.3), (1, 0.2, 0.2), (1, 0.3, 0.1), (1, 0.3, 1.0)
    )
)
MAX_ROUNDS = 4


class Plan(Spec):
    """One network: how it is trained, and how figures generate from it (GENERATE as the paper prints it)."""

    name: str
    title: str
    run: RunSpec
    generation: InferenceSpec = PAPER_GENERATION
    rounds: int = Field(default=3, ge=1, le=1000)


class Settings(Spec):
    """Everything that decides a result. Equal settings give equal results, bytes included.

    The last training images, as many as every plan keeps from training, are
    for validation: σ and every setting are chosen on them.
    """

    data: str = "mnist"
    sigma_images: int = Field(default=1000, ge=10)
    test_images: int = Field(default=10_000, ge=10)
    samples: int = Field(default=10_000, ge=10)
    inference: InferenceSpec = PAPER_INFERENCE
    fig4_steps: int = Field(default=20, ge=1)
    chain_steps: int = Field(default=50, ge=1)
    chains: int = Field(default=200, ge=2)
    spike_ms: int = Field(default=20_000_000, ge=1000)
    candidates: tuple[InferenceSpec, ...] = CANDIDATES
    max_rounds: int = Field(default=MAX_ROUNDS, ge=1)
    choosing_samples: int = Field(default=10_000, ge=10)
    components: int = Field(default=100, ge=1)
    seeds: tuple[int, ...] = (0,)
    plans: tuple[Plan, ...]

    @property
    def validation(self) -> int:
        """How many images no plan learns from."""
        return min(plan.run.training.validation for plan in self.plans)

    def digest(self, *names: str) -> str:
        """A name for the values of these fields (all of them when none is named)."""
        fields = self.model_dump(mode="json", include=set(names) or None)
        return digest(fields)

    def plan(self, name: str) -> Plan:
        """The plan of a network."""
        return next(plan for plan in self.plans if plan.name == name)

    def only(self, *names: str) -> Settings:
        """The same with these networks alone.

        Raises
        ------
        InvalidInput
            No plan has that name.
        """
        known = {plan.name: plan for plan in self.plans}
        for name in names:
            if name not in known:
                raise InvalidInput("--networks", name, ", ".join(known))
        return self.model_copy(update={"plans": tuple(known[name] for name in known if name in names)})


def digest(value: Any) -> str:
    """Twelve hexadecimal digits that depend on a JSON-able value only."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:12]


HARDWARE = ("pwl-sigmoid", "pwl-softplus", "pwl-sigmoid")
TITLES = {
    "smooth": "softplus and sigmoid", "hardware": "softplus and sigmoid in straight pieces",
    "fixed": "fixed point, straight pieces",
}  # fmt: skip


def _plans(floating: str, fixed: str, seed: int, epochs: int | None) -> tuple[Plan, ...]:
    """The recipe in float, the same with activations that a chip forms, and the recipe in fixed point."""
    runs = {
        "smooth": _run(floating, seed, epochs), "hardware": _run(floating, seed, epochs, activation=HARDWARE),
        "fixed": _run(fixed, seed, epochs),
    }  # fmt: skip
    return tuple(Plan(name=name, title=TITLES[name], run=run) for name, run in runs.items())


def _run(recipe: str, seed: int, epochs: int | None, **fields: Any) -> RunSpec:
    """A recipe with another seed, length and, perhaps, other fields."""
    given: dict[tuple[str, ...], Any] = {(name,): value for name, value in fields.items()}
    given["training", "seed"] = seed
    if epochs is not None:
        given["training", "epochs"] = epochs
    return compose(read_recipe(recipe).fields, given)


def full(seed: int = 0, seeds: int = 3, epochs: int | None = None) -> Settings:
    """Full MNIST, 784-1000-100: the recipes generative and chip; ``seeds`` networks per row of the Parzen table.

    ``epochs`` takes the place of every recipe's own.
    """
    plans = _plans("generative", "chip", seed, epochs)
    return Settings(plans=plans, seeds=tuple(range(seed, seed + seeds)))


def quick(seed: int = 0) -> Settings:
    """The same experiments on mnist-mini with 784-200-64: minutes for all of them."""
    return Settings(
        data="mnist-mini", sigma_images=500, test_images=1000, samples=1000, choosing_samples=500,
        components=20, chain_steps=20, chains=50, spike_ms=1_000_000, seeds=(seed,),
        plans=_plans("generative-quick", "chip-quick", seed, None),
    )  # fmt: skip
