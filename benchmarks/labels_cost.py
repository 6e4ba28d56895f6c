"""What learning with labels costs: time beside BLAS, events and modelled energy per image beside published learners.

At the start of training and at its end, on images that the run has learned
from, and for the whole of the first and the last epoch. Energies are event
counts times published constants; nothing is run on a chip.

    python benchmarks/labels_cost.py RUN [--images 2000]      (a run of train --recipe labels)
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import asdict
from typing import Any

import numpy as np

from neuro_bpdl.bench.floors import blas_seconds, update_seconds
from neuro_bpdl.description.projections import Way
from neuro_bpdl.engines.registry import simulator_of
from neuro_bpdl.hardware.counts import presentation_steps
from neuro_bpdl.hardware.energy import estimate
from neuro_bpdl.hardware.mapping import map_network
from neuro_bpdl.hardware.options import options_of
from neuro_bpdl.hardware.published import published_learners
from neuro_bpdl.kernels.events import Counts, counts_of_messages
from neuro_bpdl.kernels.factory import learning_program, make_network
from neuro_bpdl.kernels.fixed.quantize import reachable
from neuro_bpdl.training.answers import judge_answers
from neuro_bpdl.training.labelled import labelled_start, learned_rows
from neuro_bpdl.training.run_dir import RunDir

TARGET = "loihi2"
BLOCK, PRODUCTS = 1000, 100  # images between two turns of BLAS, and the images of such a turn
EPOCHS = (("first", "start", False), ("last", "end", True))


def main() -> None:
    """Print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("run")
    parser.add_argument("--images", type=int, default=2000, help="of which events are counted")
    given = parser.parse_args()
    run = RunDir.open(given.run)
    spec = run.config.spec
    rows = learned_rows(spec, run.matching(run.dataset()))
    stages = {"start": labelled_start(spec, rows).params, "end": run.checkpoint().params}
    found = {name: _stage(run, params, rows[: given.images]) for name, params in stages.items()}
    program = learning_program(spec.engine, run.config.network, 1)
    answered = judge_answers(run, run.dataset())
    print(json.dumps({
        "run": given.run, "images": given.images, "sizes": run.config.network.sizes, "target": TARGET,
        **answered.label.to_dict(), "data": run.data, "test_accuracy": answered.accuracy,
        "best_blas_float32_us": 1e6 * blas_seconds(program),
        "best_blas_updates_us": 1e6 * update_seconds(program), "time_steps": len(program), **found,
        "epochs": {name: _epoch(run, stages[end], rows, last) for name, end, last in EPOCHS},
        "basis": "modelled: counts times constants; not measured on a chip",
        "published": [asdict(row) for row in published_learners() if row.energy_mj is not None],
    }, indent=1))  # fmt: skip


def _epoch(run: RunDir, params: Any, rows: Any, last: bool) -> dict[str, float]:
    """One epoch of all images by the run's own engine, encoding included, in blocks between which BLAS has its turn.

    So both meet the same machine, whatever else it does: means, not the best of many. BLAS forms the currents, and
    besides them the weight changes of every image, as a network of its products that learns has to.
    """
    spec, took, currents, changes = run.config.spec, 0.0, 0.0, 0.0
    program = learning_program(spec.engine, run.config.network, 1)
    share = 1 / spec.training.epochs if last and spec.training.falling else 1
    engine = simulator_of(spec, params, reachable(run.config.network, spec.plasticity.scaled(share)))
    engine.learn(rows, np.arange(10), 0)  # compiles
    order = np.random.default_rng(0).permutation(len(rows))
    for at in range(0, len(order), BLOCK):
        began = time.perf_counter()
        engine.learn(rows, order[at : at + BLOCK], 10 + at)
        took += time.perf_counter() - began
        currents += blas_seconds(program, 1, PRODUCTS) * len(order[at : at + BLOCK])
        changes += update_seconds(program, 1, PRODUCTS) * len(order[at : at + BLOCK])
    mean, floor, update = (1e6 * seconds / len(rows) for seconds in (took, currents, changes))
    return {
        "images": len(rows), "us_per_image": mean, "blas_float32_us": floor, "blas_updates_us": update,
        "times_blas": mean / floor, "times_blas_with_updates": mean / (floor + update),
    }  # fmt: skip


def _stage(run: RunDir, params: Any, rows: Any) -> dict[str, Any]:
    spec, network = run.config.spec, run.config.network
    plasticity = reachable(network, spec.plasticity.scaled(1 / spec.training.epochs))
    program = learning_program(spec.engine, network, 1)
    kernel: Any = make_network(spec.engine, params, spec.inference, plasticity, program, batch=1, seed=1)
    feeds = kernel.to_feed(rows)
    kernel.present(0, feeds[:1])  # compiles, and carries what the start left in tags
    messages, quiet, learned, took = kernel.messages, 0, 0.0, 0.0
    for k, feed in enumerate(feeds[:, None], start=1):
        began = time.process_time()
        kernel.present(k, feed)
        took += time.process_time() - began
        swings = {i: kernel.state.of_projection(kernel.state.current, i)[0] for i in program.description.of_way(Way.UP)}
        quiet += not any(swing.any() for swing in swings.values())
        learned += _learned(kernel, swings)
    counts = counts_of_messages(kernel.messages - messages, program.description, len(rows), len(program))
    sparse = Counts(counts.synaptic_operations, learned / len(rows), counts.neuron_updates, counts.spikes,
                    counts.time_steps)  # fmt: skip
    return {
        "presentations_without_swing": quiet / len(rows), "processor_us_per_image": 1e6 * took / len(rows),
        "synaptic_operations": counts.synaptic_operations,
        "learning_updates": counts.learning_updates, "learning_updates_that_change_something": sparse.learning_updates,
        "energy_mJ": _energy(network, spec, counts), "energy_mJ_if_only_those_cost": _energy(network, spec, sparse),
    }  # fmt: skip


def _learned(kernel: Any, swings: dict[int, Any]) -> float:
    """Synapses of F with a presynaptic spike and a V̇."""
    total = 0.0
    for i, swing in swings.items():
        source = kernel.projections[i].source
        own = kernel.program.description.into(source, Way.UP)
        sent = kernel.state.of_projection(kernel.state.held, own[0]) if own else kernel.layers[0].soma
        total += (1 + np.count_nonzero(sent)) * np.count_nonzero(swing)
    return total


def _energy(network: Any, spec: Any, counts: Counts) -> float:
    steps = presentation_steps(network, spec.inference, True, code=spec.engine.messages)
    mapping = map_network(network, TARGET, options=options_of(network, spec.engine))
    return 1e3 * estimate(steps, mapping, counts=counts).energy


if __name__ == "__main__":
    main()
