"""The instructions that a neuron program is written in, and what they mean.

They are the least that the table of phase operations needs: integer arithmetic on registers, a table, what comes
from outside. No chip's own: those are not public. An instruction is a list, its name first. Operands are registers
by name or integers.
"""

from __future__ import annotations

from typing import TypeAlias

Operand: TypeAlias = str | int
Instruction: TypeAlias = list[Operand]
Routine: TypeAlias = list[Instruction]

MEANING = {
    "mov": "mov d a: d = a",
    "add": "add d a b: d = a + b",
    "sub": "sub d a b: d = a - b",
    "mul": "mul d a b: d = a * b",
    "abs": "abs d a: d = |a|",
    "min": "min d a b: the smaller of both",
    "max": "max d a b: the larger of both",
    "shl": "shl d a b: d = a << b",
    "shr": "shr d a b: d = a >> b, towards minus infinity",
    "sign": "sign d a b: d = -a where b < 0, else a",
    "less": "less d a b: d = 1 where a < b, else 0",
    "pick": "pick d a b c: d = b where a is not 0, else c",
    "look": "look d table a: d = table[a], a kept inside the table",
    "feed": "feed d c: d = the unit's value from outside, the population's columns beginning at c",
    "noise": "noise d: d = round(spread * a standard normal number), as noise.gaussian says",
    "count": "count d a: d = how many of noise.count.draws uniform numbers are below a / noise.count.one",
    "dither": "dither d n b: d = b random bits of the hash numbered n, as randomness.hash says",
    "send": "send projection a p: a message a to the synapses of a projection, where a is not 0; its always-on unit "
            "sends p; currents reach the target's accumulator at the next time step",
    "write": "write projection a: y1 = max(a, 0) and y2 = max(-a, 0) for the synapses of a projection that ends here, "
             "at this time step alone",
}  # fmt: skip
OUTPUTS = ("send", "write")  # have a projection instead of a register in front


def scaled(target: str, difference: str, mantissa: int, shift: int, scratch: str = "u") -> Routine:
    """target += difference · mantissa · 2^-shift, ties away from zero; nothing for a mantissa of 0."""
    if not mantissa:
        return []
    out: Routine = [["abs", scratch, difference]]
    if mantissa != 1:
        out.append(["mul", scratch, scratch, mantissa])
    if shift:
        out += [["add", scratch, scratch, (1 << shift) >> 1], ["shr", scratch, scratch, shift]]
    return [*out, ["sign", scratch, scratch, difference], ["add", target, target, scratch]]


def in_multiples(register: str, bits: int) -> Routine:
    """The multiple of 2^bits below."""
    return [["shr", register, register, bits], ["shl", register, register, bits]] if bits else []
