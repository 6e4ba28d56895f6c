"""One layer in floating point."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.description.program import Program
from neuro_bpdl.description.projections import Way
from neuro_bpdl.kernels.layer import LayerKernel
from neuro_bpdl.kernels.state import State
from neuro_bpdl.numbers.activations import transfer
from neuro_bpdl.spec import InferenceSpec, PlasticitySpec
from neuro_bpdl.spec.plasticity import BERNOULLI_DRAWS

Array = NDArray[Any]


class FloatLayer(LayerKernel):
    """Layer ``index`` with rates in the units of its activation."""

    def __init__(
        self,
        index: int,
        program: Program,
        state: State,
        inference: InferenceSpec,
        plasticity: PlasticitySpec,
        *,
        seed: int = 0,
    ) -> None:
        super().__init__(index, program, state, plasticity, seed)
        self.delta, self.alpha = inference.delta, (0.0, *inference.alphas(program.depth), 0.0)[index]
        self.beta, told = 2.0**-self.nudge, program.description.told
        self.steps = {
            i: self.beta if p.way is Way.DOWN else told.weight if told is not None and p.told else self.delta
            for i, p in self.incoming.items()
        }
        self.transfer = transfer(program.description.populations[index].activation)

    def predict(self, current: Array, branch: int) -> Array:
        """φ_l(current)."""
        return self.transfer.value(current)

    def scored(self, held: Array, reflected: Array, branch: int) -> Array:
        """δ (p − q), or β of it on an apical branch, λ of it on that of a label child."""
        return self.steps[branch] * (held - reflected)

    def pulled(self, held: Array) -> Array:
        """α (r − h)."""
        return self.alpha * (held - self.soma)

    def kept(self, state: Array) -> Array:
        """Clipped to the range of φ."""
        return self.transfer.clip(state)

    def corrupted(self, rng: np.random.Generator) -> Array:
        """Gaussian corruption, clipped where the plasticity clips, or the mean of 3 Bernoulli draws at the top."""
        if self.is_top and self.plasticity.top_noise == "bernoulli":
            draws = rng.random((BERNOULLI_DRAWS, *self.soma.shape)) < self.soma
            return draws.mean(axis=0).astype(self.soma.dtype)
        noise = rng.standard_normal(self.soma.shape).astype(self.soma.dtype)
        noisy = self.soma + self.plasticity.noise_of(self.index) * noise
        return self.transfer.clip(noisy) if self.plasticity.clips(self.index) else noisy

    def traced(self) -> Array:
        """h̃, no lower than the range of φ."""
        return self.noisy if self.plasticity.clips(self.index) else np.maximum(self.noisy, self.transfer.low)

    def always_on(self, *, learning: bool) -> float:
        """An activity of 1."""
        return 1.0

    def swing(self, prediction: Array) -> Array:
        """h − prediction in units of β, times φ′ where it is gated."""
        swing = self.soma - prediction
        if self.nudge:
            swing = swing * 2.0**self.nudge
        return swing * self.transfer.slope(prediction) if self.gated else swing

    def mean_square(self, swing: Array) -> float:
        """Mean over batch and units; of one replica summed one after the other, as its compiled loop does."""
        squares = swing**2
        return float(squares.mean() if len(swing) > 1 else np.cumsum(squares, dtype=np.float64)[-1] / squares.size)
