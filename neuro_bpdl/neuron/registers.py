"""The registers of a neuron, their widths, and what they hold; memory that a neuron needs for them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from neuro_bpdl.description.operations import OF_HELD, OF_STATE
from neuro_bpdl.description.projections import Way
from neuro_bpdl.kernels.fixed.network import FixedNetwork
from neuro_bpdl.neuron.instructions import OUTPUTS, Routine
from neuro_bpdl.numbers import widths

BRANCH = {Way.UP: "basal", Way.DOWN: "apical"}
SENT = {(way, current): f"{way.value}_sent{'_held' * current}" for way in Way for current in (OF_STATE, OF_HELD)}
SUMMED = {(way, current): f"{branch}_sum{'_held' * current}"
          for way, branch in BRANCH.items() for current in (OF_STATE, OF_HELD)}  # fmt: skip
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
    **{name: Register(RATE + (not current) * SIGN, not current, True, f"what was last sent {way.value}, a payload")
       for (way, current), name in SENT.items()},
    "drive": Register(widths.SOMA_BITS, True, False, "what moves the soma at this time step"),
    **{name: Register(SCRATCH_BITS, True, False, "scratch") for name in ("t", "u", "v", "s", "r", "c")},
}
ACCUMULATOR = "{}_in"


def used(routines: Iterable[Routine], sums: dict[str, Register]) -> dict[str, dict[str, Any]]:
    """The registers that occur, for a document."""
    names = {operand for routine in routines for name, *operands in routine
             for operand in (operands[1:] if name in OUTPUTS else operands)}  # fmt: skip
    return {name: asdict(register) for name, register in (REGISTERS | sums).items() if name in names}


def accumulators(kernel: FixedNetwork, population: int) -> dict[str, dict[str, Any]]:
    """One for each branch, wide enough for the largest sum that weights and messages can have."""
    found = {}
    for projection, described in kernel.layers[population].incoming.items():
        signed = kernel.program.code.changes and kernel.layers[described.source].lowest < 0
        bits = _bits(kernel, projection, 2 * widths.PAYLOAD_MAX if signed else widths.PAYLOAD_MAX)
        found[ACCUMULATOR.format(BRANCH[described.way])] = {
            "bits": bits, "signed": True, "projection": described.name,
        }  # fmt: skip
    return found


def summed(kernel: FixedNetwork, population: int) -> dict[str, Register]:
    """The currents that changes add up to, one for each branch and each of its two: as whole payloads make them."""
    return {
        SUMMED[described.way, current]: Register(
            _bits(kernel, projection, widths.PAYLOAD_MAX), True, True, "the current that changes have added up to"
        )
        for projection, described in kernel.layers[population].incoming.items() for current in (OF_STATE, OF_HELD)
    }  # fmt: skip


def _bits(kernel: FixedNetwork, projection: int, largest: int) -> int:
    """Of a current through a projection whose units send at most ``largest``."""
    source, pre = kernel.layers[kernel.projections[projection].source], kernel.weights[projection].shape[1]
    return widths.current_bits(pre - 1, largest, source.loud)


def state_bits(registers: dict[str, dict[str, Any]], inputs: dict[str, dict[str, Any]]) -> int:
    """Bits that one neuron keeps between time steps."""
    kept = sum(register["bits"] for register in registers.values() if register["kept"])
    return kept + sum(accumulator["bits"] for accumulator in inputs.values())
