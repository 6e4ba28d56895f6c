"""What computes."""

from __future__ import annotations

from typing import Any, Literal

import pydantic
from pydantic import Field

from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.spec.base import Spec
from neuro_bpdl.spec.capabilities import Capabilities, capabilities_of, models_of
from neuro_bpdl.spec.code import TWO, Code
from neuro_bpdl.spec.inference import InferenceSpec

MAX_WINDOW = 255
MAX_THREADS = 256
DEFAULT_WINDOW = 31


class EngineSpec(Spec):
    """What computes: backend, its model, arithmetic, rounding, and the type of floating-point numbers.

    ``model`` is for Lava "fused" or "composed", for Nengo the kind of neurons
    ("rate", "poisson", "regular" or "lif"); the others have one. A model or
    rounding that is not given is the engine's own.

    ``code`` is how populations send in fixed point: "graded" payloads, or
    trains of binary spikes for ``window`` time steps, which the receiver
    counts: "regular" (integrate and fire, phases staggered) or "stochastic".

    ``factors`` is what the synapses' rule reads: 3, V̇ as the neuron writes it,
    or 2, spikes alone, for chips whose neurons write nothing (Loihi 1).

    ``learning_epoch`` is how often synapses in fixed point apply their rules:
    at every "step", with rests in which tags settle, or once a "presentation",
    at its last time step, where silent units send a payload of 1 to clear their traces.

    ``sends`` is what a graded payload says in fixed point: the "whole" rate, or
    "changes": the difference to what the unit last sent through the same
    projection in this presentation. The receiver adds, for the currents from h
    and from r apart; nothing changed, nothing sent. The integers are the same
    to the bit, messages are fewer. Synapses learn from whole payloads.

    ``threads`` is how many share the images of a batch in fixed point; the
    integers are the same, whatever their number. Floats have BLAS's threads.

    Raises
    ------
    InvalidInput
        A combination that no engine has; names those that have each part.
    """

    backend: Literal["theory", "eager", "lava", "nengo"] = "eager"
    model: Literal["fused", "composed", "rate", "poisson", "regular", "lif"] = "fused"
    arithmetic: Literal["float", "fixed"] = "float"
    rounding: Literal["per-synapse", "shared"] = "per-synapse"
    precision: Literal["float64", "float32"] = "float64"
    code: Literal["graded", "regular", "stochastic"] = "graded"
    window: int = Field(default=1, ge=1, le=MAX_WINDOW)
    factors: Literal[2, 3] = 3
    learning_epoch: Literal["step", "presentation"] = "step"
    sends: Literal["whole", "changes"] = "whole"
    threads: int = Field(default=1, ge=1, le=MAX_THREADS)

    @pydantic.model_validator(mode="before")
    @classmethod
    def _as_the_engine_has_it(cls, fields: Any) -> Any:
        if not isinstance(fields, dict):
            return fields
        models = models_of(fields.get("backend", "eager")) or ("fused",)
        filled = {"model": models[0], **fields}
        if filled.get("arithmetic") == "fixed" and filled["model"] in models:
            roundings = capabilities_of(fields.get("backend", "eager"), filled["model"]).roundings
            filled = {"rounding": roundings[0], **filled}
        if filled.get("code", "graded") != "graded":
            filled = {"window": DEFAULT_WINDOW, **filled}
        return filled

    @pydantic.model_validator(mode="after")
    def _has_an_engine(self) -> EngineSpec:
        engine = self.capabilities
        engine.require("EngineSpec.arithmetic", self.arithmetic, " or ".join(engine.arithmetics),
                       f"{self.arithmetic} arithmetic", lambda other: self.arithmetic in other.arithmetics)  # fmt: skip
        if self.arithmetic == "fixed":
            engine.require(
                "EngineSpec.rounding", self.rounding, " or ".join(engine.roundings),
                f"rounding {self.rounding} in fixed point",
                lambda other: "fixed" in other.arithmetics and self.rounding in other.roundings,
            )  # fmt: skip
            if self.precision != "float64":
                allowed = "float64 in fixed point, whose numbers are integers"
                raise InvalidInput("EngineSpec.precision", self.precision, allowed, "leave precision out")
        engine.require("EngineSpec.precision", self.precision, " or ".join(engine.precisions),
                       f"{self.precision} numbers", lambda other: self.precision in other.precisions)  # fmt: skip
        self._has_a_code()
        if self.learning_epoch != "step" and (self.arithmetic != "fixed" or self.messages.spikes):
            raise InvalidInput("EngineSpec.learning_epoch", self.learning_epoch, "step in float and with spikes",
                               "use --arithmetic fixed --code graded")  # fmt: skip
        self._may_send_changes()
        self._may_have_threads()
        return self

    def _may_have_threads(self) -> None:
        """Replicas in integers are this package's to share; products of floats are BLAS's."""
        if self.threads == 1:
            return
        self.capabilities.require("EngineSpec.threads", self.threads, "1", "threads of its own in fixed point",
                                  lambda other: other.threads)  # fmt: skip
        if self.arithmetic != "fixed":
            raise InvalidInput("EngineSpec.threads", self.threads, "1 in float, whose threads are BLAS's",
                               "set OPENBLAS_NUM_THREADS, or use --arithmetic fixed")  # fmt: skip

    def _may_send_changes(self) -> None:
        """Sums of differences are exact in integers; a spike has no difference."""
        if self.sends == "whole":
            return
        self.capabilities.require("EngineSpec.sends", self.sends, "whole", "messages of changes only",
                                  lambda other: other.changes)  # fmt: skip
        if self.arithmetic != "fixed" or self.messages.spikes:
            raise InvalidInput("EngineSpec.sends", self.sends, "whole in float and with spikes",
                               "use --arithmetic fixed --code graded")  # fmt: skip

    def _has_a_code(self) -> None:
        """Spikes are counted, and a count is an integer: fixed point only."""
        if self.factors == TWO:
            self.capabilities.require("EngineSpec.factors", self.factors, "3", "V̇ told in spikes, two factors",
                                      lambda other: other.two_factors)  # fmt: skip
            if not self.messages.spikes:
                raise InvalidInput("EngineSpec.factors", self.factors, "3 with graded payloads",
                                   "two factors are pairs of spikes: choose --code regular or stochastic")  # fmt: skip
        if not self.messages.spikes:
            if self.window != 1:
                raise InvalidInput("EngineSpec.window", self.window, "none with graded payloads",
                                   "choose --code regular or stochastic, or leave the window out")  # fmt: skip
            return
        self.capabilities.require("EngineSpec.code", self.code, "graded", "messages of binary spikes",
                                  lambda other: other.spikes)  # fmt: skip
        if self.arithmetic != "fixed":
            raise InvalidInput("EngineSpec.code", self.code, "graded in float: spikes are counted in integers",
                               "use --arithmetic fixed")  # fmt: skip

    @property
    def messages(self) -> Code:
        """How populations send."""
        return Code(self.code, self.window, self.factors, self.sends == "changes")

    @property
    def number(self) -> str:
        """The arithmetic for a label: "float", "float32" or "fixed"."""
        return self.precision if self.precision == "float32" else self.arithmetic

    @property
    def capabilities(self) -> Capabilities:
        """What this engine can do."""
        return capabilities_of(self.backend, self.model)

    @property
    def online(self) -> bool:
        """Whether it learns one image at a time unless told otherwise, as a chip does."""
        return self.arithmetic == "fixed" or not self.capabilities.batch

    def changed(self, **chosen: Any) -> EngineSpec:
        """This spec with the fields in ``chosen``; what else the new engine has not is its default."""
        fields = {**self.model_dump(), **chosen}
        if "code" in chosen and "window" not in chosen:
            del fields["window"]
        for field in ("model", "rounding", "precision", "factors", "code", "window", "learning_epoch", "sends",
                      "threads"):
            if field not in chosen:
                without = {name: value for name, value in fields.items() if name != field}
                try:
                    EngineSpec(**fields)
                except InvalidInput as refused:
                    if refused.argument == f"EngineSpec.{field}":
                        fields = without
        return EngineSpec(**fields)

    def require_threads(self, batch: int) -> None:
        """Refuse threads that would have no image of a batch to work on.

        Raises
        ------
        InvalidInput
        """
        if self.threads > batch:
            raise InvalidInput("EngineSpec.threads", self.threads, f"at most {batch}, the images that share an update",
                               f"use --batch {self.threads} or more, or one thread")  # fmt: skip

    def require(self, inference: InferenceSpec, batch: int = 1) -> None:
        """Refuse an inference or a batch that this engine cannot have.

        Raises
        ------
        InvalidInput
            Names the capability and the engines that have it.
        """
        require_inference(self.capabilities, inference)
        self.capabilities.require_batch(batch)
        if self.messages.spikes and batch > 1:
            raise InvalidInput("batch", batch, "1 where synapses learn from spikes", "learn one image at a time")


def require_inference(engine: Capabilities, inference: InferenceSpec) -> None:
    """Refuse an order or noise that ``engine`` has not; see `EngineSpec.require`."""
    engine.require("inference.order", inference.order, " or ".join(engine.orders), f"{inference.order} order",
                   lambda other: inference.order in other.orders)  # fmt: skip
    engine.require("inference.langevin", inference.langevin, "0", "Langevin noise",
                   lambda other: not inference.langevin or other.langevin)  # fmt: skip
