"""How synapses learn: the M-step."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import pydantic
from pydantic import Field

from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.spec.base import Spec
from neuro_bpdl.spec.each import one_each
from neuro_bpdl.spec.network import MAX_LAYERS

BERNOULLI_DRAWS = 3  # Algorithm 2: "the mean of 3 Bernoulli samples"
LearningRate = Annotated[float, Field(gt=0, le=100)]
RATES_ALLOWED = "a number above 0 and up to 100, one such number for each hidden layer, or 'auto'"
NOISE_ALLOWED = "a number from 0 to 10, or 'auto'"
SETTLE = "let training.steps_from_data.settled find them from images"


def _or(allowed: str) -> pydantic.WrapValidator:
    """Refuses what none of several types takes in one line; pydantic would tell of each."""

    def validated(value: Any, validate: pydantic.ValidatorFunctionWrapHandler, info: pydantic.ValidationInfo) -> Any:
        try:
            return validate(value)
        except pydantic.ValidationError:
            raise InvalidInput(f"PlasticitySpec.{info.field_name}", value, allowed) from None

    return pydantic.WrapValidator(validated)


Rates = Annotated[
    LearningRate | Annotated[tuple[LearningRate, ...], Field(min_length=1, max_length=MAX_LAYERS - 1)]
    | Literal["auto"],
    _or(RATES_ALLOWED),
]
VisibleNoise = Annotated[Annotated[float, Field(ge=0, le=10)] | Literal["auto"], _or(NOISE_ALLOWED)]


class PlasticitySpec(Spec):
    """The M-step: ΔW = rate · V̇_post · S_pre on corrupted activity.

    ``learning_rate`` is that of G_l and c_l, ``feedforward_rate`` that of F_l
    and b_l: one number, or one for each l = 1…L. ``feedforward_rate`` and
    ``visible_noise`` follow ``learning_rate`` and ``noise`` unless set. "auto" becomes numbers before a training
    begins: steps of one length, whatever images send, and noise of pixels that hides nothing of them
    (`training.steps_from_data`).
    ``derivative`` multiplies V̇ by φ′, the exact gradient of the squared error. A
    synapse cannot see φ′, so the default is without; a compartment knows its
    rate, and with it φ′, when it writes V̇.
    ``clip_visible`` keeps corrupted pixels inside the range of their
    activation. Without it their noise has mean 0, black pixels included, and
    recognition meets at inference the mean input it was trained on; S_pre, a
    trace, is then what of it is not below the range. Hidden activity is always
    clipped.
    ``teaching_rate`` is that of F_l and G_l, l = 1…L + 1, in the event in which a
    network that has learned images is taught labels (`LabelSpec.generative`).
    ``variance_memory`` is over how many images the residual variances σ²_l are
    averaged (exponentially).
    """

    learning_rate: Rates = 0.1
    feedforward_rate: Rates | None = None
    teaching_rate: Rates | None = None
    noise: float = Field(default=0.1, ge=0, le=10)
    visible_noise: VisibleNoise | None = None
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
            Numbers for another depth than L = ``depth``, or "auto", which only a training with images has.
        """
        return _numbers("plasticity.learning_rate", self.learning_rate, depth)

    def rates_up(self, depth: int) -> tuple[float, ...]:
        """Learning rates of F_l and b_l, l = 1…L; errors as `rates_down`."""
        if self.feedforward_rate is None:
            return self.rates_down(depth)
        return _numbers("plasticity.feedforward_rate", self.feedforward_rate, depth)

    @property
    def rate_text(self) -> str:
        """The learning rate of G for a reader: "0.1" or "0.03, 0.06"."""
        if isinstance(self.learning_rate, str):
            return self.learning_rate
        rates = self.learning_rate if isinstance(self.learning_rate, tuple) else (self.learning_rate,)
        return ", ".join(f"{rate:g}" for rate in rates)

    @property
    def teaching(self) -> PlasticitySpec:
        """The rule of a teaching event: every F_l and G_l with the teaching rate."""
        return self.model_copy(update={"learning_rate": self.teaching_rate, "feedforward_rate": self.teaching_rate})

    def scaled(self, factor: float) -> PlasticitySpec:
        """The same with every learning rate times ``factor``."""
        names = ("learning_rate", "feedforward_rate", "teaching_rate")
        rates = {name: getattr(self, name) for name in names}
        return self.model_copy(update={name: _times(factor, rate) for name, rate in rates.items()})

    def noise_of(self, layer: int) -> float:
        """Standard deviation of the Gaussian corruption of a layer's activity.

        Raises
        ------
        InvalidInput
            "auto", which only a training with images has.
        """
        if layer > 0 or self.visible_noise is None:
            return self.noise
        if isinstance(self.visible_noise, str):
            raise InvalidInput("plasticity.visible_noise", self.visible_noise, "a number here", SETTLE)
        return self.visible_noise

    def clips(self, layer: int) -> bool:
        """Whether a layer's corrupted activity stays inside the range of its activation."""
        return layer > 0 or self.clip_visible


def _numbers(name: str, rates: Any, depth: int) -> tuple[float, ...]:
    if rates == "auto":
        raise InvalidInput(name, rates, "numbers here", SETTLE)
    return one_each(name, rates, depth)


def _times(factor: float, rate: Any) -> Any:
    if rate is None:
        return None
    return tuple(factor * one for one in rate) if isinstance(rate, tuple) else factor * rate
