"""Frozen, validated descriptions of a network and of what to do with it.

A spec only *describes*: engines read it, nothing writes it. The fields of
`RunSpec` are the fields of a TOML file given to ``neuro-bpdl train --config``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal, get_args

import pydantic
from pydantic import Field

from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.record import Spec, read_toml

Activation = Literal["hard-sigmoid", "sigmoid", "softplus", "tanh", "clipped-relu", "pwl-sigmoid", "pwl-softplus"]
ACTIVATIONS: tuple[str, ...] = get_args(Activation)
MAX_LAYERS = 16
MAX_UNITS = 1_000_000

Size = Annotated[int, Field(ge=1, le=MAX_UNITS)]


class NetworkSpec(Spec):
    """Layer sizes n_0 … n_L (n_0 is visible) and one activation per layer.

    Layer l's activation is φ_l in f_l (its basal compartment) and ψ_l in
    g_{l+1} (its apical compartment).
    """

    sizes: tuple[Size, ...] = Field(min_length=2, max_length=MAX_LAYERS)
    activations: tuple[Activation, ...]

    @pydantic.model_validator(mode="after")
    def _one_activation_per_layer(self) -> NetworkSpec:
        if len(self.activations) != len(self.sizes):
            raise InvalidInput(
                "NetworkSpec.activations", self.activations, f"{len(self.sizes)} names, one per layer",
                "give one name per layer, the visible one included",
            )
        return self

    @classmethod
    def of(cls, sizes: tuple[int, ...], activation: str | tuple[str, ...] = "hard-sigmoid") -> NetworkSpec:
        """The same with a single activation name spread over all layers."""
        names = (activation,) * len(sizes) if isinstance(activation, str) else tuple(activation)
        return cls(sizes=tuple(sizes), activations=names)

    @property
    def depth(self) -> int:
        """L, the number of hidden layers."""
        return len(self.sizes) - 1


Rate = Annotated[float, Field(ge=0, le=1)]
ALPHAS_ALLOWED = "a number from 0 to 1, one such number for each hidden layer, or 'variance'"


def _alpha(value: Any, validate: pydantic.ValidatorFunctionWrapHandler) -> Any:
    try:
        return validate(value)
    except pydantic.ValidationError:  # a union's own message tells of its last member only
        raise InvalidInput("InferenceSpec.alpha", value, ALPHAS_ALLOWED, "0.001 is the paper's") from None


Alpha = Annotated[
    Rate | Annotated[tuple[Rate, ...], Field(min_length=1, max_length=MAX_LAYERS - 1)] | Literal["variance"],
    pydantic.WrapValidator(_alpha),
]


class InferenceSpec(Spec):
    """Algorithm 2, INFER: N steps of size δ with top-down weight α.

    ``order`` is "simultaneous" (every layer at once, as on a chip) or
    "sequential" (from the top layer down, as printed in the paper; theory
    engine only). ``langevin`` is the standard deviation, in units of √(2δ), of
    the noise added to every step (variational MCMC; theory engine only).

    ``alpha`` is one number, or one for each hidden layer from below (the
    top's is not used), or "variance": α_l = δ σ²_q,l/σ²_l of a trained network
    (docs/objective.md; `theory.climb.resolved` computes it).
    """

    steps: int = Field(default=15, ge=1, le=10_000)
    delta: float = Field(default=0.1, gt=0, le=1)
    alpha: Alpha = 0.001
    order: Literal["simultaneous", "sequential"] = "simultaneous"
    langevin: float = Field(default=0.0, ge=0, le=100)

    def alphas(self, depth: int) -> tuple[float, ...]:
        """α_l of the hidden layers l = 1…L; the top's is 0, whatever was given.

        Raises
        ------
        InvalidInput
            Numbers for another depth than L = ``depth``, or "variance", which only a trained network has.
        """
        if isinstance(self.alpha, str):
            raise InvalidInput(
                "inference.alpha", self.alpha, "numbers here", "let theory.climb.resolved compute them from a network"
            )
        return (*_one_each("inference.alpha", self.alpha, depth)[:-1], 0.0)

    @property
    def alpha_text(self) -> str:
        """α for a reader: "0.001", "0.13, 0" or "δ σ²_q/σ²"."""
        if isinstance(self.alpha, str):
            return "δ σ²_q/σ²"
        alphas = self.alpha if isinstance(self.alpha, tuple) else (self.alpha,)
        return ", ".join(f"{alpha:.4g}" for alpha in alphas)


LearningRate = Annotated[float, Field(gt=0, le=100)]
RATES_ALLOWED = "a number above 0 and up to 100, or one such number for each hidden layer"


def _rates(value: Any, validate: pydantic.ValidatorFunctionWrapHandler, info: pydantic.ValidationInfo) -> Any:
    try:
        return validate(value)
    except pydantic.ValidationError:
        raise InvalidInput(f"PlasticitySpec.{info.field_name}", value, RATES_ALLOWED) from None


Rates = Annotated[
    LearningRate | Annotated[tuple[LearningRate, ...], Field(min_length=1, max_length=MAX_LAYERS - 1)],
    pydantic.WrapValidator(_rates),
]


class PlasticitySpec(Spec):
    """The M-step: ΔW = rate · V̇_post · S_pre on corrupted activity.

    ``learning_rate`` is that of G_l and c_l, ``feedforward_rate`` that of F_l
    and b_l: one number, or one for each l = 1…L. ``feedforward_rate`` and
    ``visible_noise`` follow ``learning_rate`` and ``noise`` unless set.
    ``derivative`` multiplies V̇ by φ′, the exact gradient of the squared error. A
    synapse cannot see φ′, so the default is without; a compartment knows its
    rate, and with it φ′, when it writes V̇.
    ``clip_visible`` keeps corrupted pixels inside the range of their
    activation. Without it their noise has mean 0, black pixels included, and
    recognition meets at inference the mean input it was trained on; S_pre, a
    trace, is then what of it is not below the range. Hidden activity is always
    clipped.
    ``variance_memory`` is over how many images the residual variances σ²_l are
    averaged (exponentially).
    """

    learning_rate: Rates = 0.1
    feedforward_rate: Rates | None = None
    noise: float = Field(default=0.1, ge=0, le=10)
    visible_noise: float | None = Field(default=None, ge=0, le=10)
    top_noise: Literal["gaussian", "bernoulli"] = "gaussian"
    clip_visible: bool = True
    derivative: bool = False
    variance_memory: int = Field(default=2000, ge=1)

    def variance_gain(self, batch: int, presentation: int) -> float:
        """Weight of a new mean squared residual over ``batch`` images in the running one.

        A plain mean at first, so that where the variances started is forgotten
        at once; then an exponential one.
        """
        return max(min(1.0, batch / self.variance_memory), 1 / (presentation + 1))

    def rates_down(self, depth: int) -> tuple[float, ...]:
        """Learning rates of G_l and c_l, l = 1…L.

        Raises
        ------
        InvalidInput
            Numbers for another depth than L = ``depth``.
        """
        return _one_each("plasticity.learning_rate", self.learning_rate, depth)

    def rates_up(self, depth: int) -> tuple[float, ...]:
        """Learning rates of F_l and b_l, l = 1…L; errors as `rates_down`."""
        if self.feedforward_rate is None:
            return self.rates_down(depth)
        return _one_each("plasticity.feedforward_rate", self.feedforward_rate, depth)

    @property
    def rate_text(self) -> str:
        """The learning rate of G for a reader: "0.1" or "0.03, 0.06"."""
        rates = self.learning_rate if isinstance(self.learning_rate, tuple) else (self.learning_rate,)
        return ", ".join(f"{rate:g}" for rate in rates)

    def scaled(self, factor: float) -> PlasticitySpec:
        """The same with every learning rate times ``factor``."""
        rates = {"learning_rate": self.learning_rate, "feedforward_rate": self.feedforward_rate}
        return self.model_copy(update={name: _times(factor, rate) for name, rate in rates.items()})

    def noise_of(self, layer: int) -> float:
        """Standard deviation of the Gaussian corruption of a layer's activity."""
        visible = layer == 0 and self.visible_noise is not None
        return self.visible_noise if visible else self.noise  # type: ignore[return-value]

    def clips(self, layer: int) -> bool:
        """Whether a layer's corrupted activity stays inside the range of its activation."""
        return layer > 0 or self.clip_visible


def _one_each(name: str, rates: float | tuple[float, ...], depth: int) -> tuple[float, ...]:
    if not isinstance(rates, tuple):
        return (rates,) * depth
    if len(rates) != depth:
        raise InvalidInput(
            name, rates, f"one number, or {depth}: one for each hidden layer",
            f"give {depth} numbers, the lowest layer's first",
        )  # fmt: skip
    return rates


def _times(factor: float, rate: Any) -> Any:
    if rate is None:
        return None
    return tuple(factor * one for one in rate) if isinstance(rate, tuple) else factor * rate


class TrainingSpec(Spec):
    """How often the images are seen. ``batch`` replicas share one update: their mean."""

    epochs: int = Field(default=10, ge=1, le=100_000)
    batch: int = Field(default=20, ge=1, le=100_000)
    limit: int | None = Field(default=None, ge=1)
    seed: int = Field(default=0, ge=0, lt=2**31)


class EngineSpec(Spec):
    """What computes: backend, Lava model, arithmetic and rounding."""

    backend: Literal["theory", "eager", "lava"] = "eager"
    model: Literal["fused", "composed"] = "fused"
    arithmetic: Literal["float", "fixed"] = "float"
    rounding: Literal["per-synapse", "shared"] = "per-synapse"


class RunSpec(Spec):
    """One training run, complete: the fields of a ``--config`` file."""

    data: str = "mnist-mini"
    layers: tuple[Size, ...] = Field(default=(200, 64), min_length=1, max_length=MAX_LAYERS - 1)
    activation: Activation | tuple[Activation, ...] = "hard-sigmoid"
    inference: InferenceSpec = InferenceSpec()
    plasticity: PlasticitySpec = PlasticitySpec()
    training: TrainingSpec = TrainingSpec()
    engine: EngineSpec = EngineSpec()
    target: str | None = None

    @pydantic.model_validator(mode="after")
    def _numbers_for_every_layer(self) -> RunSpec:
        if self.inference.alpha == "variance":
            raise InvalidInput(
                "inference.alpha", "variance", "numbers while training",
                "it needs a trained network: give it to evaluate, generate or inpaint",
            )  # fmt: skip
        depth = len(self.layers)
        for numbers in (self.inference.alphas, self.plasticity.rates_up, self.plasticity.rates_down):
            numbers(depth)  # refuses another count
        return self

    def network(self, visible: int) -> NetworkSpec:
        """The network for images of ``visible`` pixels."""
        return NetworkSpec.of((visible, *self.layers), self.activation)

    @classmethod
    def from_toml(cls, path: str | Path) -> RunSpec:
        """Read a config file.

        Raises
        ------
        InvalidInput
            The file is missing, is not TOML, or has a field that is unknown
            or out of range.
        """
        return cls(**read_toml(Path(path)))
