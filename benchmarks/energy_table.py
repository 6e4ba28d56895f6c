"""The rows of `energy_tradeoff` as a Markdown table: every seed's errors, means of all else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

import numpy as np

Row = dict[str, Any]
HEAD = ("training", "N", "δ", "seeds", "error, layer 1", "error, top", "gain [nats]", "messages", "synaptic ops",
        "fewest cores", "most cores", "most cores, every visit paid")  # fmt: skip
NAMES = {
    "float": "float", "fixed": "fixed", "larger step": "fixed", "changes": "changes only",
    "once": "synapses learn once", "changes once": "both", "silence": "payload ≤ 12 silent", "sparse": "clipped ReLU",
}  # fmt: skip
PRICES = (("costs", "loihi2, fewest cores"), ("costs", "loihi2, most cores"),
          ("costs_every_synapse", "loihi2, most cores"))  # fmt: skip


def together(rows: Sequence[Row]) -> Iterator[list[Row]]:
    """The rows of one training, one for each seed; longer ways last."""

    def training(row: Row) -> tuple[int, int]:
        return list(NAMES).index(row["group"]), row["steps"]

    for _, found in groupby(sorted(rows, key=training), key=training):
        yield sorted(found, key=lambda row: row["seed"])


def table(rows: Sequence[Row]) -> str:
    """All trainings."""
    priced = [[*measured(seeds), *(price(seeds, *where) for where in PRICES)] for seeds in together(rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in (HEAD, ["---"] * len(HEAD), *priced))


def measured(rows: list[Row]) -> list[str]:
    """The cells of one training that its costs do not touch."""
    def each(name: str, form: str) -> str:
        return " / ".join(format(row[name], form) for row in rows)

    def counted(name: str) -> float:
        return float(np.mean([row["counts"][name] for row in rows]))

    first = rows[0]
    return [
        NAMES[first["group"]], str(first["steps"]), f"{first['delta']:g}", ", ".join(str(row["seed"]) for row in rows),
        each("reconstruction", ".4f"), each("deep_reconstruction", ".3f"), each("objective_gain_nats", ".0f"),
        f"{counted('spikes'):,.0f}", f"{counted('synaptic_operations') / 1e6:.2f} M",
    ]  # fmt: skip


def price(rows: list[Row], costs: str, place: str) -> str:
    """Energy and time of priced rows, from the lower to the upper ends of their bands."""
    energy, time = (np.mean([row[costs][place][name] for row in rows], axis=0)
                    for name in ("energy_band_J", "time_band_s"))  # fmt: skip
    return f"{_band(1e3 * energy, 3)} mJ, {_band(1e3 * time, 2)} ms"


def _band(ends: Any, digits: int) -> str:
    low, high = (f"{end:.{digits}f}" for end in ends)
    return low if low == high else f"{low} to {high}"
