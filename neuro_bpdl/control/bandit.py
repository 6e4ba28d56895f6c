"""`Bandit`: an agent that sees an image, says a class, and hears only whether it was right (recipe B)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from neuro_bpdl.data import Dataset, presentation_order
from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.kernels.fixed import bandit as fixed
from neuro_bpdl.numbers import widths
from neuro_bpdl.numbers.literal import Literal as Rule
from neuro_bpdl.numbers.literal import literal
from neuro_bpdl.numbers.streams import Stream, stream
from neuro_bpdl.spec.base import Spec

Array = NDArray[Any]
BLOCK = 1000  # interactions between two looks at progress and Ctrl-C
STARTING_IMAGES = 500
FIRST_SPREAD, TOP_SPREAD, DOWN_SCALE = 1.0, 0.1, 0.1
HIGH = 4.0  # what the largest hidden payload stands for
MOST_ACTIONS = 1000


class BanditSpec(Spec):
    """Settings of a bandit run. The learning rate falls in steps to ``rate``/``passes`` in the last pass.

    ``teacher`` is "reward", or "label" for the supervised ceiling with all else equal.
    """

    data: str = Field(default="mnist", min_length=1)
    hidden: int = Field(default=300, ge=1, le=10_000)
    passes: int = Field(default=5, ge=1, le=1000)
    rate: float = Field(default=0.02, gt=0, le=1)
    noise: int = Field(default=12, ge=0, le=127)
    limit: int | None = Field(default=None, ge=1)
    teacher: Literal["reward", "label"] = "reward"
    seed: int = Field(default=0, ge=0, lt=2**31)


class Bandit:
    """F_1, F_2 and G in integers, and how far it has come.

    Parameters
    ----------
    spec : BanditSpec
    data : Dataset
        With labels.

    Attributes
    ----------
    tensors : name → array
        first (2, pixels + 1, H), second (2, H + 1, classes), down (2, classes, H), all int16: weights and tags.
    passes : list of dict
        Of every pass: share of rewarded choices, test accuracy.

    Raises
    ------
    InvalidInput
        Data without labels.
    """

    def __init__(self, spec: BanditSpec, data: Dataset) -> None:
        if data.y_train is None or data.y_test is None or data.x_test is None:
            raise InvalidInput("--data", data.name, "images with labels, for learning and for testing",
                               "choose mnist, mnist-mini or digits")  # fmt: skip
        self.spec = spec
        limited = data if spec.limit is None else data.limit(spec.limit)
        self._images, self._labels = _payloads(limited.x_train), np.asarray(limited.y_train, np.int64)
        self._test, self._test_labels = _payloads(data.x_test), np.asarray(data.y_test, np.int64)
        self.actions = int(max(self._labels.max(), self._test_labels.max())) + 1
        if self._labels.min() < 0 or self.actions > MOST_ACTIONS:
            raise InvalidInput("labels", f"{self._labels.min()} to {self.actions - 1}", f"0 to {MOST_ACTIONS - 1}")
        self.tensors = initial(spec, limited.x_train, self.actions)
        self.passes: list[dict[str, Any]] = []
        self.lost = np.zeros(2, np.int64)

    def learn(self, told: Callable[[int], object] | None = None) -> dict[str, Any]:
        """One pass over the images; returns what it adds to `passes`."""
        done, spec, n = len(self.passes), self.spec, len(self._images)
        order = presentation_order(n, done, 1, spec.seed)
        rules = np.array([(rule.mantissa, rule.left_shift, rule.swing_bits) for rule in rules_of(spec, done)], np.int64)
        counts, mode = np.zeros(3, np.int64), fixed.GATED if spec.teacher == "reward" else fixed.SUPERVISED
        for begin in range(0, n, BLOCK):
            fixed.interact(
                self._images, self._labels, order[begin : begin + BLOCK], self.tensors["first"],
                self.tensors["second"], self.tensors["down"], rules, spec.noise, mode, spec.seed, done * n + begin,
                self.lost, counts,
            )  # fmt: skip
            if told is not None:
                told(done * n + min(begin + BLOCK, n))
        line = {
            "pass": done + 1, "interactions": (done + 1) * n, "rewarded": float(counts[fixed.REWARDED] / n),
            "silent": float(counts[fixed.SILENT] / n), "test_accuracy": self.accuracy(),
        }  # fmt: skip
        self.passes.append(line)
        return line

    def predict(self, images: Array) -> NDArray[np.int64]:
        """The class of every image without noise; images (N, pixels) in [0, 1]."""
        found: NDArray[np.int64] = fixed.best_actions(_payloads(images), self.tensors["first"], self.tensors["second"])
        return found

    def accuracy(self) -> float:
        """Share of the test images that it names."""
        found = fixed.best_actions(self._test, self.tensors["first"], self.tensors["second"])
        return float((found == self._test_labels).mean())


def rules_of(spec: BanditSpec, done: int) -> tuple[Rule, Rule]:
    """The literals of F_1 and of F_2 and G in the pass after ``done``; raises InvalidInput where none is near."""
    rate = spec.rate * (1 - done / spec.passes)
    return (
        literal("F_1", rate, unit_exponent=widths.UNIT_EXPONENT, high_post=HIGH * 2.0**-fixed.HIDDEN_GAIN),
        literal("F_2", rate, unit_exponent=fixed.OUTPUT_UNIT, high_pre=HIGH),
    )


def initial(spec: BanditSpec, images: Array, actions: int) -> dict[str, Array]:
    """Net inputs of mean 0 and spread 1 (top: 0.1, so that all outputs start at ½) on the first images."""
    x = np.asarray(images[:STARTING_IMAGES], np.float64)
    up, down = stream(spec.seed, Stream.INITIAL_F), stream(spec.seed, Stream.INITIAL_G)
    first, bias = _standard(up.standard_normal((x.shape[1], spec.hidden)), x, FIRST_SPREAD)
    hidden = np.clip(x @ first + bias, 0, HIGH)
    second, top_bias = _standard(up.standard_normal((spec.hidden, actions)), hidden, TOP_SPREAD)
    back = down.standard_normal((actions, spec.hidden)) * np.sqrt(1 / actions) * DOWN_SCALE
    quiet = fixed.QUIET * HIGH / widths.PAYLOAD_MAX
    return {
        "first": _stored(np.vstack((first, bias)), widths.UNIT_EXPONENT),
        "second": _stored(np.vstack((second, top_bias / quiet)), fixed.OUTPUT_UNIT),
        "down": _stored(back, fixed.OUTPUT_UNIT),
    }


def _standard(weights: Array, inputs: Array, spread: float) -> tuple[Array, Array]:
    net = inputs @ weights
    scale = spread / np.maximum(net.std(axis=0), 1e-9)
    return weights * scale, -scale * net.mean(axis=0)


def _stored(weights: Array, unit: int) -> Array:
    """(2, pre, post) int16: weights and what is left of them in tags."""
    total = np.rint(weights * 2.0**unit * widths.CARRY).astype(np.int64)
    whole = np.clip((total + widths.CARRY_THRESHOLD) >> widths.CARRY_BITS, widths.WEIGHT_MIN, widths.WEIGHT_MAX)
    rest = np.clip(total - (whole << widths.CARRY_BITS), -widths.CARRY_THRESHOLD, widths.CARRY_THRESHOLD)
    return np.stack((whole, rest)).astype(np.int16)


def _payloads(images: Array) -> Array:
    return np.ascontiguousarray(np.rint(np.asarray(images) * widths.PAYLOAD_MAX), np.int32)
