"""What a target file may say: the name of every number and the kind of unit it takes."""

from __future__ import annotations

# unit -> (dimension, factor to the dimension's base unit)
UNITS: dict[str, tuple[str, float]] = {
    **{count: (count, 1.0) for count in ("core", "chip", "compartment", "neuron", "synapse", "axon", "trace")},
    "replica": ("replica", 1.0), "flag": ("flag", 1.0), "1": ("number", 1.0),
    "bit": ("bit", 1.0), "byte": ("bit", 8.0), "KiB": ("bit", 8192.0), "MiB": ("bit", 8192.0 * 1024),
    "J": ("J", 1.0), "mJ": ("J", 1e-3), "uJ": ("J", 1e-6), "nJ": ("J", 1e-9), "pJ": ("J", 1e-12),
    "s": ("s", 1.0), "ms": ("s", 1e-3), "us": ("s", 1e-6), "ns": ("s", 1e-9),
    "W": ("W", 1.0), "mW": ("W", 1e-3),
}

LIMITS = {
    "cores_per_chip": "core", "neurons_per_chip": "neuron", "synapses_per_chip": "synapse",
    "compartments_per_core": "compartment", "synaptic_memory_per_core": "bit",
    "axons_in_per_core": "axon", "axons_out_per_core": "axon", "fan_in": "synapse", "fan_out": "synapse",
    "traces_per_core": "trace", "learning_synapses_per_core": "synapse",
    "synapse_word": "bit", "synapse_header": "bit", "synapses_per_list": "synapse", "batch": "replica",
}
WIDTHS = {
    **{f"{name}_bits": "bit" for name in
       ("weight", "tag", "trace", "state", "step_fraction", "payload", "delay", "epoch")},
    "pre_traces": "trace", "post_traces": "trace",
    "mantissa_min": "number", "mantissa_max": "number", "exponent_min": "number", "exponent_max": "number",
}
FEATURES = dict.fromkeys(
    ("two_factor", "three_factor", "graded_spikes", "programmable_neurons", "state_in_synaptic_memory"), "flag")
_EVENTS = ("synaptic_operation", "learning_update", "neuron_update", "inactive_neuron",
           "hop_east_west", "hop_north_south")
ENERGY = {**{f"{event}_energy": "J" for event in _EVENTS}, "spike_energy": "J", "static_power": "W"}
TIME = {**{f"{event}_time": "s" for event in _EVENTS}, "barrier_min_time": "s", "barrier_max_time": "s"}
BOARD = {"chips": "chip", "cores": "core"}

SECTIONS: dict[str, dict[str, str]] = {
    "limits": LIMITS, "widths": WIDTHS, "features": FEATURES, "energy": ENERGY, "time": TIME,
}
COSTS: frozenset[str] = frozenset({*ENERGY, *TIME})
ORDERED_PAIRS = (("mantissa_min", "mantissa_max"), ("exponent_min", "exponent_max"),
                 ("barrier_min_time", "barrier_max_time"))
SIGNED = frozenset({"mantissa_min", "mantissa_max", "exponent_min", "exponent_max"})
