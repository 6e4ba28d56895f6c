"""Modelled energy of a training image with every visit of the learning engine paid, by the length of its epochs.

    python benchmarks/learning_epoch_cost.py

784-500-100, N = 3, δ = 0.5, Loihi 2: the counts of docs/hardware/energy_tradeoff.json, means of the seeds. Not run on
a chip.
"""

from __future__ import annotations

import json
from pathlib import Path

from energy_table import price, together
from energy_tradeoff import priced

ROWS = Path(__file__).parents[1] / "docs" / "hardware" / "energy_tradeoff.json"
TRAININGS = {"larger step": "a time step", "once": "a presentation", "changes once": "a presentation, changes only"}


def main() -> None:
    """Price on the fewest cores and on most of a chip, and print."""
    rows = json.loads(ROWS.read_text())["rows"]
    for seeds in together([row for row in rows if row["group"] in TRAININGS and row["steps"] == 3]):
        paid = [priced(row) for row in seeds]
        found = [price(paid, "costs_every_synapse", f"loihi2, {cores} cores") for cores in ("fewest", "most")]
        print(f"epoch {TRAININGS[seeds[0]['group']]}: {' | '.join(found)}")


if __name__ == "__main__":
    main()
