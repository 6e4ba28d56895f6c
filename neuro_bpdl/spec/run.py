"""One training run, complete."""

from __future__ import annotations

from pathlib import Path

import pydantic
from pydantic import Field

from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.files.toml_file import read_toml
from neuro_bpdl.spec.base import Spec
from neuro_bpdl.spec.each import one_each
from neuro_bpdl.spec.engine import EngineSpec
from neuro_bpdl.spec.generation import GenerationSpec
from neuro_bpdl.spec.inference import InferenceSpec
from neuro_bpdl.spec.labels import LabelSpec
from neuro_bpdl.spec.network import MAX_LAYERS, Activation, NetworkSpec, Size
from neuro_bpdl.spec.plasticity import PlasticitySpec
from neuro_bpdl.spec.training import TrainingSpec


class RunSpec(Spec):
    """One training run, complete: the fields of a ``--config`` file.

    With ``labels`` the last of ``layers`` is the label population, one unit for each class.
    """

    data: str = "mnist-mini"
    layers: tuple[Size, ...] = Field(default=(200, 64), min_length=1, max_length=MAX_LAYERS - 1)
    activation: Activation | tuple[Activation, ...] = "hard-sigmoid"
    labels: LabelSpec | None = None
    inference: InferenceSpec = InferenceSpec()
    plasticity: PlasticitySpec = PlasticitySpec()
    training: TrainingSpec = TrainingSpec()
    generation: GenerationSpec = GenerationSpec()
    engine: EngineSpec = EngineSpec()
    target: str | None = None

    @pydantic.model_validator(mode="after")
    def _numbers_for_every_layer(self) -> RunSpec:
        if self.inference.alpha == "variance":
            raise InvalidInput(
                "inference.alpha", "variance", "numbers while training",
                "it needs a trained network: give it to evaluate, generate or inpaint",
            )  # fmt: skip
        self.engine.require(self.inference, self.training.batch or 1)
        self.engine.require_threads(self.training.batch or 1)
        self._suits_labels()
        depth = len(self.layers)
        if self.joint:
            self._teaches(depth)
            depth -= 1  # the label population learns no images
        self.inference.alphas(depth)  # refuses another count, as the next two
        if self.plasticity.learning_rate != "auto":
            self.plasticity.rates_down(depth)
            self.plasticity.rates_up(depth)
        return self

    def _teaches(self, depth: int) -> None:
        """Refuse a network that learns images and labels without a rate for the latter."""
        if self.plasticity.teaching_rate in (None, "auto"):
            raise InvalidInput("plasticity.teaching_rate", self.plasticity.teaching_rate,
                               "a rate at which images and labels in one network are taught labels",
                               "start from --recipe joint")  # fmt: skip
        one_each("plasticity.teaching_rate", self.plasticity.teaching_rate, depth)  # type: ignore[arg-type]

    def _suits_labels(self) -> None:
        """Refuse what only a network with labels has, or cannot have."""
        if self.labels is None and self.training.shift:
            raise InvalidInput("training.shift", self.training.shift, "0 without labels", "or give labels")
        if not self.joint and self.plasticity.teaching_rate is not None:
            raise InvalidInput("plasticity.teaching_rate", self.plasticity.teaching_rate,
                               "None unless labels.generative", "start from --recipe joint")  # fmt: skip
        self._suits_few_labels()
        if self.labels is None:
            return
        if self.joint:
            self.engine.capabilities.require_joint()
        with_labels = "learning with labels"
        self.engine.capabilities.require("labels", "a table", "none", with_labels, lambda one: one.labels)
        fixed = (("engine.code", self.engine.code, "graded"), ("training.ground", self.training.ground, "dark"))
        for name, given, only in fixed:
            if given != only:
                raise InvalidInput(name, given, f"{only} with labels")
        for name in ("learning_rate", "visible_noise"):
            if getattr(self.plasticity, name) == "auto":
                raise InvalidInput(f"plasticity.{name}", "auto", "numbers with labels", "start from --recipe labels")

    def _suits_few_labels(self) -> None:
        """Refuse what only a network with labels, or with few of them, has."""
        training, mend = self.training, "start from --recipe semi"
        if training.labelled is None:
            usual = {"unlabelled": "untold"} | ({} if self.joint else {"repeat": 1})
            for name, value in usual.items():
                given, only = getattr(training, name), f"{value} unless training.labelled is given"
                if given != value:
                    raise InvalidInput(f"training.{name}", given, only, mend)
        elif self.labels is None:
            raise InvalidInput("training.labelled", training.labelled, "None without labels", mend)
        elif not self.joint and training.labelled * training.repeat < training.batch:
            raise InvalidInput("training.repeat", training.repeat, f"enough for a batch of {training.batch}",
                               f"an epoch teaches {training.labelled} labels so often")  # fmt: skip

    def network(self, visible: int) -> NetworkSpec:
        """The network for images of ``visible`` pixels."""
        network = NetworkSpec.of((visible, *self.layers), self.activation, self.labels)
        ground = self.training.ground
        return network if ground in ("dark", "auto") else network.model_copy(update={"ground": ground})

    @property
    def joint(self) -> bool:
        """Whether images and labels are learned in one network."""
        return self.labels is not None and self.labels.generative

    def require_one_task(self, argument: str) -> None:
        """Refuse what is there for a network of images, or of labels, but not for one of both.

        Raises
        ------
        InvalidInput
        """
        if self.joint:
            raise InvalidInput(argument, "images and labels in one network", "a run of either alone",
                               "train one with --recipe chip or --recipe labels")  # fmt: skip

    @property
    def classes(self) -> int:
        """Label units; 0 for a network without labels."""
        return self.layers[-1] if self.labels else 0

    @classmethod
    def from_toml(cls, path: str | Path, argument: str = "--config") -> RunSpec:
        """Read a config file, which the option or argument of that name is.

        Raises
        ------
        InvalidInput
            The file is missing, is not TOML, or has a field that is unknown
            or out of range.
        """
        return cls(**read_toml(Path(path), argument))
