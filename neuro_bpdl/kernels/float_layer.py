"""One layer in floating point."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.activations import transfer
from neuro_bpdl.kernels.layer import Compartment, LayerKernel
from neuro_bpdl.kernels.schedule import Program
from neuro_bpdl.spec import InferenceSpec, NetworkSpec, PlasticitySpec

Array = NDArray[Any]
BERNOULLI_DRAWS = 3  # Algorithm 2: "the mean of 3 Bernoulli samples"


class FloatLayer(LayerKernel):
    """Layer ``index`` with rates in the units of its activation, (batch, n) float.

    Parameters
    ----------
    index : int
        l, from 0 (visible) to L.
    batch : int
        Replicas that share the weights.
    dtype : float64 or float32
    """

    def __init__(
        self,
        index: int,
        network: NetworkSpec,
        inference: InferenceSpec,
        plasticity: PlasticitySpec,
        program: Program,
        *,
        batch: int = 1,
        seed: int = 0,
        dtype: type = np.float64,
    ) -> None:
        super().__init__(index, network.sizes[index], program, batch, seed, dtype, always_on=1)
        self.plasticity = plasticity
        self.delta, self.alpha = inference.delta, (0.0, *inference.alphas(network.depth))[index]
        self.transfer = transfer(network.activations[index])

    def predict(self, current: Array | None, compartment: Compartment) -> Array:
        """φ_l(current)."""
        return self.transfer.value(current)  # type: ignore[arg-type]

    def moved(self, reflected: Array) -> Array:
        """h + δ(p − q) + α(r − h), clipped to the range of φ."""
        moved = self.soma + self.delta * (self.basal - reflected)
        if not self.is_top:
            moved = moved + self.alpha * (self.apical - self.soma)
        return self.transfer.clip(moved)

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

    def swing(self, prediction: Array) -> Array:
        """h − prediction, times φ′ when the plasticity asks for it."""
        swing = self.soma - prediction
        return swing * self.transfer.slope(prediction) if self.plasticity.derivative else swing

    def mean_square(self, swing: Array) -> float:
        """Mean over batch and units."""
        return float((swing**2).mean())
