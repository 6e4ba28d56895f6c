"""What, besides weights, makes a network learn and infer as it does."""

from __future__ import annotations

from typing import Any, Literal

import pydantic
from pydantic import Field

from neuro_bpdl.description.program import Program
from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.kernels.factory import learning_program, make_network
from neuro_bpdl.kernels.fixed.quantize import Scheme
from neuro_bpdl.kernels.network import NetworkKernel
from neuro_bpdl.parameters import Parameters
from neuro_bpdl.spec import EngineSpec, InferenceSpec, NetworkSpec, PlasticitySpec
from neuro_bpdl.spec.base import Spec
from neuro_bpdl.spec.engine import MAX_WINDOW

COMPOSED_BATCH = 1


class ChipSettings(Spec, frozen=True):
    """The settings of one exported network.

    ``presentation`` is the number of the next image: with ``seed`` it is the
    whole state of the random streams. ``code`` and ``window`` say how
    populations send, ``factors`` what their rule reads, ``sends`` whether whole
    payloads or their changes (`neuro_bpdl.spec.EngineSpec`).
    """

    network: NetworkSpec
    inference: InferenceSpec
    plasticity: PlasticitySpec
    arithmetic: Literal["float", "fixed"]
    seed: int = Field(ge=0, lt=2**31)
    presentation: int = Field(default=0, ge=0)
    code: Literal["graded", "regular", "stochastic"] = "graded"
    window: int = Field(default=1, ge=1, le=MAX_WINDOW)
    factors: Literal[2, 3] = 3
    learning_epoch: Literal["step", "presentation"] = "step"
    sends: Literal["whole", "changes"] = "whole"

    @pydantic.model_validator(mode="after")
    def _no_part_of_theory_alone(self) -> ChipSettings:
        for name, given, allowed in (
            ("order", self.inference.order, "simultaneous"), ("langevin", self.inference.langevin, 0)
        ):
            if given != allowed:
                raise InvalidInput(f"inference.{name}", given, f"{allowed!r} on a chip", "only theory has another")
        _ = self.engine  # refuses spikes in float, and a window without them
        return self

    @property
    def engine(self) -> EngineSpec:
        """Lava's composed model; in fixed point with the rounding that stock Lava has."""
        return EngineSpec(
            backend="lava", model="composed", arithmetic=self.arithmetic, rounding="shared", code=self.code,
            window=self.window, factors=self.factors, learning_epoch=self.learning_epoch, sends=self.sends,
        )  # fmt: skip

    @property
    def program(self) -> Program:
        """The steps of one presentation with learning."""
        return learning_program(self.engine, self.network, self.inference.steps)

    def kernel(self, params: Parameters, program: Program | None = None) -> NetworkKernel:
        """The network's arithmetic without Lava.

        Raises
        ------
        InvalidInput
            A weight or setting without a form in fixed point.
        """
        return make_network(
            self.engine, params, self.inference, self.plasticity, program or self.program,
            batch=COMPOSED_BATCH, seed=self.seed,
        )

    def to_json(self) -> dict[str, Any]:
        """The settings as JSON-ready values."""
        return self.model_dump(mode="json")


def scheme_of(kernel: NetworkKernel) -> Scheme | None:
    """What turns a fixed-point kernel's integers into numbers; None for a float one."""
    return getattr(kernel, "scheme", None)
