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
HARDWARE_INFERENCE = InferenceSpec(steps=5, delta=0.625, alpha=0.003)
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
    clipped corruption does to its mean input (`theory.initialisation.balance`):
    needed where noise is clipped and biases have 8 bits. ``falling`` lets the
    learning rates fall linearly, epoch by epoch, to 0 at the end.
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
HARDWARE = ("hard-sigmoid", "clipped-relu", "hard-sigmoid")
NOISE = {"noise": 0.25, "visible_noise": 0.5}
# The M-step as printed: the whole gradient of the squared errors, minibatches; pixels' noise keeps its mean.
SMOOTH_PLASTICITY = {
    **NOISE, "learning_rate": (0.03, 0.06), "feedforward_rate": 0.03,
    "derivative": True, "clip_visible": False,
}  # fmt: skip
SMOOTH_HOMEOSTASIS = 5
SMOOTH_EPOCHS, HARDWARE_EPOCHS = 3, 12  # more of them sharpen reconstruction at the cost of samples (docs/RESULTS.md)
HARDWARE_PLASTICITY = {**NOISE, "learning_rate": 0.007, "feedforward_rate": 0.0036}
HARDWARE_HOMEOSTASIS = 200
# About the smallest that literals give these matrices; one image at a time, as a chip learns.
FIXED_PLASTICITY = {**NOISE, "learning_rate": 0.00035, "feedforward_rate": 0.00018}
FIXED_HOMEOSTASIS = 4000
EAGER_FIXED = EngineSpec(backend="eager", arithmetic="fixed")


def _plan(name: str, title: str, run: dict[str, Any], training: dict[str, int], **fields: Any) -> Plan:
    spec = RunSpec(**{"engine": EngineSpec(backend="theory"), **run}, training=TrainingSpec(**training))
    return Plan(name=name, title=title, run=spec, **fields)


def _smooth(run: dict[str, Any], epochs: int, seed: int, batch: int = 100, **fields: Any) -> Plan:
    """The paper's activations and its M-step."""
    run = {"inference": TRAINING_INFERENCE, "plasticity": PlasticitySpec(**SMOOTH_PLASTICITY), **run}
    return _plan("smooth", "softplus and sigmoid", {"activation": SMOOTH, **run},
                 {"epochs": epochs, "batch": batch, "seed": seed}, homeostasis=SMOOTH_HOMEOSTASIS, falling=True,
                 **fields)  # fmt: skip


def _hardware(run: dict[str, Any], epochs: int, seed: int) -> Plan:
    """The fixed-point network's float twin; balanced, since its noise is clipped."""
    run = {"inference": HARDWARE_INFERENCE, "plasticity": PlasticitySpec(**HARDWARE_PLASTICITY), **run}
    return _plan("hardware", "clipped ReLU and hard sigmoid", {"activation": HARDWARE, **run},
                 {"epochs": epochs, "batch": 20, "seed": seed}, homeostasis=HARDWARE_HOMEOSTASIS, balance=True,
                 falling=True)  # fmt: skip


def _fixed(run: dict[str, Any], epochs: int, seed: int) -> Plan:
    """The hardware network learning in Loihi's integers, with the on-chip rule; its biases have 8 bits."""
    run = {"inference": HARDWARE_INFERENCE, "plasticity": PlasticitySpec(**FIXED_PLASTICITY), **run}
    return _plan("fixed", "fixed point: clipped ReLU and hard sigmoid",
                 {"activation": HARDWARE, "engine": EAGER_FIXED, **run},
                 {"epochs": epochs, "batch": 1, "seed": seed}, homeostasis=FIXED_HOMEOSTASIS, balance=True)  # fmt: skip


def full(seed: int = 0, seeds: int = 3, epochs: int | None = None) -> Settings:
    """Full MNIST, 784-1000-100; ``seeds`` networks per row of the Parzen table.

    ``epochs`` takes the place of every plan's own.
    """
    common: dict[str, Any] = {"layers": (1000, 100), "data": "mnist"}
    plans = (
        _smooth(common, epochs or SMOOTH_EPOCHS, seed),
        _hardware(common, epochs or HARDWARE_EPOCHS, seed),
        _fixed(common, epochs or HARDWARE_EPOCHS, seed),
    )
    return Settings(plans=plans, seeds=tuple(range(seed, seed + seeds)))


def quick(seed: int = 0) -> Settings:
    """The same experiments on mnist-mini with 784-200-64: minutes for all of them."""
    common: dict[str, Any] = {"layers": (200, 64), "data": "mnist-mini"}
    plans = (_smooth(common, 15, seed, batch=20), _hardware(common, 15, seed), _fixed(common, 8, seed))
    return Settings(
        data="mnist-mini", validation=500, sigma_images=500, test_images=1000, samples=1000, choosing_samples=500,
        components=20, chain_steps=20, chains=50, spike_ms=1_000_000, seeds=(seed,), plans=plans,
    )  # fmt: skip
