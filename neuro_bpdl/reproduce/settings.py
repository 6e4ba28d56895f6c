"""What the experiments run with: networks, sizes and seeds. `FULL` is the paper's scale, `QUICK` takes minutes."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from pydantic import Field

from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.spec import EngineSpec, InferenceSpec, PlasticitySpec, RunSpec, Spec, TrainingSpec

PAPER_INFERENCE = InferenceSpec(steps=15, delta=0.1, alpha=0.001)
PAPER_GENERATION = InferenceSpec(steps=15, delta=0.1, alpha=0.3)
# Three times the step and a third of the steps: the same way uphill for a third of the time.
TRAINING_INFERENCE = InferenceSpec(steps=5, delta=0.3, alpha=0.003)
# Twice that way: codes of images then decode better (docs/RESULTS.md). 0.625 is 5/8, which a chip has exactly.
FIXED_INFERENCE = InferenceSpec(steps=5, delta=0.625, alpha=0.003)
# Among these, and among 1 to `MAX_ROUNDS` rounds, the Parzen table chooses on validation images.
CANDIDATES = tuple(
    InferenceSpec(steps=steps, delta=0.3, alpha=alpha)
    for steps, alpha in ((5, 0.03), (5, 0.1), (5, 0.3), (5, 1.0), (1, 0.3), (1, 1.0))
)
MAX_ROUNDS = 4


class Plan(Spec):
    """One network: how it is trained, and how figures generate from it (GENERATE as the paper prints it).

    ``homeostasis`` is after how many minibatches F and b are scaled back to
    standard net inputs (`theory.initialisation.standardise`); 0 never does.
    It is not in the paper: with it the feedforward maps can learn fast
    without running away. ``balance`` also makes each unit blind to what
    clipped corruption does to its mean input (`theory.initialisation.balance`):
    needed where noise is clipped and biases have 8 bits. ``half_life`` is
    after how many epochs both learning rates have halved; 0 keeps them.
    """

    name: str
    title: str
    run: RunSpec
    generation: InferenceSpec = PAPER_GENERATION
    rounds: int = Field(default=3, ge=1, le=1000)
    homeostasis: int = Field(default=200, ge=0)
    balance: bool = False
    half_life: float = Field(default=0.0, ge=0)

    def plasticity(self, epoch: int) -> PlasticitySpec:
        """The M-step of an epoch, counted from 0."""
        spec = self.run.plasticity
        factor = 0.5 ** (epoch / self.half_life) if self.half_life else 1.0
        rates = {"learning_rate": spec.learning_rate * factor, "feedforward_rate": spec.rate_up * factor}
        return spec.model_copy(update=rates)


class Settings(Spec):
    """Everything that decides a result. Equal settings give equal results, bytes included.

    ``validation`` is how many of the last training images are kept from
    training: σ and every setting are chosen on them.
    """

    data: str = "mnist"
    validation: int = Field(default=10_000, ge=10)
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
    choosing_samples: int = Field(default=2000, ge=10)
    components: int = Field(default=100, ge=1)
    seeds: tuple[int, ...] = (0,)
    plans: tuple[Plan, ...]

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


SMOOTH = ("sigmoid", "softplus", "sigmoid")
HARDWARE = ("hard-sigmoid", "clipped-relu", "hard-sigmoid")
RATES = {"learning_rate": 0.005, "feedforward_rate": 0.002, "noise": 0.5, "visible_noise": 0.5}
THEORY = EngineSpec(backend="theory")
FIXED = EngineSpec(backend="eager", arithmetic="fixed")
# About the smallest that literals give these matrices; one image at a time, as a chip learns.
FIXED_PLASTICITY = {"learning_rate": 0.00035, "feedforward_rate": 0.00018, "noise": 0.25}
FIXED_HOMEOSTASIS = 4000


def _plan(name: str, title: str, layers: tuple[int, ...], activation: tuple[str, ...], **fields: Any) -> Plan:
    engine = fields.pop("engine", THEORY)
    plasticity = PlasticitySpec(**{**RATES, **fields.pop("plasticity")})
    training = TrainingSpec(**fields.pop("training"))
    run = RunSpec(
        data=fields.pop("data"), layers=layers, activation=activation,
        inference=fields.pop("inference", TRAINING_INFERENCE),
        plasticity=plasticity, training=training, engine=engine,
    )  # fmt: skip
    return Plan(name=name, title=title, run=run, **fields)


def _fixed(epochs: int, seed: int, **fields: Any) -> Plan:
    """The hardware network learning in Loihi's integers, with the on-chip rule; balanced, since biases have 8 bits."""
    training = {"epochs": epochs, "batch": 1, "seed": seed}
    return _plan("fixed", "fixed point: clipped ReLU and hard sigmoid", activation=HARDWARE, inference=FIXED_INFERENCE,
                 plasticity=FIXED_PLASTICITY, training=training, engine=FIXED, homeostasis=FIXED_HOMEOSTASIS,
                 balance=True, **fields)  # fmt: skip


def full(seed: int = 0, seeds: int = 3, epochs: int = 12) -> Settings:
    """Full MNIST, 784-1000-100; ``seeds`` networks per row of the Parzen table."""
    common: dict[str, Any] = {
        "layers": (1000, 100), "data": "mnist", "training": {"epochs": epochs, "batch": 20, "seed": seed},
        "half_life": 4.0,
    }  # fmt: skip
    smooth = _plan("smooth", "softplus and sigmoid", activation=SMOOTH, plasticity={}, **common)
    hardware = _plan("hardware", "clipped ReLU and hard sigmoid", activation=HARDWARE,
                     plasticity={"learning_rate": 0.003}, **common)  # fmt: skip
    fixed = _fixed(epochs, seed, layers=(1000, 100), data="mnist")
    return Settings(plans=(smooth, hardware, fixed), seeds=tuple(range(seed, seed + seeds)))


def quick(seed: int = 0) -> Settings:
    """The same experiments on mnist-mini with 784-200-64: minutes for all of them."""
    common: dict[str, Any] = {
        "layers": (200, 64), "data": "mnist-mini", "training": {"epochs": 15, "batch": 20, "seed": seed}
    }  # fmt: skip
    faster = {"learning_rate": 0.02, "feedforward_rate": 0.01}
    smooth = _plan("smooth", "softplus and sigmoid", activation=SMOOTH, plasticity=faster, **common)
    hardware = _plan("hardware", "clipped ReLU and hard sigmoid", activation=HARDWARE, plasticity=faster, **common)
    fixed = _fixed(8, seed, layers=(200, 64), data="mnist-mini")
    return Settings(
        data="mnist-mini", validation=500, sigma_images=500, test_images=1000, samples=1000, choosing_samples=500,
        components=20,
        chain_steps=20, chains=50, spike_ms=1_000_000, seeds=(seed,),
        plans=(smooth, hardware, fixed),
    )  # fmt: skip
