"""The neuron program of a network as a document: all that somebody needs who has a chip, or an interpreter."""

from __future__ import annotations

from typing import Any

import numpy as np

from neuro_bpdl.description.operations import own_rows
from neuro_bpdl.description.projections import Way
from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.kernels.fixed import rounding
from neuro_bpdl.kernels.fixed.layer import FixedLayer
from neuro_bpdl.kernels.fixed.network import FixedNetwork
from neuro_bpdl.neuron.instructions import MEANING, Routine
from neuro_bpdl.neuron.lowering import COUNTS, PAYLOADS, SLOPES, Lowering
from neuro_bpdl.neuron.registers import accumulators, state_bits, summed, used
from neuro_bpdl.numbers import widths
from neuro_bpdl.numbers.streams import Stream
from neuro_bpdl.spec.plasticity import BERNOULLI_DRAWS

KIND, VERSION = "neuro-bpdl neuron program", 1
NOTE = ("one neuron with several accumulators for each unit; instructions are this document's own, for a chip's are "
        "not public; checked in software by an interpreter of this document; not run on a chip")  # fmt: skip
ESTIMATE = "instructions of this document, one each; a chip's own may be more or fewer"


def neuron_document(kernel: FixedNetwork) -> dict[str, Any]:
    """The program of every population and the rules of every projection, JSON-ready.

    Raises
    ------
    InvalidInput
        A network that sends spikes: the instructions know graded payloads only.
    """
    if kernel.program.code.spikes:
        raise InvalidInput("code", kernel.program.code.kind, "graded in a neuron program",
                           "its instructions have no trains: use --code graded")  # fmt: skip
    program = kernel.program
    return {
        "kind": KIND, "version": VERSION, "note": NOTE,
        "time_steps": len(program),
        "feed_size": program.feed_size,
        **({"message_bits": widths.CHANGE_BITS} if program.code.changes else {}),
        "instructions": MEANING,
        "populations": [_population(kernel, layer) for layer in kernel.layers],
        "projections": [_projection(kernel, i) for i in range(len(kernel.projections))],
        "synapses": {"epoch": kernel.epoch, **_synapses()},
        "randomness": _randomness(kernel),
    }  # fmt: skip


def _population(kernel: FixedNetwork, layer: FixedLayer) -> dict[str, Any]:
    routines, steps = _routines(kernel, layer)
    registers = used(routines.values(), summed(kernel, layer.index))
    inputs = accumulators(kernel, layer.index)
    tables = {name: table for name, table in _tables(layer).items() if _looked_up(name, routines)}
    return {
        "name": kernel.program.description.populations[layer.index].name,
        "number": layer.index,
        "units": layer.n,
        "accumulators": inputs,
        "registers": registers,
        "tables": tables,
        "noise": _noise(layer),
        "routines": routines,
        "steps": steps,
        "estimate": {
            "what": ESTIMATE,
            "instructions_per_presentation": sum(len(routines[name]) for name in steps),
            "longest_time_step": max(len(routines[name]) for name in steps),
            "program_instructions": sum(len(routine) for routine in routines.values()),
            "table_entries": sum(len(table) for table in tables.values()),
            "state_bits_per_neuron": state_bits(registers, inputs),
            "step_counter_bits": (len(steps) - 1).bit_length(),
        },
    }


def _routines(kernel: FixedNetwork, layer: FixedLayer) -> tuple[dict[str, Routine], list[str]]:
    """Routines by name, a phase's and a number where phases differ, and the one of every time step."""
    lower, names, steps = Lowering(layer), dict[str, str](), list[str]()
    routines: dict[str, Routine] = {}
    for rows, moment in zip(own_rows(kernel.program, layer.index), kernel.program.moments, strict=True):
        routine = [instruction for row in rows for instruction in lower(row)]
        name = names.get(repr(routine))
        if name is None:
            base = moment.phase.value if routine else "idle"
            name = base if base not in routines else f"{base}_{sum(one.startswith(base) for one in routines) + 1}"
            names[repr(routine)], routines[name] = name, routine
        steps.append(name)
    return routines, steps


def _tables(layer: FixedLayer) -> dict[str, list[int]]:
    scale = widths.SOMA_MAX / layer.high
    states = [int(np.rint(count / BERNOULLI_DRAWS * scale)) for count in range(BERNOULLI_DRAWS + 1)]
    return {PAYLOADS: layer.payloads.tolist(), SLOPES: layer.slope_shifts.tolist(), COUNTS: states}


def _looked_up(name: str, routines: dict[str, Routine]) -> bool:
    return any(one[0] == "look" and one[2] == name for routine in routines.values() for one in routine)


def _noise(layer: FixedLayer) -> dict[str, Any]:
    """What selects a population's random numbers, and how large they are."""
    scale = widths.SOMA_MAX / layer.high
    return {
        "stream": [int(Stream.CORRUPTION), layer.index],
        "gaussian": {"spread": float(np.float32(layer.plasticity.noise_of(layer.index) * scale))},
        "count": {"draws": BERNOULLI_DRAWS, "one": scale},
    }


def _projection(kernel: FixedNetwork, i: int) -> dict[str, Any]:
    described, names = kernel.projections[i], [one.name for one in kernel.program.description.populations]
    synapses = kernel.synapses(i)
    return {
        "name": described.name,
        "source": names[described.source],
        "target": names[described.target],
        "hash_number": rounding.matrix_number(described.pair, described.way is Way.DOWN),
        "rule": {"weight": synapses["dw"], "tag": synapses["dt"]} if kernel.program.learns else None,
    }


def _synapses() -> dict[str, Any]:
    """The learning engine, as stock LearningDense computes in fixed point."""
    return {
        "what": "once an epoch, at its last time step, for every synapse: both rules see the weight and the tag of "
                "before; x0 is 1 where a message has arrived, x1 half the last one's payload, halves to even; y1 and "
                "y2 are what was written at this time step; u0 is 1; a product is shifted right by the bits of its "
                "factors beyond the accumulator, then left by its exponent and the accumulator's fraction, saturated, "
                "added, saturated; what stands behind the accumulator's point is rounded up where a draw is below it",
        "weight": {"min": widths.WEIGHT_MIN, "max": widths.WEIGHT_MAX},
        "tag": {"min": widths.TAG_MIN, "max": widths.TAG_MAX},
        "accumulator": {"bits": widths.ACCUMULATOR_BITS, "min": widths.ACCUMULATOR_MIN, "max": widths.ACCUMULATOR_MAX,
                        "fraction_bits": widths.ROUNDING_BITS},
        "factor_bits": {"x1": widths.TRACE_BITS, "y1": widths.TRACE_BITS, "y2": widths.TRACE_BITS,
                        "t": widths.TAG_BITS, "literal": widths.LITERAL_MANTISSA_BITS},
    }  # fmt: skip


def _randomness(kernel: FixedNetwork) -> dict[str, Any]:
    shared = kernel.shared is not None
    return {
        "seed": kernel.seed,
        "philox": "numpy's Philox: key (seed, purpose * 2^32 + population), counter (0, 0, 0, presentation)",
        "hash": "SplitMix64 of seed, number and time step or presentation, then MurmurHash3's finaliser of row, column",
        "rounding": {
            "kind": "shared" if shared else "per-synapse",
            "what": "one number of PCG64(weight_seed) for a matrix, at the place of the time step; y1 and y2 decay by "
                    "trace_decay, rounded by a number of PCG64(trace_seed), two a time step" if shared
                    else "the hash of the projection's number, time step, row and column",
            "weight_seed": rounding.LAVA_WEIGHT_SEED,
            "trace_seed": rounding.LAVA_RULE_SEED + rounding.TRACE_SEED_OFFSET,
            "trace_decay": rounding.TRACE_DECAY if shared else 1.0,
        },
    }  # fmt: skip
