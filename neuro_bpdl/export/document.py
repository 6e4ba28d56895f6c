"""network.json: what a chip's programmer needs besides the weights, in numbers and rule strings."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from neuro_bpdl.description.operations import sends
from neuro_bpdl.description.program import Program
from neuro_bpdl.description.projections import Way
from neuro_bpdl.export.settings import ChipSettings, scheme_of
from neuro_bpdl.export.trains import code_record, train_record
from neuro_bpdl.kernels.fixed import curves
from neuro_bpdl.kernels.fixed.matrix import Matrix, highs, loud_on, quiet_on
from neuro_bpdl.kernels.network import NetworkKernel
from neuro_bpdl.numbers import widths
from neuro_bpdl.numbers.literal import WEIGHT_RULE, Literal

NOT_RUN = "targets Loihi: rules, widths and sizes checked in software; not run on a chip"
MISSING_FOR_A_CHIP = (
    "Intel's Lava extension for Loihi (INRC members): compiler and drivers",
    "neuro-core microcode of the three-compartment layer: neuron.json has its program in other instructions",
    "per-image input and output through the chip's embedded processors: the source is a CPU process",
)


def described(settings: ChipSettings, kernel: NetworkKernel) -> dict[str, Any]:
    """Everything in network.json that follows from the settings; a loader compares it with its own."""
    return {
        "code": code_record(kernel.program.code),
        "schedule": schedule(kernel.program),
        "layers": [_layer(settings, kernel, index) for index in range(settings.network.depth + 1)],
        "projections": [
            _projection(settings, kernel, layer, way)
            for layer in range(1, settings.network.depth + 1)
            for way in ("F", "G")
        ],
        "steps": steps_of(settings, kernel),
        "widths": None if scheme_of(kernel) is None else _widths(kernel.program),
    }


def schedule(program: Program) -> dict[str, Any]:
    """Phases of one presentation: which layers act, and which send up and down, at every time step.

    Where messages are trains of spikes, a step acts in the first of its time
    steps and sends in all of them.
    """
    layers = range(program.depth + 1)
    return {
        "time_steps": len(program),
        "fed_layer": program.feeds[0],
        "visible_layer_clamped": 0 in program.clamped,
        "steps": [
            {
                "phase": step.phase.value,
                "acts": [layer for layer in layers if step.involves(layer)],
                "sends_up": _senders(program, begins, Way.UP),
                "sends_down": _senders(program, begins, Way.DOWN),
            }
            | ({"begins": begins, "lasts": lasts} if program.code.spikes else {})
            for step, begins, lasts in zip(program.steps, program.starts, program.durations, strict=True)
        ],
    }


def _senders(program: Program, position: int, way: Way) -> list[int]:
    projections = [program.description.projections[i] for i in sends(program)[position]]
    return sorted(projection.source for projection in projections if projection.way is way)


def _layer(settings: ChipSettings, kernel: NetworkKernel, index: int) -> dict[str, Any]:
    network, plasticity = settings.network, settings.plasticity
    top = index == network.depth
    record: dict[str, Any] = {
        "index": index,
        "units": network.sizes[index],
        "activation": network.activations[index],
        "compartments": ["soma", *(["basal"] if index else []), *([] if top else ["apical"])],
        "corruption": {
            "noise": plasticity.top_noise if top else "gaussian",
            "standard_deviation": plasticity.noise_of(index),
        },
    }
    scheme = scheme_of(kernel)
    if scheme is not None:
        high, activation = highs(network, plasticity)[index], network.activations[index]
        record |= {"activity_of_largest_payload": high, "payloads": curves.payloads(activation, high).tolist()}
        record |= (
            {"bias_unit_payload": loud_on(high), "bias_unit_payload_at_learning": quiet_on(high)}
            if scheme.trains is None
            else {"spikes": train_record(scheme.trains[index], network.sizes[index])}
        )
        if plasticity.derivative:
            record["slope_shifts"] = curves.slope_shifts(activation, high).tolist()
    return record


def _projection(settings: ChipSettings, kernel: NetworkKernel, layer: int, way: str) -> dict[str, Any]:
    up, depth = way == "F", settings.network.depth
    rates = settings.plasticity.rates_up(depth) if up else settings.plasticity.rates_down(depth)
    pre, post = (layer - 1, layer) if up else (layer, layer - 1)
    record: dict[str, Any] = {
        "name": f"{way}_{layer}",
        "pre_layer": pre,
        "post_layer": post,
        "compartment": "basal" if up else "apical",
        "shape": [settings.network.sizes[post], settings.network.sizes[pre] + 1],
        "requested_learning_rate": rates[layer - 1],
    }
    scheme = scheme_of(kernel)
    if scheme is not None:
        matrix = (scheme.up if up else scheme.down)[layer - 1]
        literal = (scheme.up_literals if up else scheme.down_literals)[layer - 1]
        return record | _integers(matrix, literal)
    rule, gain = kernel.rule(layer - 1 if up else depth + layer - 1)
    return record | {"rule": {"weight": rule}, "gain": gain}


def _integers(matrix: Matrix, literal: Literal) -> dict[str, Any]:
    """A current A becomes the payload that the layer's ``payloads`` has at (A + current_offset) >> current_shift.

    The index is kept inside that list. Where the rule has φ′, the compartment
    shifts V̇ down by its layer's ``slope_shifts`` at its own payload, or writes none where that is -1.

    A synapse is worth weight + tag / 2^tag_fraction_bits; currents see the
    weight. V̇ is written in multiples of 2^swing_bits payloads.
    """
    return {
        "rule": {"weight": WEIGHT_RULE, "tag": literal.tag_rule},
        "gain": 1.0,
        "literal": {**asdict(literal), "swing_bits": literal.swing_bits},
        "weight_unit_exponent": matrix.unit_exponent,
        "bias_unit": matrix.bias_unit,
        "current_offset": matrix.offset,
        "current_shift": matrix.shift,
    }


def steps_of(settings: ChipSettings, kernel: NetworkKernel) -> dict[str, Any]:
    """δ and α: what was asked for and, in fixed point, the mantissa and shift that stand for it."""
    asked = {"delta": settings.inference.delta, "alpha": settings.inference.alpha}
    scheme = scheme_of(kernel)
    if scheme is None:
        return {name: {"requested": value, "value": value} for name, value in asked.items()}
    held = {"delta": scheme.delta, "alpha": max(scheme.alpha, key=lambda step: step.value)}
    steps: dict[str, Any] = {
        name: {"requested": asked[name], "value": step.value, **asdict(step)} for name, step in held.items()
    }
    steps["alpha"]["layers"] = [asdict(step) for step in scheme.alpha]
    return steps


def _widths(program: Program) -> dict[str, int]:
    """Bits of every number of the fixed-point network."""
    return {
        "payload_bits": widths.PAYLOAD_BITS,
        "message_bits": widths.CHANGE_BITS if program.code.changes else widths.MESSAGE_BITS,
        "weight_magnitude_bits": widths.WEIGHT_BITS,
        "weight_min": widths.WEIGHT_MIN,
        "weight_max": widths.WEIGHT_MAX,
        "tag_magnitude_bits": widths.TAG_BITS,
        "tag_fraction_bits": widths.CARRY_BITS,
        "trace_bits": widths.TRACE_BITS,
        "accumulator_bits": widths.ACCUMULATOR_BITS,
        "soma_bits": widths.SOMA_BITS,
        "soma_fraction_bits": widths.SOMA_FRACTION_BITS,
    }
