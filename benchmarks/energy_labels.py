"""Accuracy against modelled energy, messages and epochs of learning with labels: recipe labels-quick, other sizes.

    python benchmarks/energy_labels.py [--hidden 50,100,200,400] [--epochs 1,2,4,8] [--seeds 0,1,2]

mnist-mini, fixed point, eager engine, rounding per synapse. All sizes for the recipe's epochs, all epochs with the
recipe's size; every training is one of its own, whose rates fall to its end. Events are counted on 500 training images
after training, energies are counts times published constants (Loihi 2 on the fewest cores); nothing is run on a chip.
Accuracy is that of the 1,000 test images; nothing was chosen by it.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from typing import Any

import numpy as np

from neuro_bpdl.data import Dataset, load
from neuro_bpdl.engines.registry import simulator_of
from neuro_bpdl.hardware.counts import presentation_steps
from neuro_bpdl.hardware.energy import estimate
from neuro_bpdl.hardware.mapping import map_network
from neuro_bpdl.hardware.options import options_of
from neuro_bpdl.recipes import compose, read_recipe
from neuro_bpdl.spec import RunSpec
from neuro_bpdl.training import loop
from neuro_bpdl.training.labelled import learned_rows

RECIPE, TARGET, COUNTED = "labels-quick", "loihi2", 500


def main() -> None:
    """Train and print one JSON line per network, length and seed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hidden", default="50,100,200,400")
    parser.add_argument("--epochs", default="1,2,4,8")
    parser.add_argument("--seeds", default="0,1,2")
    given = parser.parse_args()
    sizes, lengths, seeds = ([int(part) for part in text.split(",")] for text in vars(given).values())
    data = load(read_recipe(RECIPE).spec.data)
    for hidden, epochs in _settings(sizes, lengths):
        for seed in seeds:
            print(json.dumps(measured(_spec(hidden, epochs, seed), data)), flush=True)


def _settings(sizes: list[int], lengths: list[int]) -> Iterator[tuple[int, int]]:
    usual = read_recipe(RECIPE).spec
    yield from dict.fromkeys([*((hidden, usual.training.epochs) for hidden in sizes),
                              *((usual.layers[0], epochs) for epochs in lengths)])  # fmt: skip


def _spec(hidden: int, epochs: int, seed: int) -> RunSpec:
    fields = read_recipe(RECIPE).fields
    given = {("layers",): (hidden, 10), ("training", "epochs"): epochs, ("training", "seed"): seed}
    return compose(fields, given)


def measured(spec: RunSpec, data: Dataset) -> dict[str, Any]:
    """Train; accuracy, and what the last images cost."""
    rows, checkpoint = learned_rows(spec, data), None
    for epoch in loop.epochs(spec, rows, loop.start(spec, rows)):
        checkpoint = epoch.checkpoint
    assert checkpoint is not None
    last = loop.plasticity_of(spec, checkpoint.params, spec.training.epochs - 1)
    simulator: Any = simulator_of(spec, checkpoint.params, last)
    right = simulator.classify(data.test).argmax(axis=1) == data.labels("test")
    simulator.learn(rows, np.arange(COUNTED), checkpoint.progress.presentations)
    network, counts = checkpoint.params.network, simulator.counts
    mapping = map_network(network, TARGET, options=options_of(network, spec.engine), find_largest=False)
    steps = presentation_steps(network, spec.inference, True, code=spec.engine.messages)
    cost, visited = (estimate(steps, mapping, counts=counts, every_synapse=every) for every in (False, True))
    return {
        "sizes": network.sizes, "epochs": spec.training.epochs, "seed": spec.training.seed,
        "label": str(simulator.label), "data": data.name, "test_accuracy": float(right.mean()),
        "cores": mapping.core_count, "messages": counts.spikes, "synaptic_operations": counts.synaptic_operations,
        "learning_updates": counts.learning_updates, "time_steps": counts.time_steps,
        "energy_mJ": [1e3 * end for end in cost.energy_band], "time_ms": [1e3 * end for end in cost.time_band],
        "energy_every_synapse_every_step_mJ": [1e3 * end for end in visited.energy_band],
        "training_J": cost.energy * checkpoint.progress.images, "constants": cost.label,
    }  # fmt: skip


if __name__ == "__main__":
    main()
