"""One layer in Loihi's integers: payloads of 7 bits, a soma of 24 with 14 behind the point."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.kernels import curves, integer, widths
from neuro_bpdl.kernels.float_layer import BERNOULLI_DRAWS
from neuro_bpdl.kernels.layer import Compartment, LayerKernel
from neuro_bpdl.kernels.literal import Literal
from neuro_bpdl.kernels.matrix import Matrix, always_on, highs
from neuro_bpdl.kernels.quantize import Scheme
from neuro_bpdl.kernels.rounding import SWING_STREAM, dither
from neuro_bpdl.kernels.schedule import Program
from neuro_bpdl.spec import NetworkSpec, PlasticitySpec

Array = NDArray[Any]
HALF = 1 << (widths.SOMA_FRACTION_BITS - 1)


class FixedLayer(LayerKernel):
    """Layer ``index`` in int32; a rate is a payload 0 … 127.

    Parameters
    ----------
    index : int
        l, from 0 (visible) to L.
    scheme : Scheme
        Weight units, δ and α, from `quantize.scheme`.
    batch : int
        Replicas that share the weights.

    Attributes
    ----------
    saturated : Counter
        How often a soma or a written V̇ was clipped; the network adds tags and weights.
    """

    def __init__(
        self,
        index: int,
        network: NetworkSpec,
        plasticity: PlasticitySpec,
        program: Program,
        scheme: Scheme,
        *,
        batch: int = 1,
        seed: int = 0,
    ) -> None:
        self.high = highs(network, plasticity)[index]
        self.lowest = 0 if plasticity.clips(index) else -widths.SOMA_MAX
        self.payloads = curves.payloads(network.activations[index], self.high)
        shifts = curves.slope_shifts(network.activations[index], self.high)
        self.slope_shifts = shifts if plasticity.derivative else np.zeros_like(shifts)
        self.always_on = always_on(self.high)
        super().__init__(index, network.sizes[index], program, batch, seed, np.int32, always_on=self.always_on)
        self.plasticity, self.scheme = plasticity, scheme
        self.saturated: Counter[str] = Counter()
        self._matrices: dict[Compartment, Matrix] = {}
        self._swing_bits: dict[Compartment, int] = {}
        if index > 0:
            self._attach(Compartment.BASAL, scheme.up[index - 1], scheme.up_literals[index - 1 : index])
        if index < network.depth:
            self._attach(Compartment.APICAL, scheme.down[index], scheme.down_literals[index : index + 1])

    def _attach(self, compartment: Compartment, matrix: Matrix, literals: tuple[Literal, ...]) -> None:
        self._matrices[compartment] = matrix
        for literal in literals:  # none in a program that does not learn
            self._swing_bits[compartment] = literal.swing_bits

    def predict(self, current: Array | None, compartment: Compartment) -> Array:
        """The payload of (A + offset) >> shift, from the activation's table."""
        matrix = self._matrices[compartment]
        rates: Array = integer.rates_of(np.asarray(current, np.int32), matrix.offset, matrix.shift, self.payloads)
        return rates

    def moved(self, reflected: Array) -> Array:
        """h + δ(p − q) + α(r − h), rounded, clipped to 0 … 127 payloads."""
        delta, alpha = self.scheme.delta, self.scheme.alpha[self.index - 1]
        soma: Array
        soma, clipped = integer.moved(self.soma, self.basal, reflected, self.apical, delta.pair, alpha.pair)
        self.saturated["soma"] += clipped
        return soma

    def corrupted(self, rng: np.random.Generator) -> Array:
        """Gaussian corruption, or the mean of 3 Bernoulli draws at the top, as a payload."""
        scale = widths.SOMA_MAX / self.high
        if self.is_top and self.plasticity.top_noise == "bernoulli":
            draws = rng.random((BERNOULLI_DRAWS, *self.soma.shape)) < self.soma / scale
            return self.rate_of(np.rint(draws.mean(axis=0) * scale).astype(np.int32))
        noise = rng.standard_normal(self.soma.shape).astype(np.float32)
        noisy = self.soma + np.rint(noise * np.float32(self.plasticity.noise_of(self.index) * scale))
        return self.rate_of(np.clip(noisy, self.lowest, widths.SOMA_MAX).astype(np.int32))

    def traced(self) -> Array:
        """h̃ where it is not negative: a trace has no sign."""
        return np.maximum(self.noisy, 0)

    def swing(self, prediction: Array) -> Array:
        """h − prediction in payloads."""
        return self.rate_of(self.soma) - prediction

    def written(self, swing: Array, prediction: Array, compartment: Compartment, presentation: int) -> Array:
        """V̇, shifted down for φ′, in the multiples that its literal asks for, rounded stochastically."""
        bits, shift = self._swing_bits[compartment], self.slope_shifts[prediction]
        down = np.maximum(shift, 0)
        number = SWING_STREAM + 2 * self.index + (compartment is Compartment.APICAL)
        noise = dither(self.seed, number, presentation, swing.size, bits + curves.MAX_SLOPE_SHIFT)
        wanted = (np.abs(swing) + (noise.reshape(swing.shape) >> (curves.MAX_SLOPE_SHIFT - down))) >> down
        wanted = np.where(shift == curves.SILENT, 0, wanted)
        self.saturated["swing"] += int(np.count_nonzero(wanted > widths.TRACE_MAX))
        magnitude = np.minimum(wanted, widths.TRACE_MAX) >> bits << bits
        return np.where(swing < 0, -magnitude, magnitude)

    def mean_square(self, swing: Array) -> float:
        """Mean over batch and units, with activity in its own units: kept by the host."""
        return self.mean_of(int((swing.astype(np.int64) ** 2).sum()), swing.size)

    def mean_of(self, squares: int, count: int) -> float:
        """The mean square of ``count`` numbers, from the sum of their squares in payloads."""
        return squares / count * (self.high / widths.PAYLOAD_MAX) ** 2

    def rate_of(self, state: Array) -> Array:
        """The nearest payload."""
        return (state + HALF) >> widths.SOMA_FRACTION_BITS

    def state_of(self, rate: Array) -> Array:
        """A payload as a soma state."""
        return rate << widths.SOMA_FRACTION_BITS
