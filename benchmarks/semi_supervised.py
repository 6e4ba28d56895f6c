"""What unlabelled images are worth: errors with few labels, beside two baselines that have the same labels.

For every number of labels: the network that learns all images and the labels
of a few (recipe semi); a classifier of the same size that learns the labelled
images alone (recipe labels-float, as many lessons, images moved as well); and
logistic regression on what the recipe generative, without labels, makes of the
labelled images, its h_1. Errors are in percent, of the last training images
unless --test; the test images are to be read once.

    python benchmarks/semi_supervised.py [--labels 100,600,1000,3000] [--seeds 0] [--epochs N] [--quick] [--test]

--quick: mnist-mini, 784-200-64.
"""

from __future__ import annotations

import argparse
import json
from typing import Any

from numpy.typing import NDArray

from neuro_bpdl.data import load
from neuro_bpdl.data.classes import labelled_rows
from neuro_bpdl.engines.registry import simulator_of
from neuro_bpdl.recipes import compose, read_recipe
from neuro_bpdl.spec import RunSpec
from neuro_bpdl.training.checkpoint import Checkpoint
from neuro_bpdl.training.labelled import learned_rows
from neuro_bpdl.training.loop import epochs, start
from neuro_bpdl.training.split import measured_labels, measured_part, training_part

Array = NDArray[Any]
LESSONS = 50_000  # that an epoch teaches: with few labels each of them often
QUICK_LESSONS = 4_000


def main() -> None:
    """Print a line for every row as it is known, and one JSON object at the end."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--labels", default="100,600,1000,3000")
    parser.add_argument("--seeds", default="0")
    parser.add_argument("--epochs", type=int, help="of all images; the recipes' unless given")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--test", action="store_true")
    given = parser.parse_args()
    rows = []
    for seed in map(int, given.seeds.split(",")):
        table = Table(quick=given.quick, test=given.test, seed=seed, epochs=given.epochs)
        for labels in map(int, given.labels.split(",")):
            rows.append(table.row(labels))
            print(json.dumps(rows[-1]), flush=True)
    about = {"data": table.data.name, "measured on": table.measured[0], "computed by": "theory float32"}
    print(json.dumps({"rows": rows, **about}))


class Table:
    """Rows of one seed; the network without labels is learned once."""

    def __init__(self, *, quick: bool, test: bool, seed: int, epochs: int | None) -> None:
        self.given = {("training", "seed"): seed} | ({} if epochs is None else {("training", "epochs"): epochs})
        self.seed, self.lessons = seed, QUICK_LESSONS if quick else LESSONS
        self.joint, self.alone = ("joint-quick", "generative-quick") if quick else ("semi", "generative")
        generative = self._spec(self.alone, {})
        self.data = load(generative.data)
        self.measured = ("test", self.data.test) if test else measured_part(self.data, generative.training)
        self.truth = self.data.labels("test") if test else measured_labels(self.data, generative.training)
        images = training_part(self.data, generative.training).x_train
        codes = simulator_of(generative, _trained(generative, images).params)
        self.codes = lambda x: codes.infer(x).h[1]

    def row(self, labels: int) -> dict[str, Any]:
        """Errors with so many labels, in percent."""
        repeat = max(1, self.lessons // labels)
        semi = self._spec(self.joint, {("training", "labelled"): labels, ("training", "repeat"): repeat})
        part = training_part(self.data, semi.training)
        rows = learned_rows(semi, part)
        told = rows[:, part.pixels :].any(axis=1)
        few, known = part.x_train[told], part.labels("train")[told]
        return {
            "labels": labels, "seed": self.seed,
            "all images, few labels": self._error(semi, rows),
            "labelled images alone": self._error(*self._plain(semi, few, known, repeat)),
            "logistic regression on h_1 without labels": self._regression(few, known),
        }  # fmt: skip

    def _plain(self, semi: RunSpec, few: Array, known: Array, repeat: int) -> tuple[RunSpec, Array]:
        """The classifier that sees labelled images alone: as large, as many lessons."""
        spec = self._spec("labels-float", {
            ("layers",): (semi.layers[0], semi.classes), ("training", "epochs"): semi.training.epochs * repeat,
            ("training", "batch"): min(semi.training.batch, len(few)),
            ("plasticity", "learning_rate"): 0.3, ("plasticity", "feedforward_rate"): 0.3,
        })  # fmt: skip
        return spec, labelled_rows(few, known, semi.classes)

    def _error(self, spec: RunSpec, rows: Array) -> float:
        net = simulator_of(spec, _trained(spec, rows).params).classify(self.measured[1])
        return round(100 * float((net.argmax(axis=1) != self.truth).mean()), 2)

    def _regression(self, few: Array, known: Array) -> float:
        from sklearn.linear_model import LogisticRegression

        model = LogisticRegression(max_iter=1000).fit(self.codes(few), known)
        return round(100 * float((model.predict(self.codes(self.measured[1])) != self.truth).mean()), 2)

    def _spec(self, recipe: str, more: dict[tuple[str, ...], Any]) -> RunSpec:
        return compose(read_recipe(recipe).fields, {**self.given, **more})


def _trained(spec: RunSpec, rows: Array) -> Checkpoint:
    checkpoint = start(spec, rows)
    for epoch in epochs(spec, rows, checkpoint):
        checkpoint = epoch.checkpoint
    return checkpoint


if __name__ == "__main__":
    main()
