"""Modelled energy of a training image with every visit of the learning engine paid, by the length of its epochs.

    python benchmarks/learning_epoch_cost.py

784-500-100, N = 3, δ = 0.5, Loihi 2. Counts are those of docs/hardware/energy_tradeoff.json, counted with epochs of one
time step; with the long epoch every unit sends at LEARN, there are no rests, and all else is the same. Not run on a
chip.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from neuro_bpdl.hardware.counts import every_synapse_evaluated, presentation_steps
from neuro_bpdl.hardware.energy import estimate
from neuro_bpdl.hardware.mapping import map_network
from neuro_bpdl.hardware.options import MapOptions
from neuro_bpdl.kernels.events import Counts
from neuro_bpdl.spec import InferenceSpec, NetworkSpec

ROWS = Path(__file__).parents[1] / "docs" / "hardware" / "energy_tradeoff.json"
NETWORK, INFERENCE = NetworkSpec.of((784, 500, 100)), InferenceSpec(steps=3, delta=0.5)
NEURONS_PER_CORE = 12  # spreads it over 117 of 120 cores


def main() -> None:
    """Price both on the fewest cores and on most of a chip, and print."""
    rows = json.loads(ROWS.read_text())["rows"]
    counted = Counts(**next(row["counts"] for row in rows if row["group"] == "larger step" and row["steps"] == 3))
    steps = {epoch: presentation_steps(NETWORK, INFERENCE, True, learning_epoch=epoch)  # type: ignore[arg-type]
             for epoch in ("step", "presentation")}  # fmt: skip
    long = len(steps["presentation"])
    visited = every_synapse_evaluated(NETWORK, counted, visits=1).learning_updates
    at_learn = sum(steps["presentation"][-1].up) + sum(steps["presentation"][-1].down)
    once = replace(
        counted, synaptic_operations=counted.synaptic_operations - counted.learning_updates + visited,
        learning_updates=visited, neuron_updates=sum(NETWORK.sizes) * long, time_steps=long,
        spikes=counted.spikes + at_learn,  # at most: those that sent anyway are in both
    )  # fmt: skip
    cases = (("a time step", counted, "step"), ("a presentation", once, "presentation"),
             ("a presentation, all units send always", None, "presentation"))  # fmt: skip
    for options in (MapOptions(), MapOptions(neurons_per_core=NEURONS_PER_CORE)):
        mapping = map_network(NETWORK, "loihi2", options=options, find_largest=False)
        for name, counts, epoch in cases:
            cost = estimate(steps[epoch], mapping, counts=counts, every_synapse=True)
            energy, time = ([f"{1e3 * end:.3f}" for end in band] for band in (cost.energy_band, cost.time_band))
            print(f"{mapping.core_count} cores, epoch {name}: {' to '.join(energy)} mJ, {' to '.join(time)} ms")


if __name__ == "__main__":
    main()
