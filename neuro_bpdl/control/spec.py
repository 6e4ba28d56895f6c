"""Settings of an agent and of its run: a frozen record, checked."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.spec.base import Spec

Pair = tuple[float, float]
Index = Annotated[int, Field(ge=0, lt=4096)]


class ControlSpec(Spec):
    """An actor-critic on place cells (docs/reward.md, recipe A).

    ``ranges`` says where the place cells lie: "space" (the observation space's own bounds), "learned" (what a random
    policy sees, widened), or a (low, high) for every variable. ``angles`` names pairs (cos, sin) of variables that
    become one angle. γ = 1 − 2^−``gamma_shift``; ``reward_scale`` brings rewards into −1 … 1. The policy is the
    softmax of 2^``sharpness`` times the net inputs: the noise of choices is so much smaller. With ``hidden`` units,
    cells lie along single variables, and the layer between them and the top learns too (integers, rounding per
    synapse); every ``halving`` decisions the actor's and the hidden layer's rates halve, every two
    of them the critic's rate and the noise, up to seven times.
    """

    environment: str = Field(default="CartPole-v1", min_length=1, max_length=200)
    cells: int = Field(default=10, ge=2, le=64)
    ranges: Literal["space", "learned"] | tuple[Pair, ...] = "space"
    angles: tuple[tuple[Index, Index], ...] = ()
    gamma_shift: int = Field(default=7, ge=1, le=12)
    actor_rate: float = Field(default=1.0, gt=0, le=100)
    critic_rate: float = Field(default=0.2, gt=0, le=100)
    sharpness: int = Field(default=0, ge=0, le=3)
    hidden: int = Field(default=0, ge=0, le=4096)
    hidden_rate: float = Field(default=0.2, gt=0, le=100)
    halving: int = Field(default=20_000, ge=100, le=10**12)
    reward_scale: float = Field(default=1.0, gt=0, lt=1e6)
    arithmetic: Literal["float", "fixed"] = "fixed"
    rounding: Literal["per-synapse", "shared"] = "per-synapse"
    backend: Literal["eager", "lava"] = "eager"
    model: Literal["fused", "composed"] = "fused"
    seed: int = Field(default=0, ge=0, lt=2**31)
    episodes: int = Field(default=150, ge=1, le=1_000_000)

    def __init__(self, **fields: Any) -> None:
        super().__init__(**fields)
        if self.model == "composed" and self.backend != "lava":
            raise InvalidInput("model", self.model, "fused on the eager backend", "add backend='lava'")
        if self.hidden and (self.arithmetic, self.rounding, self.model) != ("fixed", "per-synapse", "fused"):
            raise InvalidInput(
                "hidden", self.hidden, "0 in float, with shared rounding, and composed",
                "use arithmetic='fixed', rounding='per-synapse' and model='fused'",
            )  # fmt: skip
        if self.model == "composed" and (self.arithmetic, self.rounding) != ("fixed", "shared"):
            raise InvalidInput(
                "rounding", f"{self.arithmetic}, {self.rounding}", "fixed and shared with the composed model",
                "stock Lava draws one number for a matrix: arithmetic='fixed', rounding='shared'",
            )  # fmt: skip


# What is known about environments: where the states of interest lie, not how to act there.
RECIPES: dict[str, dict[str, Any]] = {
    # An episode ends at |x| = 2.4 and |θ| = 0.21; the velocities of a balanced pole stay within ±3.
    "CartPole-v1": {"ranges": ((-2.4, 2.4), (-3.0, 3.0), (-0.21, 0.21), (-3.0, 3.0))},
    "Acrobot-v1": {
        "cells": 8, "angles": ((0, 1), (2, 3)), "gamma_shift": 6,
        "ranges": ((-3.141593, 3.141593), (-3.141593, 3.141593), (-9.0, 9.0), (-14.0, 14.0)),
    },
    # Twenty alike choices in a row swing the car up: with more noise it seldom makes them.
    "MountainCar-v0": {"cells": 16, "gamma_shift": 6, "critic_rate": 1.0, "sharpness": 3, "episodes": 500},
}  # fmt: skip

HIDDEN_RATES = {"actor_rate": 0.1, "critic_rate": 0.02}  # of up to so many units:
RATED_UNITS = 100
# With a hidden layer the cart leaves the track slowly, some 300 steps after what sent it there: a horizon of 256.
FARTHER = {"CartPole-v1": {"gamma_shift": 8}}


def spec_for(environment: str, **given: Any) -> ControlSpec:
    """The environment's recipe, if it has one, with what is given on top.

    The share of an error that one update takes away is η|h|², and |h|² grows with the units of a hidden layer: the more
    there are, the lower are the rates above it.

    Raises
    ------
    InvalidInput
    """
    known = {"environment": environment, **RECIPES.get(environment, {})}
    units = ControlSpec(**{**known, **given}).hidden
    if units:
        share = min(1.0, RATED_UNITS / units)
        known |= {name: share * rate for name, rate in HIDDEN_RATES.items()} | FARTHER.get(environment, {})
    return ControlSpec(**{**known, **given})
