"""How the latent state is inferred: Algorithm 2, INFER."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import pydantic
from pydantic import Field

from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.spec.base import Spec
from neuro_bpdl.spec.each import one_each
from neuro_bpdl.spec.network import MAX_LAYERS

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
        return (*one_each("inference.alpha", self.alpha, depth)[:-1], 0.0)

    @property
    def alpha_text(self) -> str:
        """α for a reader: "0.001", "0.13, 0" or "δ σ²_q/σ²"."""
        if isinstance(self.alpha, str):
            return "δ σ²_q/σ²"
        alphas = self.alpha if isinstance(self.alpha, tuple) else (self.alpha,)
        return ", ".join(f"{alpha:.4g}" for alpha in alphas)
