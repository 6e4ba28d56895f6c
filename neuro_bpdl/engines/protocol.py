"""What every engine offers, so that training, generation and reports need not know which one runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.parameters import Parameters
from neuro_bpdl.spec import InferenceSpec
from neuro_bpdl.theory.inference import Inference

Array = NDArray[Any]
Progress = Callable[[int], None]


@dataclass(frozen=True)
class Label:
    """Says what computed a number; printed beside every result. ``code`` is empty where payloads are graded."""

    backend: str
    model: str
    arithmetic: str
    rounding: str
    seed: int
    code: str = ""

    def __str__(self) -> str:
        parts = [self.backend, self.model, self.arithmetic, self.rounding, self.code]
        return " ".join(part for part in parts if part) + f", seed {self.seed}"

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        fields = asdict(self)
        return fields if self.code else {name: value for name, value in fields.items() if name != "code"}


class Simulator(Protocol):
    """One network on one engine. Rates go in and out; an engine keeps its own number format."""

    label: Label

    def learn(self, images: Array, order: NDArray[np.int64], first: int, progress: Progress | None = None) -> None:
        """Present images[order] in minibatches and learn.

        Parameters
        ----------
        images : (N, n_0) in [0, 1]
            Where the top has labels, (N, n_0 + n_L): `data.classes.labelled_rows`.
        order : (M,) indices
            M is a multiple of the batch.
        first : int
            Number of the first presentation (minibatch), counted from the
            start of training: selects the noise.
        progress : callable, optional
            Called with the number of images done so far in this call.
        """

    def infer(
        self,
        images: Array,
        inference: InferenceSpec | None = None,
        *,
        missing: NDArray[np.bool_] | None = None,
        record: bool = False,
    ) -> Inference:
        """Infer the latent state of images (M, n_0); ``inference`` defaults to the training's.

        Here, in `generate` and in `inpaint` a network that has learned images and labels
        may be told labels: these stand behind the images, (M, n_0 + classes), or behind h_L.
        """

    def generate(self, top: Array, inference: InferenceSpec, rounds: int) -> list[Array]:
        """GENERATE from draws of h_L (M, n_L): the directed image and the image after every round."""

    def inpaint(self, images: Array, missing: NDArray[np.bool_], inference: InferenceSpec | None = None) -> list[Array]:
        """The images at the start, after every inference step, and after the final fill."""

    def feedforward(self, images: Array) -> list[Array]:
        """What every layer says as images (M, n_0) run up once, label population last: its net inputs.

        Returns
        -------
        list of (M, n_l), l = 0…L
            h_0 = the images, h_1 … h_{L−1}, then what `classify` returns.

        Raises
        ------
        InvalidInput
            The network has no labels.
        """

    def classify(self, images: Array) -> Array:
        """The net inputs of the label population for images (M, n_0), (M, n_L): the largest is the answer.

        Raises
        ------
        InvalidInput
            The network has no labels.
        """

    def parameters(self) -> Parameters:
        """The weights and variances now, in float64."""


def require_no_labels(params: Parameters) -> None:
    """Refuse to infer or to generate where only a teacher has been listened to.

    Raises
    ------
    InvalidInput
        The network has labels: its G has not learned images.
    """
    if not params.network.generates:
        raise InvalidInput("network", "with labels", "a network without labels here", "one with labels classifies")
