"""Engines that run phase programs: eager and Lava share everything but who steps the kernels."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.description.network import Description, describe
from neuro_bpdl.description.program import (
    Program,
    classification_program,
    generation_program,
    inference_program,
)
from neuro_bpdl.engines.protocol import Label, Progress, require_no_labels
from neuro_bpdl.engines.ranges import name_clipped
from neuro_bpdl.kernels.events import SATURATIONS, Counts, counts_of_messages
from neuro_bpdl.kernels.layer import encode_missing
from neuro_bpdl.parameters import Parameters
from neuro_bpdl.spec import EngineSpec, InferenceSpec, PlasticitySpec
from neuro_bpdl.spec.engine import require_inference
from neuro_bpdl.theory.climb import resolved
from neuro_bpdl.theory.inference import Inference

Array = NDArray[Any]
States = list[list[Array]]  # [record][layer] → (M, n_l) rates


class ProgramSimulator(ABC):
    """A `Simulator` whose every call is a phase program.

    Attributes
    ----------
    counts : Counts or None
        Events per image of the latest call.
    saturated : list of dict, l = 0…L, or None
        Numbers clipped in the latest call, by kind (`kernels.events.SATURATIONS`);
        None in float, and in the composed model, whose stock synapses do not count.

    Parameters
    ----------
    params : Parameters
        Where the weights start; copied.
    engine : EngineSpec
    batch : int
        Replicas that share an update.

    Raises
    ------
    InvalidInput
        An order, noise or batch that the engine has not; an α that this
        network cannot have.
    """

    def __init__(
        self,
        params: Parameters,
        inference: InferenceSpec,
        plasticity: PlasticitySpec,
        engine: EngineSpec,
        *,
        batch: int = 1,
        seed: int = 0,
    ) -> None:
        engine.require(inference, batch)
        self._engine, self._batch, self._seed = engine, batch, seed
        self._params, self._plasticity = params.copy(), plasticity
        self._inference = self._checked(inference)
        rounding = engine.rounding if engine.arithmetic == "fixed" else ""
        self.counts: Counts | None = None
        self.saturated: list[dict[str, int]] | None = None
        code = str(engine.messages) if engine.messages.spikes or engine.messages.changes else ""
        self.label = Label(engine.backend, engine.model, engine.number, rounding, seed, code)

    @abstractmethod
    def learn(self, images: Array, order: NDArray[np.int64], first: int, progress: Progress | None = None) -> None:
        """See `Simulator.learn`."""

    @abstractmethod
    def run(self, program: Program, inference: InferenceSpec, rates: Array) -> States:
        """Present every row of ``rates`` (M, n) once and return the recorded states as rates."""

    def infer(
        self,
        images: Array,
        inference: InferenceSpec | None = None,
        *,
        missing: NDArray[np.bool_] | None = None,
        record: bool = False,
    ) -> Inference:
        """See `Simulator.infer`."""
        require_no_labels(self._params)
        spec = self._checked(inference)
        program = inference_program(describe(self._params.network), spec.steps, clamped=missing is None)
        if not record:  # the states on the way are 15 times the memory of the last one
            program = replace(program, records=program.records[-2:])
        states = self.run(program, spec, images if missing is None else encode_missing(images, missing))
        reconstruction = states.pop()[0]
        return Inference(states[-1], states if record else [], reconstruction)

    def generate(self, top: Array, inference: InferenceSpec, rounds: int) -> list[Array]:
        """See `Simulator.generate`."""
        require_no_labels(self._params)
        spec = self._checked(inference)
        states = self.run(generation_program(describe(self._params.network), spec.steps, rounds), spec, top)
        return [state[0] for state in states]

    def inpaint(self, images: Array, missing: NDArray[np.bool_], inference: InferenceSpec | None = None) -> list[Array]:
        """See `Simulator.inpaint`."""
        require_no_labels(self._params)
        spec = self._checked(inference)
        program = inference_program(describe(self._params.network), spec.steps, clamped=False)
        return [state[0] for state in self.run(program, spec, encode_missing(images, missing))]

    def feedforward(self, images: Array) -> list[Array]:
        """See `Simulator.feedforward`."""
        program = classification_program(_labelled(self._params))
        return self.run(program, self._inference, images)[0]

    def classify(self, images: Array) -> Array:
        """See `Simulator.classify`."""
        return self.feedforward(images)[-1]

    def parameters(self) -> Parameters:
        """See `Simulator.parameters`."""
        return self._params.copy()

    def _count(self, messages: Array, saturations: Array, images: int, program: Program) -> None:
        self.counts = counts_of_messages(messages, program.description, images, len(program))
        if self._engine.arithmetic == "fixed" and self._engine.capabilities.clips:
            kinds = SATURATIONS if program.code.spikes else SATURATIONS[:-1]  # payloads have no range of trains
            self.saturated = [dict(zip(kinds, map(int, layer), strict=False)) for layer in saturations]
            if program.code.spikes:
                name_clipped(program, saturations[:, -1], images)

    def _checked(self, inference: InferenceSpec | None) -> InferenceSpec:
        """The spec to use, with numbers for α."""
        spec = inference or self._inference
        require_inference(self._engine.capabilities, spec)
        return resolved(spec, self._params, self._engine.arithmetic)


def _labelled(params: Parameters) -> Description:
    params.network.teacher  # noqa: B018 (refuses a network without labels)
    return describe(params.network)
