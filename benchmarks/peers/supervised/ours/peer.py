"""This package: the recipes labels-float (theory, float32, batch 100) and labels (eager, fixed point, batch 1)."""

from __future__ import annotations

import sys
import time
from importlib.metadata import version

import numpy as np

from neuro_bpdl.data import load
from neuro_bpdl.engines.registry import simulator_of
from neuro_bpdl.recipes.composing import compose
from neuro_bpdl.recipes.reading import read_recipe
from neuro_bpdl.training.labelled import learned_rows
from neuro_bpdl.training.loop import epochs, start
from neuro_bpdl.training.split import training_part

RECIPES = {"float": "labels-float", "fixed": "labels"}
DATA = {3500: ("mnist-mini", 500), 50_000: ("mnist", 10_000)}  # by how many images there are: name, kept for validation


def main(data: str, out: str, seed: int, variant: str) -> None:
    """Train, answer after every epoch."""
    d = np.load(data)
    name, kept = DATA[len(d["x_train"])]
    given = {("training", "seed"): seed, ("training", "validation"): kept, ("data",): name}
    spec = compose(read_recipe(RECIPES[variant]).fields, given)
    part = training_part(load(name), spec.training)
    assert np.array_equal(part.x_train, d["x_train"])  # it learns from these images
    rows = learned_rows(spec, part)
    checkpoint = start(spec, rows)
    warm(spec, checkpoint, rows)
    seconds, times, validated = 0.0, [], []
    began = time.process_time()
    for epoch in epochs(spec, rows, checkpoint):
        seconds, checkpoint = seconds + time.process_time() - began, epoch.checkpoint
        times.append(seconds)
        validated.append(answers(spec, checkpoint, d["x_validation"]))
        began = time.process_time()
    sizes = "-".join(map(str, checkpoint.params.network.sizes))
    about = f"neuro-bpdl {version('neuro-bpdl')} {RECIPES[variant]} {sizes}, {len(times)} epochs"
    np.savez(out, predicted=answers(spec, checkpoint, d["x_test"]), validated=validated, times=times, seconds=seconds,
             about=about)  # fmt: skip


def warm(spec, checkpoint, rows) -> None:  # type: ignore[no-untyped-def]
    """Compiles, or loads what was compiled; peers are timed without that, too."""
    params = checkpoint.params.astype(checkpoint.params.dtype)
    simulator_of(spec, params, spec.plasticity).learn(rows, np.arange(spec.training.batch), 0)


def answers(spec, checkpoint, images):  # type: ignore[no-untyped-def]
    """Classes."""
    simulator = simulator_of(spec, checkpoint.params, spec.plasticity)
    return simulator.classify(images.astype(checkpoint.params.dtype)).argmax(axis=1)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4])
