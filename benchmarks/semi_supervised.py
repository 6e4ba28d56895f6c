"""What unlabelled images are worth: errors with few labels, beside two baselines that have the same labels.

For every number of labels: the recipe semi, which infers the labels of all
other images; the same recipe with nobody telling or inferring these (the
labelled images alone, shown as often, moved as well); and logistic regression
on what the recipe generative, without labels, makes of the labelled images,
its h_1. Errors are in percent, of the last training images unless --test; the
test images are to be read once.

    python benchmarks/semi_supervised.py [--labels 100,600,1000,3000] [--seeds 0] [--test]
                                         [--quick] [--fixed] [--no-codes]

--quick: mnist-mini, 784-200-10, batch 20.
--fixed: in fixed point, one image at a time, with the rates of the recipe labels.
--no-codes: without logistic regression, whose network takes longest.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from typing import Any

from numpy.typing import NDArray

from neuro_bpdl.data import Dataset, load
from neuro_bpdl.engines.registry import simulator_of
from neuro_bpdl.recipes import compose, read_recipe
from neuro_bpdl.spec import RunSpec
from neuro_bpdl.training.checkpoint import Checkpoint
from neuro_bpdl.training.labelled import learned_rows
from neuro_bpdl.training.loop import epochs, start
from neuro_bpdl.training.split import measured_labels, measured_part, training_part

Array = NDArray[Any]
Coding = Callable[[Array], Array]
LESSONS = 10_000  # with a label that an epoch teaches: with few labels each of them often
QUICK_LESSONS = 2_000
QUICK = {("data",): "mnist-mini", ("layers",): (200, 10), ("training", "validation"): 500,
         ("training", "batch"): 20}  # fmt: skip


def main() -> None:
    """Print a line for every row as it is known, and one JSON object at the end."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--labels", default="100,600,1000,3000")
    parser.add_argument("--seeds", default="0")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--test", action="store_true")
    parser.add_argument("--fixed", action="store_true")
    parser.add_argument("--no-codes", action="store_true")
    given = parser.parse_args()
    rows = []
    for seed in map(int, given.seeds.split(",")):
        table = Table(quick=given.quick, test=given.test, fixed=given.fixed, codes=not given.no_codes, seed=seed)
        for labels in map(int, given.labels.split(",")):
            rows.append(table.row(labels))
            print(json.dumps(rows[-1]), flush=True)
    about = {"data": table.data.name, "measured on": table.measured[0], "computed by": table.engine}
    print(json.dumps({"rows": rows, **about}))


class Table:
    """Rows of one seed; the network without labels is learned once."""

    def __init__(self, *, quick: bool, test: bool, fixed: bool, codes: bool, seed: int) -> None:
        self.given: dict[tuple[str, ...], Any] = {("training", "seed"): seed} | (QUICK if quick else {})
        self.given |= _fixed_point() if fixed else {}
        self.seed, self.lessons = seed, QUICK_LESSONS if quick else LESSONS
        semi = self._spec(100)
        self.engine = f"{semi.engine.backend} {semi.engine.arithmetic} {semi.engine.precision}"
        self.data: Dataset = load(semi.data)
        self.part = training_part(self.data, semi.training)
        self.measured = ("test", self.data.test) if test else measured_part(self.data, semi.training)
        self.truth = self.data.labels("test") if test else measured_labels(self.data, semi.training)
        self.codes = self._coding("generative-quick" if quick else "generative") if codes else None

    def row(self, labels: int) -> dict[str, Any]:
        """Errors with so many labels, in percent."""
        semi, alone = self._spec(labels), self._spec(labels, unlabelled="untold")
        rows = learned_rows(alone, self.part)
        few, known = rows[:, : self.part.pixels], rows[:, self.part.pixels :].argmax(axis=1)
        found = {
            "labels": labels, "seed": self.seed,
            "other labels inferred": self._error(semi, learned_rows(semi, self.part)),
            "labelled images alone": self._error(alone, rows),
        }  # fmt: skip
        if self.codes is not None:
            found["logistic regression on h_1 without labels"] = self._regression(self.codes, few, known)
        return found

    def _coding(self, recipe: str) -> Coding:
        """What a network without labels, which has learned all images, makes of some: h_1."""
        generative = compose(read_recipe(recipe).fields, {("training", "seed"): self.seed})
        simulator = simulator_of(generative, _trained(generative, self.part.train_rows).params)
        return lambda x: simulator.infer(x).h[1]

    def _spec(self, labels: int, unlabelled: str = "inferred") -> RunSpec:
        few = {"labelled": labels, "repeat": max(1, self.lessons // labels), "unlabelled": unlabelled}
        return compose(read_recipe("semi").fields, {**self.given, **{("training", k): v for k, v in few.items()}})

    def _error(self, spec: RunSpec, rows: Array) -> float:
        net = simulator_of(spec, _trained(spec, rows).params).classify(self.measured[1])
        return round(100 * float((net.argmax(axis=1) != self.truth).mean()), 2)

    def _regression(self, codes: Coding, few: Array, known: Array) -> float:
        from sklearn.linear_model import LogisticRegression

        model = LogisticRegression(max_iter=1000).fit(codes(few), known)
        return round(100 * float((model.predict(codes(self.measured[1])) != self.truth).mean()), 2)


def _fixed_point() -> dict[tuple[str, ...], Any]:
    labels = read_recipe("labels").fields
    engine = {("engine", name): value for name, value in labels["engine"].items()}
    rates = {("plasticity", name): labels["plasticity"][name] for name in ("learning_rate", "feedforward_rate")}
    return {**engine, **rates, ("training", "batch"): 1}


def _trained(spec: RunSpec, rows: Array) -> Checkpoint:
    checkpoint = start(spec, rows)
    for epoch in epochs(spec, rows, checkpoint):
        checkpoint = epoch.checkpoint
    return checkpoint


if __name__ == "__main__":
    main()
