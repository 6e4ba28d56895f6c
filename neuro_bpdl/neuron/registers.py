"""The registers of a neuron, their widths, and what they hold; memory that a neuron needs for them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from neuro_bpdl.description.projections import Way
from neuro_bpdl.kernels.fixed.network import FixedNetwork
from neuro_bpdl.neuron.instructions import OUTPUTS, Routine
from neuro_bpdl.numbers import widths

BRANCH = {Way.UP: "basal", Way.DOWN: "apical"}
SCRATCH_BITS = 32
SIGN = 1


@dataclass(frozen=True)
class Register:
    """``bits`` with the sign; ``kept`` from one time step to the next, or free again at its end."""

    bits: int
    signed: bool
    kept: bool
    what: str


RATE, SWING = widths.PAYLOAD_BITS, widths.TRACE_BITS + SIGN
REGISTERS = {
    "soma": Register(widths.SOMA_BITS, True, True, "h, a payload with 14 bits behind the point"),
    "noisy": Register(RATE + SIGN, True, True, "corrupted h, a payload"),
    "basal": Register(RATE, False, True, "p, the basal prediction that is held"),
    "apical": Register(RATE, False, True, "r, the apical prediction that is held"),
    "basal_swing": Register(SWING, True, True, "dV/dt as the basal branch has written it"),
    "apical_swing": Register(SWING, True, True, "dV/dt as the apical branch has written it"),
    "missing": Register(1, False, True, "1 where the value from outside is missing"),
    "drive": Register(widths.SOMA_BITS, True, False, "what moves the soma at this time step"),
    **{name: Register(SCRATCH_BITS, True, False, "scratch") for name in ("t", "u", "v", "s", "r", "c")},
}
ACCUMULATOR = "{}_in"


def used(routines: Iterable[Routine]) -> dict[str, dict[str, Any]]:
    """The registers that occur, for a document."""
    names = {operand for routine in routines for name, *operands in routine
             for operand in (operands[1:] if name in OUTPUTS else operands)}  # fmt: skip
    return {name: asdict(register) for name, register in REGISTERS.items() if name in names}


def accumulators(kernel: FixedNetwork, population: int) -> dict[str, dict[str, Any]]:
    """One for each branch, wide enough for the largest sum that weights and payloads can have."""
    found = {}
    for projection, described in kernel.layers[population].incoming.items():
        source, pre = kernel.layers[described.source], kernel.weights[projection].shape[1]
        largest = -widths.WEIGHT_MIN * ((pre - 1) * widths.PAYLOAD_MAX + source.loud)
        found[ACCUMULATOR.format(BRANCH[described.way])] = {
            "bits": largest.bit_length() + SIGN, "signed": True, "projection": described.name,
        }  # fmt: skip
    return found


def state_bits(registers: dict[str, dict[str, Any]], inputs: dict[str, dict[str, Any]]) -> int:
    """Bits that one neuron keeps between time steps."""
    kept = sum(register["bits"] for register in registers.values() if register["kept"])
    return kept + sum(accumulator["bits"] for accumulator in inputs.values())
