"""How a network is written onto a target: widths, compartments, learning, spikes."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from neuro_bpdl.numbers import widths
from neuro_bpdl.spec import EngineSpec, NetworkSpec
from neuro_bpdl.spec.base import Spec


class MapOptions(Spec, frozen=True):
    """What one neuron and one synapse of the composed network take in fixed point.

    ``tag_bits`` holds what a weight cannot (`neuro_bpdl.numbers.widths`), sign
    included; 0 is a network without tags. ``bias_unit`` adds one always-on
    unit to every projection: its weights are the biases. ``rate_per_literal``
    is the learning rate that the literal 1 of the rule stands for; None is
    what every matrix's own numbers make of it (`neuro_bpdl.numbers.literal`). ``neurons_per_core``
    caps what a core gets, to spread a network; None fills cores. ``kept_bits``
    is what a neuron keeps besides where it sends changes only. δ and α are
    those of `neuro_bpdl.numbers.steps`, on every target.
    """

    weight_bits: int = Field(default=8, ge=1, le=32)
    tag_bits: int = Field(default=widths.TAG_BITS + 1, ge=0, le=32)
    state_bits: int = Field(default=widths.SOMA_BITS, ge=1, le=64)
    activity_bits: int = Field(default=widths.PAYLOAD_BITS, ge=1, le=32)
    rate_per_literal: float | None = Field(default=None, gt=0)
    compartments_per_neuron: int = Field(default=3, ge=1, le=64)
    kept_bits: int = Field(default=0, ge=0, le=1024)
    neurons_per_core: int | None = Field(default=None, ge=1)
    learning: bool = True
    bias_unit: bool = True
    spikes: Literal["graded", "binary"] = "graded"


def options_of(network: NetworkSpec, engine: EngineSpec, **options: Any) -> MapOptions:
    """How an engine's network is written onto a target, with other ``options`` on top."""
    kept = kept_bits(network) if engine.messages.changes else 0
    return MapOptions(**{"kept_bits": kept, **options})


def kept_bits(network: NetworkSpec) -> int:
    """A hidden neuron's registers for changes: three sums of currents, as wide as the widest fan-in, what it sent last.

    Of h and of r through F, of h through G (`neuro_bpdl.neuron.registers`); other populations need fewer.
    """
    sums = widths.current_bits(max(network.sizes), widths.PAYLOAD_MAX, 2 * widths.PAYLOAD_MAX)
    sent = widths.MESSAGE_BITS + widths.PAYLOAD_BITS + widths.MESSAGE_BITS
    return 3 * sums + sent
