"""How a network is written onto a target: widths, compartments, learning, spikes."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from neuro_bpdl.spec import Spec


class MapOptions(Spec, frozen=True):
    """What one neuron and one synapse of the composed network take.

    ``tag_bits`` is 0 for the three-factor rule and 9 for the two-factor rule
    that remembers the last post-synaptic trace in the synapse.
    ``bias_unit`` adds one always-on unit to every projection: its weights are
    the biases. ``rate_per_literal`` is the learning rate that the literal 1 of
    the rule stands for: with weight unit 2⁻⁷, x1 = 64·rate, y = 128·V̇ and the
    engine's 1/8 for a product of two traces it is 2⁻⁷ · 64 · 128 / 8 = 8.
    ``step_fraction_bits`` is the resolution 2⁻ᵇ of δ and α.
    """

    weight_bits: int = Field(default=8, ge=1, le=32)
    tag_bits: int = Field(default=0, ge=0, le=32)
    state_bits: int = Field(default=24, ge=1, le=64)
    activity_bits: int = Field(default=7, ge=1, le=32)
    step_fraction_bits: int = Field(default=12, ge=1, le=32)
    rate_per_literal: float = Field(default=8.0, gt=0)
    compartments_per_neuron: int = Field(default=3, ge=1, le=64)
    learning: bool = True
    bias_unit: bool = True
    spikes: Literal["graded", "binary"] = "graded"
