"""Replays presentations of an exported network with its neuron program, beside the fixed kernel.

    neuro-bpdl train --recipe digits-quick --arithmetic fixed --batch 1 --out RUN && neuro-bpdl export RUN --out CHIP
    python benchmarks/neuron_replay.py CHIP --data digits --presentations 1000

neuron.json is run by an interpreter that reads it and weights.safetensors, and no kernel. It goes on learning where
the run stopped. Registers, weights and tags are compared after every presentation.
"""

from __future__ import annotations

import argparse
import time

import numpy as np

from neuro_bpdl.data import load
from neuro_bpdl.engines.ground import as_seen
from neuro_bpdl.export.chip import load_export
from neuro_bpdl.export.neurons import read_neurons
from neuro_bpdl.neuron.replay import replay


def main() -> None:
    """Parse, replay, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("export")
    parser.add_argument("--data", required=True)
    parser.add_argument("--presentations", type=int, default=1000)
    given = parser.parse_args()
    export, document = load_export(given.export), read_neurons(given.export)
    settings = export.settings
    kernel = settings.kernel(export.params)
    images = as_seen(load(given.data).x_train, settings.network.ground)
    order = np.arange(given.presentations) % len(images)
    started, before = time.monotonic(), [matrix.copy() for matrix in kernel.weights]
    feeds = (kernel.to_feed(images[k]) for k in order)
    for done, names in enumerate(replay(kernel, document, feeds, settings.presentation), 1):
        if names:
            raise SystemExit(f"presentation {done}: different: {', '.join(names)}")
    changed = sum(int((a != b).sum()) for a, b in zip(kernel.weights, before, strict=True))
    sizes = "-".join(map(str, settings.network.sizes))
    print(f"{sizes}: {given.presentations} presentations of {given.data}, {len(kernel.program)} time steps each: "
          f"equal to the bit; {changed} weights and tags changed; {time.monotonic() - started:.0f} s")  # fmt: skip
    for population in document["populations"]:
        estimate = population["estimate"]
        print(f"{population['name']}: {estimate['instructions_per_presentation']} instructions a presentation, "
              f"at most {estimate['longest_time_step']} a time step; program {estimate['program_instructions']}; "
              f"{estimate['state_bits_per_neuron']} bits a neuron; {estimate['table_entries']} in tables")  # fmt: skip


if __name__ == "__main__":
    main()
