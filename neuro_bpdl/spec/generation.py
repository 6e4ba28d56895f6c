"""How images are drawn: Algorithm 2, GENERATE."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from neuro_bpdl.spec.base import Spec
from neuro_bpdl.spec.inference import InferenceSpec

GENERATE_ALPHA, GENERATE_ROUNDS = 0.3, 3


class GenerationSpec(Spec):
    """Draw h_L, map it down, then ``rounds`` × {infer; x ← g_1(h_1)}.

    ``steps`` and ``delta`` are those of training's inference unless given;
    ``alpha`` is the paper's 0.3, which pulls the state towards the prior.
    """

    rounds: int = Field(default=GENERATE_ROUNDS, ge=0, le=10_000)
    steps: Annotated[int, Field(ge=1, le=10_000)] | None = None
    delta: Annotated[float, Field(gt=0, le=1)] | None = None
    alpha: Annotated[float, Field(ge=0, le=1)] = GENERATE_ALPHA

    def inference(self, trained: InferenceSpec) -> InferenceSpec:
        """The inference of every round, where training had ``trained``."""
        given = {"steps": self.steps, "delta": self.delta, "alpha": self.alpha}
        return trained.model_copy(update={name: value for name, value in given.items() if value is not None})
