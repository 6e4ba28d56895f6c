"""Engines that run phase programs: eager and Lava share everything but who steps the kernels."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.backends.protocol import Label, Progress
from neuro_bpdl.errors import InvalidInput
from neuro_bpdl.kernels.events import SATURATIONS, Counts, counts_of_messages
from neuro_bpdl.kernels.layer import encode_missing
from neuro_bpdl.kernels.schedule import Program, generation_program, inference_program
from neuro_bpdl.parameters import Parameters
from neuro_bpdl.spec import EngineSpec, InferenceSpec, PlasticitySpec
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
        Sequential order or Langevin noise, which only theory has; an α that
        this network cannot have.
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
        self._params, self._plasticity = params.copy(), plasticity
        self._inference = self._checked(inference)
        self._engine, self._batch, self._seed = engine, batch, seed
        rounding = engine.rounding if engine.arithmetic == "fixed" else ""
        self.counts: Counts | None = None
        self.saturated: list[dict[str, int]] | None = None
        self.label = Label(engine.backend, engine.model, engine.arithmetic, rounding, seed)

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
        spec = self._checked(inference)
        program = inference_program(self._params.network.depth, spec.steps, clamped=missing is None)
        states = self.run(program, spec, images if missing is None else encode_missing(images, missing))
        reconstruction = states.pop()[0]
        return Inference(states[-1], states if record else [], reconstruction)

    def generate(self, top: Array, inference: InferenceSpec, rounds: int) -> list[Array]:
        """See `Simulator.generate`."""
        spec = self._checked(inference)
        states = self.run(generation_program(self._params.network.depth, spec.steps, rounds), spec, top)
        return [state[0] for state in states]

    def inpaint(self, images: Array, missing: NDArray[np.bool_], inference: InferenceSpec | None = None) -> list[Array]:
        """See `Simulator.inpaint`."""
        spec = self._checked(inference)
        program = inference_program(self._params.network.depth, spec.steps, clamped=False)
        return [state[0] for state in self.run(program, spec, encode_missing(images, missing))]

    def parameters(self) -> Parameters:
        """See `Simulator.parameters`."""
        return self._params.copy()

    def _count(self, messages: Array, saturations: Array, images: int, program: Program) -> None:
        self.counts = counts_of_messages(messages, self._params.network.sizes, images, len(program))
        if self._engine.arithmetic == "fixed" and (self._engine.backend, self._engine.model) != ("lava", "composed"):
            self.saturated = [dict(zip(SATURATIONS, map(int, layer), strict=True)) for layer in saturations]

    def _checked(self, inference: InferenceSpec | None) -> InferenceSpec:
        """The spec to use, with numbers for α."""
        spec = inference or self._inference
        _refuse_theory_only(spec)
        return resolved(spec, self._params)


def _refuse_theory_only(spec: InferenceSpec) -> None:
    if spec.order != "simultaneous":
        raise InvalidInput("inference.order", spec.order, "'simultaneous' on this backend", "or use --backend theory")
    if spec.langevin:
        raise InvalidInput("inference.langevin", spec.langevin, "0 on this backend", "or use --backend theory")
