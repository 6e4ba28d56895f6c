"""Energy per training image against reconstruction error against the number of inference steps.

Trains 784-500-100 on mnist-mini once per variant and seed, counts events while
it learns, and multiplies them with published constants. Nothing is run on a
chip. Rows go to DIR/energy_tradeoff.json as they come (a second call goes on
where the first was stopped), the picture to DIR/energy_tradeoff.png, the table to standard output.

    python benchmarks/energy_tradeoff.py --out DIR [--only float,fixed] [--seeds 0,1,2] [--plot-only]
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from energy_plot import plot
from energy_table import table
from lean_engine import LeanSimulator

from neuro_bpdl.data import Dataset, load, presentation_order
from neuro_bpdl.engines.eager import EagerSimulator
from neuro_bpdl.hardware.counts import Step, presentation_steps
from neuro_bpdl.hardware.energy import Estimate, estimate, published_learners
from neuro_bpdl.hardware.mapping import Mapping, map_network
from neuro_bpdl.hardware.options import options_of
from neuro_bpdl.kernels.events import Counts
from neuro_bpdl.parameters import initial_parameters
from neuro_bpdl.spec import EngineSpec, InferenceSpec, NetworkSpec, PlasticitySpec
from neuro_bpdl.training.baselines import mean_image_mse
from neuro_bpdl.training.measure import measure

SIZES, DATA = (784, 500, 100), "mnist-mini"
TARGETS = ("loihi2", "loihi1", "loihi1_nahuku")
STEPS = (1, 2, 3, 5, 10, 15)
SPARSE = ("hard-sigmoid", "clipped-relu", "hard-sigmoid")


@dataclass(frozen=True)
class Variant:
    """One training: what differs from the defaults of `RunSpec`."""

    group: str
    steps: int
    arithmetic: str = "fixed"
    batch: int = 1
    learning_rate: float = 0.01
    epochs: int = 4
    delta: float = 0.1
    threshold: int = 0
    activation: str | tuple[str, ...] = "hard-sigmoid"
    learning_epoch: str = "step"
    sends: str = "whole"


BEFORE = {"learning_epoch": "step", "sends": "whole"}  # what rows of older files do not say
VARIANTS = (
    *(Variant("fixed", n) for n in STEPS),
    Variant("larger step", 3, delta=0.5),
    Variant("larger step", 1, delta=1.0),
    Variant("changes", 3, delta=0.5, sends="changes"),
    Variant("changes", 1, delta=1.0, sends="changes"),
    Variant("changes", 15, sends="changes"),
    Variant("changes once", 3, delta=0.5, learning_epoch="presentation", sends="changes"),
    Variant("changes once", 1, delta=1.0, learning_epoch="presentation", sends="changes"),
    Variant("once", 3, delta=0.5, learning_epoch="presentation"),
    Variant("once", 1, delta=1.0, learning_epoch="presentation"),
    Variant("silence", 3, delta=0.5, threshold=12),
    Variant("sparse", 3, delta=0.5, activation=SPARSE),
    *(Variant("float", n, "float", batch=20, learning_rate=0.1, epochs=10) for n in STEPS),
)


def main() -> None:
    """Read the command line, train what is missing, draw."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--only", default=",".join(dict.fromkeys(v.group for v in VARIANTS)))
    parser.add_argument("--seeds", default="0")
    parser.add_argument("--plot-only", action="store_true")
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    rows = _read(given.out / "energy_tradeoff.json")
    if not given.plot_only:
        for seed in map(int, given.seeds.split(",")):
            for variant in VARIANTS:
                if variant.group in given.only.split(",") and not _has(rows, variant, seed):
                    rows.append(train(variant, load(DATA), seed))
                    _write(given.out / "energy_tradeoff.json", rows)
    _write(given.out / "energy_tradeoff.json", rows)
    rows = [priced(row) for row in rows]
    plot(rows, given.out / "energy_tradeoff.png")
    print(table(rows))


def priced(row: dict[str, Any]) -> dict[str, Any]:
    """The row with costs from its counts; files hold counts alone, for constants and mappings change."""
    names, row = row["activation"], BEFORE | row
    network = NetworkSpec.of(SIZES, names if isinstance(names, str) else tuple(names))
    engine = EngineSpec(**{name: row[name] for name in ("arithmetic", "learning_epoch", "sends")})
    steps = presentation_steps(network, InferenceSpec(steps=row["steps"]), learning=True, arithmetic=row["arithmetic"],
                               code=engine.messages, learning_epoch=row["learning_epoch"])  # fmt: skip
    counts = Counts(**row["counts"])
    row["costs"] = costs(network, engine, steps, counts, every_synapse=False)
    row["costs_every_synapse"] = costs(network, engine, steps, counts, every_synapse=True)
    return row


def train(variant: Variant, data: Dataset, seed: int) -> dict[str, Any]:
    """Train, measure on the test images, and count the last epoch's events."""
    network = NetworkSpec.of(SIZES, variant.activation)
    inference = InferenceSpec(steps=variant.steps, delta=variant.delta)
    engine = EngineSpec(arithmetic=variant.arithmetic, learning_epoch=variant.learning_epoch, sends=variant.sends)
    given = (initial_parameters(network, seed), inference, PlasticitySpec(learning_rate=variant.learning_rate), engine)
    options = {"batch": variant.batch, "seed": seed}
    simulator = (LeanSimulator(*given, threshold=variant.threshold, **options) if variant.threshold
                 else EagerSimulator(*given, **options))  # fmt: skip
    began, images = time.perf_counter(), data.x_train
    for epoch in range(variant.epochs):
        order = presentation_order(len(images), epoch, 1, seed)
        simulator.learn(images, order, epoch * (len(order) // variant.batch))
    seconds, counts = time.perf_counter() - began, simulator.counts
    result = measure(simulator, data.test, inference)
    mean = mean_image_mse(data.test, images.mean(axis=0, dtype=np.float64))
    row = {
        **asdict(variant), "seed": seed, "data": DATA, "sizes": SIZES, "test_images": len(data.test),
        "label": str(simulator.label), "seconds": round(seconds, 1), "mean_image_mse": mean,
        "reconstruction": result.reconstruction_mse / mean,
        "deep_reconstruction": result.deep_reconstruction_mse / mean,
        "objective_gain_nats": float(result.total[-1] - result.total[0]),
        "counts": asdict(counts),
    }  # fmt: skip
    shown = ("group", "steps", "threshold", "seed", "reconstruction", "seconds")
    print(json.dumps({key: row[key] for key in shown}), flush=True)
    return row


def costs(
    network: NetworkSpec, engine: EngineSpec, steps: Sequence[Step], counts: Counts, *, every_synapse: bool
) -> dict[str, Any]:
    """Per image on the fewest cores and on all that Lava gives out of a chip, with three sets of constants."""
    return {
        f"{target}, {place} cores": _cost(estimate(steps, mapping, counts=counts, every_synapse=every_synapse))
        for target in TARGETS for place, mapping in _mappings(network, engine, target).items()
    }  # fmt: skip


@cache
def _mappings(network: NetworkSpec, engine: EngineSpec, target: str) -> dict[str, Mapping]:
    """Cores filled one after the other, and neurons spread so that most cores of one chip have some."""
    fewest = map_network(network, target, options=options_of(network, engine), find_largest=False)
    each = next(each for each in range(1, max(network.sizes) + 1)
                if sum(-(-size // each) for size in network.sizes) <= (fewest.target.limit("cores_per_chip") or 0))
    spread = map_network(network, target, options=options_of(network, engine, neurons_per_core=each),
                         find_largest=False)  # fmt: skip
    return {"fewest": fewest, "most": spread}


def _cost(cost: Estimate) -> dict[str, Any]:
    parts = {f"{term.name}_J": term.total for term in cost.energy_terms}
    return {"cores": cost.cores, "packets": cost.packets, "energy_J": cost.energy,
            "energy_band_J": list(cost.energy_band), "static_energy_J": cost.static_energy, "time_s": cost.time,
            "time_band_s": list(cost.time_band), "label": cost.label, "unknown": list(cost.unknown),
            **parts}  # fmt: skip


def _has(rows: list[dict[str, Any]], variant: Variant, seed: int) -> bool:
    wanted = json.loads(json.dumps({**asdict(variant), "seed": seed}))
    return any(all((BEFORE | row).get(key) == value for key, value in wanted.items()) for row in rows)


def _read(path: Path) -> list[dict[str, Any]]:
    return json.loads(path.read_text())["rows"] if path.exists() else []


def _write(path: Path, rows: list[dict[str, Any]]) -> None:
    published = [asdict(row) for row in published_learners()]
    counted = [{key: value for key, value in row.items() if not key.startswith(("costs", "counts_"))} for row in rows]
    path.write_text(json.dumps({"basis": "counted while learning; not run on a chip", "rows": counted,
                                "published": published}, indent=1) + "\n")  # fmt: skip


if __name__ == "__main__":
    main()
