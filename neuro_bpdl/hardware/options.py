"""How a network is written onto a target: widths, compartments, learning, spikes."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from neuro_bpdl.numbers import widths
from neuro_bpdl.spec.base import Spec

TAG_UNIT = 2.0 ** -(widths.UNIT_EXPONENT + widths.CARRY_BITS)
RATE_PER_LITERAL = widths.PAYLOAD_MAX**2 / 2 * 2.0**-widths.PRODUCT_SHIFT * TAG_UNIT


class MapOptions(Spec, frozen=True):
    """What one neuron and one synapse of the composed network take in fixed point.

    ``tag_bits`` holds what a weight cannot (`neuro_bpdl.numbers.widths`), sign
    included; 0 is a network without tags. ``bias_unit`` adds one always-on
    unit to every projection: its weights are the biases. ``rate_per_literal``
    is the learning rate that the literal 1 of the rule stands for, with
    activity in [0, 1] (`neuro_bpdl.numbers.literal`). ``neurons_per_core``
    caps what a core gets, to spread a network; None fills cores. δ and α are
    those of `neuro_bpdl.numbers.steps`, on every target.
    """

    weight_bits: int = Field(default=8, ge=1, le=32)
    tag_bits: int = Field(default=widths.TAG_BITS + 1, ge=0, le=32)
    state_bits: int = Field(default=widths.SOMA_BITS, ge=1, le=64)
    activity_bits: int = Field(default=widths.PAYLOAD_BITS, ge=1, le=32)
    rate_per_literal: float = Field(default=RATE_PER_LITERAL, gt=0)
    compartments_per_neuron: int = Field(default=3, ge=1, le=64)
    neurons_per_core: int | None = Field(default=None, ge=1)
    learning: bool = True
    bias_unit: bool = True
    spikes: Literal["graded", "binary"] = "graded"
