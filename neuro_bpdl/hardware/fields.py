"""What a target file may say: the name of every number and the kind of unit it takes."""

from __future__ import annotations

# unit -> (dimension, factor to the dimension's base unit)
UNITS: dict[str, tuple[str, float]] = {
    **{count: (count, 1.0) for count in ("core", "chip", "compartment", "neuron", "synapse", "axon", "trace",
                                            "tile")},
    "replica": ("replica", 1.0), "flag": ("flag", 1.0), "1": ("number", 1.0),
    "bit": ("bit", 1.0), "byte": ("bit", 8.0), "KiB": ("bit", 8192.0), "MiB": ("bit", 8192.0 * 1024),
    "J": ("J", 1.0), "mJ": ("J", 1e-3), "uJ": ("J", 1e-6), "nJ": ("J", 1e-9), "pJ": ("J", 1e-12),
    "s": ("s", 1.0), "ms": ("s", 1e-3), "us": ("s", 1e-6), "ns": ("s", 1e-9),
    "W": ("W", 1.0), "mW": ("W", 1e-3),
}

LIMITS = {
    "cores_per_chip": "core", "cores_on_die": "core", "neurons_per_chip": "neuron", "synapses_per_chip": "synapse",
    "cores_per_tile": "core", "tiles_across": "tile", "tiles_along": "tile",
    "compartments_per_core": "compartment", "memory_per_core": "bit", "synaptic_memory_per_core": "bit",
    "state_per_neuron": "bit",
    "axons_in_per_core": "axon", "axons_out_per_core": "axon", "fan_in": "synapse", "fan_out": "synapse",
    "traces_per_core": "trace", "learning_synapses_per_core": "synapse",
    "synapse_word": "bit", "synapse_header": "bit", "synapses_per_list": "synapse", "batch": "replica",
}
WIDTHS = {
    **{f"{name}_bits": "bit" for name in
       ("weight", "tag", "trace", "state", "payload", "delay", "epoch")},
    "pre_traces": "trace", "post_traces": "trace",
    "mantissa_min": "number", "mantissa_max": "number", "exponent_min": "number", "exponent_max": "number",
}
FEATURES = dict.fromkeys(
    ("two_factor", "three_factor", "neuron_factor", "graded_spikes", "programmable_neurons", "flexible_memory"), "flag")
EVENTS = ("synaptic_operation", "learning_update", "neuron_update", "inactive_neuron", "spike", "packet", "packet_in",
          "hop_east_west", "hop_north_south")
ENERGY = {**{f"{event}_energy": "J" for event in EVENTS}, "static_power": "W"}
TIME = {f"{event}_time": "s" for event in EVENTS}
BARRIER = "barrier_"  # [barrier] lists seconds by tiles in use: 1 = ..., 32 = ...; entries barrier_1, barrier_32
BOARD = {"chips": "chip", "cores": "core", "power": "W"}

SECTIONS: dict[str, dict[str, str]] = {
    "limits": LIMITS, "widths": WIDTHS, "features": FEATURES, "energy": ENERGY, "time": TIME,
}
COSTS: frozenset[str] = frozenset({*ENERGY, *TIME})
ORDERED_PAIRS = (("mantissa_min", "mantissa_max"), ("exponent_min", "exponent_max"),
                 ("synaptic_memory_per_core", "memory_per_core"), ("cores_per_chip", "cores_on_die"))
SIGNED = frozenset({"mantissa_min", "mantissa_max", "exponent_min", "exponent_max"})
