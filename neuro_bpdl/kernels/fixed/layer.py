"""One layer in Loihi's integers: payloads of 7 bits, a soma of 24 with 14 behind the point."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuro_bpdl.description.program import Program
from neuro_bpdl.description.projections import Projection, Way
from neuro_bpdl.kernels.fixed import curves, pairs, soma, spiking
from neuro_bpdl.kernels.fixed.matrix import highs, loud_on, quiet_on
from neuro_bpdl.kernels.fixed.quantize import Scheme
from neuro_bpdl.kernels.fixed.rounding import dither, matrix_number, swing_number
from neuro_bpdl.kernels.layer import LayerKernel
from neuro_bpdl.kernels.state import State
from neuro_bpdl.numbers import widths
from neuro_bpdl.spec import NetworkSpec, PlasticitySpec
from neuro_bpdl.spec.plasticity import BERNOULLI_DRAWS

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
        state: State,
        *,
        seed: int = 0,
    ) -> None:
        super().__init__(index, program, state, plasticity, seed)
        activation = program.description.populations[index].activation
        self.high = highs(network, plasticity)[index]
        self.lowest = 0 if plasticity.clips(index) else -widths.SOMA_MAX
        self.payloads = curves.payloads(activation, self.high)
        shifts = curves.slope_shifts(activation, self.high)
        self.slope_shifts = shifts if self.gated else np.zeros_like(shifts)
        self.loud, self.quiet = loud_on(self.high), quiet_on(self.high)
        self.scheme, self.saturated = scheme, Counter[str]()
        self.steps = {i: self._step(p) for i, p in self.incoming.items()}
        self._spikes = np.zeros((state.batch, self.n + 1), np.int32)

    def _step(self, projection: Projection) -> tuple[int, int]:
        """Mantissa and shift of what a score through ``projection`` moves the soma by: δ, β or λ."""
        if projection.way is Way.DOWN:
            return 1, self.nudge
        return (self.scheme.weight if projection.told else self.scheme.delta).pair

    def received(self, current: Array, branch: int, *, noisy: bool = False) -> Array:
        """Summed currents of counted spikes times what a spike of the sender is worth."""
        if self.scheme.trains is None:
            return current
        train, _ = self.scheme.trains[self.incoming[branch].source].of(noisy=noisy)
        weighed: Array = np.asarray(current, np.int32) * np.int32(train.mantissa)
        return weighed

    def encoded(self, payload: Array, *, noisy: bool, learning: bool = False) -> Array:
        """Spikes of this time step; see `spiking.spikes`."""
        if self.scheme.trains is None:
            return payload
        trains, (presentation, position) = self.scheme.trains[self.index], self._moment
        train, always = trains.of(noisy=noisy)
        step, batch = position - self._begun, len(payload)
        if step == 0:
            self.saturated["range"] += train.clipped(payload[:, : self.n])
        if learning and self.program.code.paired:
            step, moment = pairs.moment_of(step)
            if moment != pairs.SPIKE:
                return np.zeros_like(self._spikes)
        first = self.first_image + presentation * batch
        numbers = train.window, train.mantissa, train.shift, int(train.stochastic)
        for replica, one in enumerate(payload):
            selector = self.seed, self.index, first + replica, len(self.program)
            spiking.spikes(one[: self.n], numbers, selector, self._begun, step, self._spikes[replica, : self.n])
        self._spikes[:, self.n] = spiking.fires(
            trains.quiet if learning else always, spiking.ALWAYS, step, train.window, 1
        )
        return self._spikes.copy()

    def told(self, swing: Array, branch: int) -> Array:
        """V̇, or a postsynaptic spike before or after a presynaptic one; see `pairs.fire`."""
        if not self.program.code.paired:
            return swing
        presentation, position = self._moment
        _, moment = pairs.moment_of(position - self._begun)
        described, fired = self.incoming[branch], np.zeros(swing.shape, np.int32)
        number = matrix_number(described.pair, described.way is Way.DOWN)
        clock = presentation * len(self.program) + position + 1 - moment
        pairs.fire(swing[0].astype(np.int32), moment, (self.seed, number, clock), fired[0])
        return fired

    def predict(self, current: Array, branch: int) -> Array:
        """The payload of (A + offset) >> shift, from the activation's table."""
        matrix = self.scheme.matrices[branch]
        rates: Array = soma.rates_of(np.asarray(current, np.int32), matrix.offset, matrix.shift, self.payloads)
        return rates

    def scored(self, held: Array, reflected: Array, branch: int) -> Array:
        """δ (p − q), or 2^-nudge of it on an apical branch, λ of it on that of a label child, rounded."""
        difference = (held - reflected) << widths.SOMA_FRACTION_BITS
        step: Array = soma.stepped_all(difference, *self.steps[branch])
        return step

    def pulled(self, held: Array) -> Array:
        """α (r − h), rounded."""
        alpha = self.scheme.alpha[self.index - 1]
        step: Array = soma.stepped_all((held << widths.SOMA_FRACTION_BITS) - self.soma, *alpha.pair)
        return step

    def kept(self, state: Array) -> Array:
        """Clipped to 0 … 127 payloads."""
        inside = np.clip(state, 0, widths.SOMA_MAX)
        self.saturated["soma"] += int(np.count_nonzero(inside != state))
        return inside

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

    def always_on(self, *, learning: bool) -> int:
        """Loud in the currents, so that biases have room; an activity of 1 where synapses learn."""
        return self.quiet if learning else self.loud

    def swing(self, prediction: Array) -> Array:
        """h − prediction in payloads, 2^nudge times."""
        drop = widths.SOMA_FRACTION_BITS - self.nudge
        return (self.soma - (prediction << widths.SOMA_FRACTION_BITS) + (1 << (drop - 1))) >> drop

    def written(self, swing: Array, prediction: Array, branch: int, presentation: int) -> Array:
        """V̇, shifted down for φ′, in the multiples that its literal asks for, rounded stochastically."""
        bits, shift = self.scheme.literals[branch].swing_bits, self.slope_shifts[prediction]
        down = np.maximum(shift, 0)
        number = swing_number(self.incoming[branch].pair, self.incoming[branch].way is Way.DOWN)
        noise = dither(self.seed, number, presentation, swing.size, bits + curves.MAX_SLOPE_SHIFT)
        wanted = (np.abs(swing) + (noise.reshape(swing.shape) >> (curves.MAX_SLOPE_SHIFT - down))) >> down
        wanted = np.where(shift == curves.SILENT, 0, wanted)
        self.saturated["swing"] += int(np.count_nonzero(wanted > widths.TRACE_MAX))
        magnitude = np.minimum(wanted, widths.TRACE_MAX) >> bits << bits
        return np.where(swing < 0, -magnitude, magnitude)

    def risen(self, rate: Array, branch: int, presentation: int) -> Array:
        """A payload in the multiples that the literal asks for, rounded stochastically."""
        bits, number = self.scheme.literals[branch].swing_bits, swing_number(self.incoming[branch].pair, True)
        wanted = rate + dither(self.seed, number, presentation, rate.size, bits).reshape(rate.shape)
        self.saturated["swing"] += int(np.count_nonzero(wanted > widths.TRACE_MAX))
        return np.minimum(wanted, widths.TRACE_MAX) >> bits << bits

    def net_input(self, current: Array) -> Array:
        """A current inside the soma's 24 bits."""
        return np.clip(current, -widths.NET_MAX, widths.NET_MAX)

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
