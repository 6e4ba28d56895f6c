"""A label population that is an observed child of the top."""

from __future__ import annotations

from pydantic import Field

from neuro_bpdl.spec.base import Spec

WEIGHT_MAX = 1.0


class ChildSpec(Spec):
    """The label population below the top of a network that is told a label while it infers.

    ``activation`` is ψ_y. ``weight`` is λ, the step by which the top follows its score f_y(y) − f_y(g_y(h_L)).
    """

    activation: str
    classes: int = Field(ge=2)
    weight: float = Field(default=1.0, gt=0, le=WEIGHT_MAX)
