"""A network whose top is told what it sees."""

from __future__ import annotations

from typing import Any

import pydantic
from pydantic import Field

from neuro_bpdl.spec.base import Spec
from neuro_bpdl.spec.joint import WEIGHT_MAX

NUDGE_MAX = 10
NUDGE_MAX_DEEP = 2  # a nudge shrinks by β from layer to layer


class LabelSpec(Spec):
    """The top is a label population: one unit for each class, clamped while the network learns.

    With ``generative`` the layers below it also learn images, as they do
    without labels, and the label is one more observed child of the highest of
    them. ``weight`` is then λ, the step by which that layer follows a label
    that is told while images are drawn or filled in.

    ``nudge`` is k of β = 2^-k, the step by which hidden layers follow the
    teacher; they write V̇ 2^k times as large, so that k does not change the
    learning rate. A power of two costs a chip nothing.
    """

    nudge: int = Field(default=8, ge=0, le=NUDGE_MAX)

    generative: bool = False
    weight: float = Field(default=1.0, gt=0, le=WEIGHT_MAX)

    @pydantic.model_serializer(mode="wrap")
    def _as_ever(self, write: pydantic.SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Files of networks that are only taught stay as they were before there were others."""
        fields: dict[str, Any] = write(self)
        return fields if self.generative else {"nudge": self.nudge}

    @property
    def beta(self) -> float:
        """β."""
        return 2.0**-self.nudge
