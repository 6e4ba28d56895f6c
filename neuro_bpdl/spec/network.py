"""Which layers a network has: sizes and activations."""

from __future__ import annotations

from typing import Annotated, Any, Literal, get_args

import pydantic
from pydantic import Field

from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.spec.base import Spec
from neuro_bpdl.spec.joint import ChildSpec
from neuro_bpdl.spec.labels import NUDGE_MAX_DEEP, LabelSpec

Activation = Literal["hard-sigmoid", "sigmoid", "softplus", "tanh", "clipped-relu", "pwl-sigmoid", "pwl-softplus"]
ACTIVATIONS: tuple[str, ...] = get_args(Activation)
MAX_LAYERS = 16
MAX_UNITS = 1_000_000

Size = Annotated[int, Field(ge=1, le=MAX_UNITS)]


class NetworkSpec(Spec):
    """Layer sizes n_0 … n_L (n_0 is visible) and one activation per layer.

    Layer l's activation is φ_l in f_l (its basal compartment) and ψ_l in
    g_{l+1} (its apical compartment). With ``labels`` the top is a label
    population, and learning is told what it should say. ``child`` is a label
    population below the top, of a network that is told a label while it
    infers (`told`). On a "bright" ground the network sees 1 − x in the place
    of an image x, and engines hand images out as x again.
    """

    sizes: tuple[Size, ...] = Field(min_length=2, max_length=MAX_LAYERS)
    activations: tuple[Activation, ...]
    labels: LabelSpec | None = None
    child: ChildSpec | None = None
    ground: Literal["dark", "bright"] = "dark"

    @pydantic.model_validator(mode="after")
    def _one_activation_per_layer(self) -> NetworkSpec:
        if len(self.activations) != len(self.sizes):
            raise InvalidInput(
                "NetworkSpec.activations", self.activations, f"{len(self.sizes)} names, one per layer",
                "give one name per layer, the visible one included",
            )
        return self

    @pydantic.model_validator(mode="after")
    def _labels_have_classes_and_a_layer_to_teach(self) -> NetworkSpec:
        if self.labels is not None and (len(self.sizes) < 3 or self.sizes[-1] < 2):
            raise InvalidInput(
                "NetworkSpec.sizes", self.sizes, "pixels, one or more hidden layers, two or more classes with labels",
                "add a layer or a class",
            )  # fmt: skip
        if self.labels is not None and len(self.sizes) > 3 and self.labels.nudge > NUDGE_MAX_DEEP:
            raise InvalidInput(
                "LabelSpec.nudge", self.labels.nudge, f"0 to {NUDGE_MAX_DEEP} with two or more hidden layers",
                "a smaller nudge would be lost on its way down",
            )  # fmt: skip
        return self

    @pydantic.model_serializer(mode="wrap")
    def _as_ever(self, write: pydantic.SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Files of networks without labels, on a dark ground, stay as they were before there was anything else."""
        fields: dict[str, Any] = write(self)
        usual = {"ground": "dark", "labels": None, "child": None}
        return {name: value for name, value in fields.items() if name not in usual or value != usual[name]}

    @classmethod
    def of(
        cls,
        sizes: tuple[int, ...],
        activation: str | tuple[str, ...] = "hard-sigmoid",
        labels: LabelSpec | None = None,
    ) -> NetworkSpec:
        """The same with a single activation name spread over all layers."""
        names = (activation,) * len(sizes) if isinstance(activation, str) else tuple(activation)
        return cls(sizes=tuple(sizes), activations=names, labels=labels)

    @property
    def depth(self) -> int:
        """L, the number of hidden layers."""
        return len(self.sizes) - 1

    @property
    def pairs(self) -> int:
        """K: pairs (f, g), one for each hidden layer, and that of a label child behind them."""
        return self.depth + (self.child is not None)

    @property
    def generates(self) -> bool:
        """Whether images can be drawn from it: all but what has only been taught."""
        return self.labels is None or self.labels.generative

    @property
    def images(self) -> NetworkSpec:
        """The layers that learn images: all of them, or those below a label population."""
        if self.labels is None:
            return self
        below = {"sizes": self.sizes[:-1], "activations": self.activations[:-1], "labels": None}
        return self.model_copy(update=below)

    @property
    def taught(self) -> NetworkSpec:
        """The same layers with a top that only teaches."""
        return self.model_copy(update={"labels": LabelSpec(nudge=self.teacher.nudge)})

    @property
    def told(self) -> NetworkSpec:
        """The layers that learn images, with the label population as an observed child of their top.

        Raises
        ------
        InvalidInput
            It has not learned images and labels.
        """
        labels = self.labels
        if labels is None or not labels.generative:
            raise InvalidInput("label", "a label", "none: the network has not learned images and labels together",
                               "train one with --recipe joint")
        child = ChildSpec(activation=self.activations[-1], classes=self.sizes[-1], weight=labels.weight)
        return self.images.model_copy(update={"child": child})

    @property
    def teacher(self) -> LabelSpec:
        """How labels teach.

        Raises
        ------
        InvalidInput
            The network has none.
        """
        if self.labels is None:
            raise InvalidInput("NetworkSpec.labels", None, "a LabelSpec", "give labels=LabelSpec()")
        return self.labels
