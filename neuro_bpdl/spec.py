"""Frozen, validated descriptions of a network and of what to do with it.

A spec only *describes*: engines read it, nothing writes it. The fields of
`RunSpec` are the fields of a TOML file given to ``neuro-bpdl train --config``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import pydantic
from pydantic import BaseModel, Field

from neuro_bpdl.errors import InvalidInput

Activation = Literal["hard-sigmoid", "sigmoid", "softplus", "tanh", "clipped-relu"]
ACTIVATIONS: tuple[str, ...] = ("hard-sigmoid", "sigmoid", "softplus", "tanh", "clipped-relu")
MAX_LAYERS = 16
MAX_UNITS = 1_000_000

Size = Annotated[int, Field(ge=1, le=MAX_UNITS)]


class Spec(BaseModel, frozen=True, extra="forbid"):
    """A frozen record whose errors are one line: field, value, what is allowed."""

    def __init__(self, **fields: Any) -> None:
        try:
            super().__init__(**fields)
        except pydantic.ValidationError as error:
            raise _first_problem(type(self).__name__, error) from None


def _first_problem(owner: str, error: pydantic.ValidationError) -> InvalidInput:
    detail = error.errors()[0]
    cause = detail.get("ctx", {}).get("error")
    if isinstance(cause, InvalidInput):
        return cause
    place = ".".join(str(part) for part in detail["loc"])
    if detail["type"] == "extra_forbidden":
        return InvalidInput(f"{owner}.{place}", detail["input"], "only the fields of the spec", "remove the field")
    if detail["type"] == "missing":
        return InvalidInput(f"{owner}.{place}", None, "a value", "the field has no default: give it")
    allowed = detail["msg"].removeprefix("Input should be ").removeprefix("Value error, ")
    return InvalidInput(f"{owner}.{place}", detail["input"], allowed)


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
        alphas = self.alpha if isinstance(self.alpha, tuple) else (self.alpha,) * depth
        if len(alphas) != depth:
            raise InvalidInput(
                "inference.alpha", self.alpha, f"one number, or {depth}: one for each hidden layer",
                f"give {depth} numbers, the lowest layer's first",
            )  # fmt: skip
        return (*alphas[:-1], 0.0)

    @property
    def alpha_text(self) -> str:
        """α for a reader: "0.001", "0.13, 0" or "δ σ²_q/σ²"."""
        if isinstance(self.alpha, str):
            return "δ σ²_q/σ²"
        alphas = self.alpha if isinstance(self.alpha, tuple) else (self.alpha,)
        return ", ".join(f"{alpha:.4g}" for alpha in alphas)


class PlasticitySpec(Spec):
    """The M-step: ΔW = rate · V̇_post · S_pre on corrupted activity.

    ``feedforward_rate`` and ``visible_noise`` follow ``learning_rate`` and
    ``noise`` unless set. ``derivative`` multiplies V̇ by φ′ (the exact gradient
    of the squared error; a synapse cannot see φ′, so the default is without).
    ``variance_memory`` is over how many images the residual variances σ²_l are
    averaged (exponentially).
    """

    learning_rate: float = Field(default=0.1, gt=0, le=100)
    feedforward_rate: float | None = Field(default=None, gt=0, le=100)
    noise: float = Field(default=0.1, ge=0, le=10)
    visible_noise: float | None = Field(default=None, ge=0, le=10)
    top_noise: Literal["gaussian", "bernoulli"] = "gaussian"
    derivative: bool = False
    variance_memory: int = Field(default=2000, ge=1)

    def variance_gain(self, batch: int, presentation: int) -> float:
        """Weight of a new mean squared residual over ``batch`` images in the running one.

        A plain mean at first, so that where the variances started is forgotten
        at once; then an exponential one.
        """
        return max(min(1.0, batch / self.variance_memory), 1 / (presentation + 1))

    @property
    def rate_up(self) -> float:
        """Learning rate of F."""
        return self.learning_rate if self.feedforward_rate is None else self.feedforward_rate

    def noise_of(self, layer: int) -> float:
        """Standard deviation of the Gaussian corruption of a layer's activity."""
        visible = layer == 0 and self.visible_noise is not None
        return self.visible_noise if visible else self.noise  # type: ignore[return-value]


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
    def _alpha_for_every_layer(self) -> RunSpec:
        if self.inference.alpha == "variance":
            raise InvalidInput(
                "inference.alpha", "variance", "numbers while training",
                "it needs a trained network: give it to evaluate, generate or inpaint",
            )  # fmt: skip
        self.inference.alphas(len(self.layers))
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
        return cls(**_read_toml(Path(path)))


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        import tomllib  # type: ignore[import-not-found,unused-ignore]
    except ModuleNotFoundError:  # Python 3.10
        import tomli as tomllib  # type: ignore[no-redef,unused-ignore]
    try:
        fields: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput("--config", str(path), "a readable TOML file", str(error)) from None
    except tomllib.TOMLDecodeError as error:
        raise InvalidInput("--config", str(path), "valid TOML", str(error)) from None
    return fields
