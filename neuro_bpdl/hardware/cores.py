"""What one core holds and how much of every resource that takes.

A core is one of three kinds: ``neurons`` (somas with their synapses),
``dendrites`` (a block of a matrix whose fan-in fits no single core; it sends
partial sums to the somas and hears their V̇), ``relay`` (repeats spikes for
neurons with more destinations than a core has output axons).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from neuro_bpdl.hardware.options import MapOptions
from neuro_bpdl.hardware.target import Target

Role = Literal["neurons", "dendrites", "relay"]


@dataclass(frozen=True)
class Block:
    """Columns [start, start + units) of one plastic matrix, read by a core's posts.

    ``source`` is the presynaptic layer; the last column of a matrix is its
    bias unit.
    """

    source: int
    start: int
    units: int


@dataclass(frozen=True)
class Core:
    """``cores`` identical cores; core i holds posts from ``post_start + i · posts`` on.

    ``memory`` (bits) is the synaptic memory without tags, ``tag_memory`` what
    tags add, ``state_memory`` the compartments' state.
    """

    layer: int
    role: Role
    cores: int
    post_start: int
    posts: int
    blocks: tuple[Block, ...]
    compartments: int
    synapses: int
    forwarding_synapses: int
    memory: int
    tag_memory: int
    state_memory: int
    axons_in: int
    axons_out: int
    traces: int
    learning_synapses: int


@dataclass(frozen=True)
class Bias:
    """Always-on units on a core, one per outgoing projection, and the axons they take together."""

    units: int = 0
    axons: int = 0


@dataclass(frozen=True)
class Capacity:
    """Limits of one core in base units; infinite where the target knows none.

    ``memory`` is what synapses may take; ``all_memory`` what they and the
    state take together where the target divides its memory freely (infinite
    where the state has a memory of its own).
    """

    compartments: float
    memory: float
    axons_in: float
    axons_out: float
    traces: float
    learning_synapses: float
    word: int
    header: int
    list_length: float
    all_memory: float

    @classmethod
    def of(cls, target: Target) -> Capacity:
        """The limits of a target; an unknown memory format costs no overhead."""

        def known(name: str) -> float:
            amount = target.limit(name)
            return math.inf if amount is None else amount

        return cls(
            compartments=known("compartments_per_core"),
            memory=known("synaptic_memory_per_core"),
            axons_in=known("axons_in_per_core"),
            axons_out=known("axons_out_per_core"),
            traces=known("traces_per_core"),
            learning_synapses=known("learning_synapses_per_core"),
            word=int(target.limit("synapse_word") or 1),
            header=int(target.limit("synapse_header") or 0),
            list_length=known("synapses_per_list"),
            all_memory=known("memory_per_core") if target.has("flexible_memory") else math.inf,
        )

    def axon_bits(self, synapses: int, bits: int) -> int:
        """Memory of one input axon: lists of synapses with a header, in whole words."""
        if not math.isfinite(self.list_length):
            return self._words(synapses * bits + (self.header if synapses else 0))
        full, rest = divmod(synapses, int(self.list_length))
        last = self._words(rest * bits + self.header) if rest else 0
        return full * self._words(int(self.list_length) * bits + self.header) + last

    def _words(self, bits: int) -> int:
        return -(-bits // self.word) * self.word

    def holds(self, core: Core) -> bool:
        """Whether no resource of the core is above its limit."""
        synapses = core.memory + core.tag_memory
        return (
            core.compartments <= self.compartments
            and synapses <= self.memory
            and synapses + core.state_memory <= self.all_memory
            and core.axons_in <= self.axons_in
            and core.axons_out <= self.axons_out
            and core.traces <= self.traces
            and core.learning_synapses <= self.learning_synapses
        )


@dataclass(frozen=True)
class Workshop:
    """Builds cores: the same capacity and options for all of them."""

    capacity: Capacity
    options: MapOptions

    def neurons(self, layer: int, posts: int, blocks: tuple[Block, ...], *, fan_out: int, bias: Bias) -> Core:
        """Somas with all their synapses, each sending to ``fan_out`` cores."""
        fan_in = sum(block.units for block in blocks)
        return self._core(
            layer, "neurons", posts, blocks, fan_in=fan_in, static=0, axons_out=posts * fan_out + bias.axons,
            compartments=posts * self.options.compartments_per_neuron + bias.units,
            post_traces=2 * posts * len(blocks),
        )

    def somas(self, layer: int, posts: int, partial_sums: int, *, fan_out: int, bias: Bias) -> Core:
        """Somas whose synapses live on dendrite cores: one static synapse per partial sum."""
        feedback = posts * partial_sums if self.options.learning else 0
        return self._core(
            layer, "neurons", posts, (), fan_in=0, static=posts * partial_sums,
            axons_out=posts * fan_out + feedback + bias.axons,
            compartments=posts * self.options.compartments_per_neuron + bias.units, post_traces=0,
        )

    def dendrites(self, layer: int, posts: int, block: Block) -> Core:
        """One block of a matrix: a partial sum per post, and its V̇ coming back when it learns."""
        return self._core(
            layer, "dendrites", posts, (block,), fan_in=block.units, static=posts if self.options.learning else 0,
            axons_out=posts, compartments=posts, post_traces=2 * posts,
        )

    def relay(self, layer: int, spikes: int, fan_out: int) -> Core:
        """Repeats ``spikes`` units, each to ``fan_out`` cores, one time step later."""
        return self._core(layer, "relay", spikes, (), fan_in=0, static=spikes, axons_out=spikes * fan_out,
                          compartments=spikes, post_traces=0)

    def _core(self, layer: int, role: Role, posts: int, blocks: tuple[Block, ...], *, fan_in: int, static: int,
              axons_out: int, compartments: int, post_traces: int) -> Core:
        options, bits = self.options, self.capacity.axon_bits
        plain = fan_in * bits(posts, options.weight_bits)
        tagged = fan_in * bits(posts, options.weight_bits + options.tag_bits)
        learning = options.learning and bool(blocks)
        return Core(
            layer=layer, role=role, cores=1, post_start=0, posts=posts, blocks=blocks, compartments=compartments,
            synapses=fan_in * posts, forwarding_synapses=static,
            memory=plain + static * bits(1, options.weight_bits), tag_memory=tagged - plain,
            state_memory=compartments * options.state_bits + (posts * options.kept_bits if role == "neurons" else 0),
            axons_in=fan_in + static, axons_out=axons_out,
            traces=fan_in + post_traces if learning else 0, learning_synapses=fan_in * posts if learning else 0,
        )
