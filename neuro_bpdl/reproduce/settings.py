"""What the experiments run with: networks, sizes and seeds. `FULL` is the paper's scale, `QUICK` takes minutes."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from pydantic import Field

from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.record import Spec
from neuro_bpdl.spec import EngineSpec, InferenceSpec, PlasticitySpec, RunSpec, TrainingSpec

PAPER_INFERENCE = InferenceSpec(steps=15, delta=0.1, alpha=0.001)
PAPER_GENERATION = InferenceSpec(steps=15, delta=0.1, alpha=0.3)
# Twice the paper's way uphill (steps x delta) in a third of its steps: codes of images decode better (docs/RESULTS.md).
TRAINING_INFERENCE = InferenceSpec(steps=5, delta=0.6, alpha=0.003)
# The same for a chip: it has 0.625, which is 5/8, exactly.
FIXED_INFERENCE = InferenceSpec(steps=5, delta=0.625, alpha=0.003)
# Among these, and among 1 to `MAX_ROUNDS` rounds, the Parzen table chooses on validation images.
CANDIDATES = tuple(
    InferenceSpec(steps=steps, delta=delta, alpha=alpha)
    for steps, delta, alpha in (
        (5, 0.3, 0.1), (5, 0.3, 0.3), (1, 0.1, 0.3), (1, 0.2, 0.2), (1, 0.3, 0.1), (1, 0.3, 1.0)
    )
)
MAX_ROUNDS = 4


class Plan(Spec):
    """One network: how it is trained, and how figures generate from it (GENERATE as the paper prints it).

    ``homeostasis`` is after how many minibatches F and b are scaled back to
    standard net inputs (`theory.initialisation.standardise`); 0 never does.
    It is not in the paper: with it the feedforward maps can learn fast
    without running away. ``balance`` also makes each unit blind to what
    clipped corruption does to its mean input (`theory.initialisation.balance`),
    which keeps biases small enough for 8 bits. ``falling`` lets the learning
    rates fall linearly, epoch by epoch, to 0 at the end, or to the smallest
    that a literal gives.
    """

    name: str
    title: str
    run: RunSpec
    generation: InferenceSpec = PAPER_GENERATION
    rounds: int = Field(default=3, ge=1, le=1000)
    homeostasis: int = Field(default=200, ge=0)
    balance: bool = False
    falling: bool = False

    def plasticity(self, epoch: int) -> PlasticitySpec:
        """The M-step of an epoch, counted from 0."""
        left = 1 - epoch / self.run.training.epochs
        return self.run.plasticity.scaled(left) if self.falling else self.run.plasticity


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
    choosing_samples: int = Field(default=10_000, ge=10)
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
HARDWARE = ("pwl-sigmoid", "pwl-softplus", "pwl-sigmoid")
# The M-step as printed: the whole gradient of the squared errors. Pixels' noise keeps its mean.
EXACT = {"noise": 0.25, "visible_noise": 0.5, "derivative": True, "clip_visible": False}
FLOAT_RATES = {"learning_rate": (0.03, 0.06), "feedforward_rate": 0.03}
QUICK_RATES = {"learning_rate": (0.06, 0.12), "feedforward_rate": 0.01}
# One image at a time, as a chip learns: a hundredth, or the smallest that a literal gives the matrix.
FIXED_RATES = {"learning_rate": (0.0003, 0.0006), "feedforward_rate": (0.0003, 0.00024)}
QUICK_FIXED_RATES = {"learning_rate": (0.003, 0.006), "feedforward_rate": 0.0005}
HOMEOSTASIS_IMAGES = 500
FULL_EPOCHS = 3  # more of them sharpen reconstruction at the cost of samples (docs/RESULTS.md)
THEORY, EAGER_FIXED = EngineSpec(backend="theory"), EngineSpec(backend="eager", arithmetic="fixed")


def _plan(
    name: str, title: str, activation: tuple[str, ...], rates: dict[str, Any], training: dict[str, int], **run: Any
) -> Plan:
    """A network of the paper's M-step; every `HOMEOSTASIS_IMAGES` images it is scaled back to standard net inputs."""
    spec = RunSpec(
        **{"engine": THEORY, "inference": TRAINING_INFERENCE, **run}, activation=activation,  # type: ignore[arg-type]
        plasticity=PlasticitySpec(**EXACT, **rates), training=TrainingSpec(**training),
    )  # fmt: skip
    fixed = spec.engine.arithmetic == "fixed"
    return Plan(name=name, title=title, run=spec, homeostasis=HOMEOSTASIS_IMAGES // spec.training.batch, balance=fixed,
                falling=True)  # fmt: skip


def _smooth(rates: dict[str, Any], epochs: int, batch: int, seed: int, **run: Any) -> Plan:
    """The paper's activations."""
    training = {"epochs": epochs, "batch": batch, "seed": seed}
    return _plan("smooth", "softplus and sigmoid", SMOOTH, rates, training, **run)


def _hardware(rates: dict[str, Any], epochs: int, batch: int, seed: int, **run: Any) -> Plan:
    """The same with activations that a chip forms: straight pieces whose slopes are powers of two."""
    training = {"epochs": epochs, "batch": batch, "seed": seed}
    return _plan("hardware", "softplus and sigmoid in straight pieces", HARDWARE, rates, training, **run)


def _fixed(rates: dict[str, Any], epochs: int, seed: int, **run: Any) -> Plan:
    """The hardware network learning in Loihi's integers, with the on-chip rule."""
    training = {"epochs": epochs, "batch": 1, "seed": seed}
    return _plan("fixed", "fixed point, straight pieces", HARDWARE, rates, training, engine=EAGER_FIXED,
                 inference=FIXED_INFERENCE, **run)  # fmt: skip


def full(seed: int = 0, seeds: int = 3, epochs: int | None = None) -> Settings:
    """Full MNIST, 784-1000-100; ``seeds`` networks per row of the Parzen table.

    ``epochs`` takes the place of every plan's own.
    """
    run: dict[str, Any] = {"layers": (1000, 100), "data": "mnist"}
    epochs = epochs or FULL_EPOCHS
    plans = (
        _smooth(FLOAT_RATES, epochs, 100, seed, **run),
        _hardware(FLOAT_RATES, epochs, 100, seed, **run),
        _fixed(FIXED_RATES, epochs, seed, **run),
    )
    return Settings(plans=plans, seeds=tuple(range(seed, seed + seeds)))


def quick(seed: int = 0) -> Settings:
    """The same experiments on mnist-mini with 784-200-64: minutes for all of them."""
    run: dict[str, Any] = {"layers": (200, 64), "data": "mnist-mini"}
    plans = (
        _smooth(QUICK_RATES, 15, 20, seed, **run),
        _hardware(QUICK_RATES, 15, 20, seed, **run),
        _fixed(QUICK_FIXED_RATES, 8, seed, **run),
    )
    return Settings(
        data="mnist-mini", validation=500, sigma_images=500, test_images=1000, samples=1000, choosing_samples=500,
        components=20, chain_steps=20, chains=50, spike_ms=1_000_000, seeds=(seed,), plans=plans,
    )  # fmt: skip
