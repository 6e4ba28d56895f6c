"""How often the images are seen, and what goes on beside the synapses' own learning."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from neuro_bpdl.spec.base import Spec


class TrainingSpec(Spec):
    """How often the images are seen. ``batch`` replicas share one update: their mean.

    ``validation`` is how many of the last training images are kept from
    training; every epoch is measured on them instead of on test images.
    ``limit`` is how many of the others are learned from, the first ones.

    ``homeostasis`` is after how many images F and b are scaled back to
    standard net inputs (`theory.initialisation.standardise`), at the start of
    training too; 0 never does. It is not in the paper: a unit keeps its own
    mean and gain, so that the feedforward maps can learn fast without running
    away. ``falling`` lets the learning rates fall linearly, epoch by epoch, to
    0 at the end, or in fixed point to the smallest that a literal gives.
    ``shift`` moves every image by up to so many pixels to either side and up
    or down, anew in each epoch; only a network with labels has it.

    ``labelled`` is how many of the training images carry their label, as many
    of each class, drawn by the seed; all unless given. ``repeat`` is how often
    an epoch shows each of them with its label. ``unlabelled`` is what becomes
    of the others: "untold", nobody tells a label, so that a network of labels
    alone does not see them; or "inferred", the network's own answers are their
    labels, the surest first (`training.few_labels`). A network that learns
    images too learns all images either way.

    ``start`` is where compartments start: "weights" leaves biases at 0, "data"
    gives every layer standard net inputs on the way up, blind to what no image
    shows, and its mean on the way down. ``ground`` is what silence stands for: on a "bright" one the network
    sees 1 − x, and its images come back as x; "auto" is found from the images.
    A ``batch`` of 0 follows from how many images there are.
    """

    epochs: int = Field(default=10, ge=1, le=100_000)
    batch: int = Field(default=20, ge=0, le=100_000)
    limit: int | None = Field(default=None, ge=1)
    validation: int = Field(default=0, ge=0)
    homeostasis: int = Field(default=0, ge=0)
    falling: bool = False
    shift: int = Field(default=0, ge=0, le=4)
    labelled: int | None = Field(default=None, ge=2)
    repeat: int = Field(default=1, ge=1, le=10_000)
    unlabelled: Literal["untold", "inferred"] = "untold"
    start: Literal["weights", "data"] = "weights"
    ground: Literal["dark", "bright", "auto"] = "dark"
    seed: int = Field(default=0, ge=0, lt=2**31)
